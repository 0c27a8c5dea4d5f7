// Arguments -> world -> server -> signal.

import { DataProblem } from './csv.mjs';
import { help, parse_options } from './options.mjs';
import { listen } from './server.mjs';
import { World } from './world.mjs';

const say = (text) => process.stderr.write(`clique-sim: ${text}\n`);

const { options, problems } = parse_options(process.argv.slice(2));
if (problems) {
  problems.forEach(say);
  say('see --help');
  process.exit(2);
}
if (options.help) {
  process.stdout.write(help);
  process.exit(0);
}

const world = new World(options, say);
let server = null;

function end(status = 0) {
  world.stop();
  server?.close();
  server?.closeAllConnections?.();
  process.exit(status);
}

process.on('SIGTERM', () => end());
process.on('SIGINT', () => end());
if (options.exit_with_parent) process.stdin.on('end', () => end()).on('error', () => end()).resume();

try {
  await world.populate();
  const listening = await listen(world, options.port);
  server = listening.server;
  process.stdout.write(`${JSON.stringify({
    ready: true, port: listening.port, client_id: world.oauth.client_id, client_secret: world.oauth.client_secret, shops: [...world.shops.keys()],
  })}\n`);
} catch (error) {
  if (error instanceof DataProblem) say(error.message);
  else if (error.code === 'EADDRINUSE') say(`port ${options.port} is in use; choose another with --port`);
  else say(error.stack);
  end(1);
}
