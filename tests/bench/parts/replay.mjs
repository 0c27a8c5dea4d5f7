// The whole Online Retail year as signed webhooks from the simulator, as fast as we take them, and whether the ledger
// then says what the file says.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

import { drained, root, temporaryFolder, until } from '../support/house.mjs';
import { startSimulator } from '../../flow/support/processes.mjs';

const shop = 'online-retail.myshopify.com';

function find_data() {
  const folders = [process.env.CLIQUE_REAL_DATA, path.join(root, '../shared/data/real')].filter(Boolean);
  return folders.map((x) => path.join(x, 'online_retail.csv.xz')).find(existsSync);
}

/** {day: [gross, returns]} in pence straight from the file: no code of ours between. */
async function recount(file) {
  const unpack = spawn('xz', ['-dc', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const mills = {};
  let columns = null;
  for await (const line of readline.createInterface({ input: unpack.stdout })) {
    const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g).map((x) => x.replace(/,$/, ''));
    if (!columns) {
      columns = cells;
      continue;
    }
    const at = (name) => cells[columns.indexOf(name)];
    const price = at('UnitPrice');
    const [whole, fraction = ''] = price.replace('-', '').split('.');
    const worth = BigInt(at('Quantity')) * BigInt(whole + fraction.padEnd(3, '0').slice(0, 3)) * (price.startsWith('-') ? -1n : 1n);
    const day = (mills[at('InvoiceDate').slice(0, 10)] ??= [0n, 0n]);
    day[worth > 0n ? 0 : 1] += worth;
  }
  const pence = (x) => Number((x < 0n ? x - 5n : x + 5n) / 10n);
  return Object.fromEntries(Object.entries(mills).map(([day, xs]) => [day, xs.map(pence)]));
}

export default async function replay({ scope, tools, figures }) {
  const file = find_data();
  if (!file) return figures.note('replay skipped: no online_retail.csv.xz (name its folder in CLIQUE_REAL_DATA)');
  const folder = path.join(temporaryFolder(scope), 'retail');
  const converted = spawnSync(process.execPath, [path.join(root, 'tools/simulator/online_retail.mjs'), file, folder], { encoding: 'utf8' });
  if (converted.status !== 0) throw new Error(converted.stderr);

  const sim = await startSimulator(scope, ['--dataset', `online_retail=${folder}`, '--replay-by-hand', '--replay-speed', 'max', '--app-clock', 'wall', '--parallel', '64']);
  const database = await tools.postgres(scope, 0);
  const server = await tools.server(scope, database, {
    'shopify.client_id': sim.clientId,
    'shopify.client_secret': sim.clientSecret,
    'shopify.base_url': `${sim.url}/{shop}`,
  });
  const control = async (where, body) => {
    const answer = await fetch(`${sim.url}/_sim${where}`, { method: body ? 'POST' : 'GET', headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${where}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
  await control(`/shops/${shop}/install`, { app_url: server.url });
  const one = async (text) => Number((await database.sql.query(text)).rows[0].n);
  const registered = `SELECT count(*) AS n FROM webhook_subscriptions WHERE topic IN ('orders/create', 'orders/updated', 'refunds/create') AND state = 'registered'`;
  await until('webhooks are registered', async () => (await one(registered)) >= 3, 60);
  await drained(database.sql);

  const began = performance.now();
  await control('/replay', { shop, speed: 'max' });
  await until('the year is played', async () => (await control('/replay'))[0].settled, 1800, 500);
  await drained(database.sql, 900);
  const seconds = (performance.now() - began) / 1000;

  const ledger = await database.sql.query('SELECT day::text, gross_sales, returns FROM sales_days ORDER BY day');
  const ours = Object.fromEntries(ledger.rows.map((x) => [x.day, [Number(x.gross_sales), Number(x.returns)]]));
  const truth = await recount(file);
  const days = [...new Set([...Object.keys(ours), ...Object.keys(truth)])];
  const wrong = days.filter((x) => String(ours[x] ?? [0, 0]) !== String(truth[x] ?? [0, 0]));
  figures.note(`${await one('SELECT count(*) AS n FROM orders')} orders; ${days.length - wrong.length} of ${days.length} days equal the recount of the file to the penny`);
  for (const x of wrong.slice(0, 5)) figures.note(`  ${x}: ledger ${ours[x]}, file ${truth[x]}`);
  figures.add('replay of the Online Retail year', seconds, 's');
  if (wrong.length) throw new Error(`${wrong.length} days of the ledger differ from the file`);
}
