// tools/bench: ours and its peers side by side in one run, medians of interleaved rounds.
//   node tests/bench/main.mjs --build build/release [--only NAME ...] [--rounds N] [--json FILE]
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { Figures } from './support/figures.mjs';

const names = ['webhook', 'static', 'live', 'stores', 'throughput', 'replay'];
const { values } = parseArgs({
  options: {
    build: { type: 'string', default: 'build/release' },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const wanted = values.only ?? names;
const unknown = wanted.filter((x) => !names.includes(x));
const rounds = Number(values.rounds);
if (values.help || unknown.length || !(Number.isInteger(rounds) && rounds > 0)) {
  console.error(`tools/bench [--only NAME] [--rounds N] [--json FILE]; names: ${names.join(', ')}; N is 1 or more`);
  process.exit(values.help ? 0 : 1);
}
process.env.CLIQUE_BINARY = path.resolve(values.build, 'clique');
// Only now: the path of the binary is read when this is loaded.
const { Scope, Tools } = await import('./support/house.mjs');

const tools = new Tools(values.build);
const figures = new Figures();
let failed = 0;
let current = null;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await current?.close();
    process.exit(1);
  });
for (const name of wanted) {
  const scope = (current = new Scope());
  figures.load(`before ${name}`);
  try {
    const { default: part } = await import(`./parts/${name}.mjs`);
    await part({ scope, tools, figures, rounds });
  } catch (error) {
    ++failed;
    console.error(`${name}: ${error.stack ?? error}`);
  } finally {
    await scope.close();
  }
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(figures.all, null, 2)}\n`);
process.exitCode = failed ? 1 : 0;
