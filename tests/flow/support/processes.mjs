// The real binary and the simulated platform as child processes on loopback; whoever starts one ends it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const binary = process.env.CLIQUE_BINARY ?? path.join(root, 'build/dev/clique');

const endings = new WeakMap();

/** Runs *what* after the test, the last one first: a server ends before its platform, and both before their folder goes. */
export function afterwards(t, what) {
  if (!endings.has(t)) {
    endings.set(t, []);
    t.after(async () => {
      for (const ending of endings.get(t).reverse()) await ending();
    });
  }
  endings.get(t).push(what);
}

/** A folder that is gone after the test. */
export function temporaryFolder(t) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'clique-flow-'));
  afterwards(t, () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return folder;
}

/** Resolves with the first stdout line that *matches*; rejects when the process ends before, with what it said. */
export function lineOf(child, matches) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (x) => (said = (said + x).slice(-8000)));
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      const found = matches(line);
      if (found) resolve(found);
    });
    child.once('exit', (code, signal) => reject(new Error(`ended with ${code ?? signal} before it was ready:\n${said}`)));
  });
}

/** Ends a child by its pid and waits for its end. */
export async function end(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** Starts clique-sim; answers {url, clientId, clientSecret, child}. */
export async function startSimulator(t, args = []) {
  const child = spawn(process.execPath, [path.join(root, 'tools/simulator/main.mjs'), '--port', '0', '--exit-with-parent', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  afterwards(t, () => end(child));
  const ready = await lineOf(child, (line) => (line.startsWith('{') ? JSON.parse(line) : null));
  return {
    child,
    url: `http://127.0.0.1:${ready.port}`,
    clientId: ready.client_id,
    clientSecret: ready.client_secret,
  };
}

/** Settings of a server that talks to *simulator*, as --set flags. */
export function settings(simulator, dataDir, more = {}) {
  const all = {
    'server.port': 0,
    'database.data_dir': dataDir,
    'shopify.client_id': simulator.clientId,
    'shopify.client_secret': simulator.clientSecret,
    'shopify.base_url': `${simulator.url}/{shop}`,
    ...more,
  };
  return Object.entries(all).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
}

/** Runs one command of the binary to its end. */
export function run(args, options = {}) {
  return spawnSync(binary, args, { encoding: 'utf8', timeout: 120_000, ...options });
}

/** Starts `clique serve`; answers {url, child, log()}. The port may differ at every start. */
export async function startServer(t, flags) {
  const child = spawn(binary, ['serve', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  afterwards(t, () => end(child, 'SIGKILL'));
  let log = '';
  child.stderr.on('data', (x) => (log = (log + x).slice(-200_000)));
  const url = await lineOf(child, (line) => /listening on (\S+)/.exec(line)?.[1]);
  return { child, url, log: () => log };
}
