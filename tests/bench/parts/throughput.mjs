// From the first webhook to the last committed ledger row.
import os from 'node:os';

import { drained, until } from '../support/house.mjs';
import { median } from '../support/figures.mjs';

const stores = 200;
const orders = 60_000;

export default async function throughput({ scope, tools, figures, rounds }) {
  const database = await tools.postgres(scope, stores);
  const server = await tools.server(scope, database);
  const rows = async () => Number((await database.sql.query('SELECT count(*) FROM ledger_entries')).rows[0].count);
  const commits = async () =>
    Number((await database.sql.query('SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()')).rows[0].xact_commit);
  let next = 1;
  const drive = (requests) => {
    next += requests;
    return tools.load({ port: server.port, requests, stores, connections: 64, 'first-id': next - requests });
  };
  await drive(2000);
  await drained(database.sql);

  const rates = [];
  const acks = [];
  const began_with = await commits();
  for (let round = 0; round < rounds; ++round) {
    const before = await rows();
    const sent = await drive(orders);
    // The generator makes and signs its orders before it starts its clock; ours starts with that clock.
    const began = Date.now() - sent.seconds * 1000;
    await until('all orders are in the ledger', async () => (await rows()) >= before + orders, 600, 200);
    rates.push(orders / ((Date.now() - began) / 1000));
    acks.push(sent.per_second);
    await drained(database.sql);
    if ((await rows()) !== before + orders) throw new Error(`${(await rows()) - before} ledger rows for ${orders} orders`);
  }
  const per_order = ((await commits()) - began_with) / (rounds * orders);
  figures.note(`of these, accepted (200) at ${Math.round(median(acks))}/s`);
  figures.add('webhook to committed ledger row', median(rates), 'orders/s', {
    goal: { of: 'value', is: '>=', than: 3000 },
    reason: `${per_order.toFixed(2)} database transactions per order share ${os.cpus().length} cores with server and generator, load ${os.loadavg()[0].toFixed(1)}`,
  });
}
