// A 2 KB page from our server and from nginx, both on loopback with two workers, asked by wrk.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

import { afterwards, end, temporaryFolder, until } from '../support/house.mjs';
import { median } from '../support/figures.mjs';

const seconds = 4;

async function free_port() {
  const probe = net.createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function nginx(scope, files) {
  const folder = temporaryFolder(scope);
  chmodSync(folder, 0o755);
  const port = await free_port();
  // Modules and caches of the system's nginx are not used; everything it writes is in this folder.
  const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  for (const x of scratch) mkdirSync(path.join(folder, x));
  const config = path.join(folder, 'nginx.conf');
  const user = process.getuid() === 0 ? 'user www-data;\n' : '';
  writeFileSync(
    config,
    `${user}worker_processes 2;\npid ${folder}/pid;\ndaemon off;\nerror_log stderr crit;\nevents { worker_connections 1024; }\n` +
      `http {\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  keepalive_requests 1000000000;\n  types { text/html html; }\n` +
      `  open_file_cache max=100;\n  ${scratch.map((x) => `${x}_temp_path ${folder}/${x};`).join(' ')}\n` +
      `  server { listen 127.0.0.1:${port}; root ${files}; index index.html; }\n}\n`,
  );
  const child = spawn('nginx', ['-p', folder, '-c', config, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'inherit'] });
  afterwards(scope, () => end(child));
  const url = `http://127.0.0.1:${port}/index.html`;
  await until('nginx answers', async () => (await fetch(url).catch(() => null))?.status === 200, 10);
  return url;
}

/** Requests per second and p99 in ms, as wrk counts them. */
async function wrk(url) {
  const child = spawn('wrk', ['-t1', '-c64', `-d${seconds}s`, '--latency', url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const piece of child.stdout) said += piece;
  const per_second = Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1]);
  const [, amount, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(said) ?? [];
  if (!per_second || /Non-2xx/.test(said)) throw new Error(`wrk ${url}: ${said}`);
  return { per_second, p99_ms: Number(amount) * { us: 1e-3, ms: 1, s: 1e3 }[unit] };
}

export default async function files({ scope, tools, figures, rounds }) {
  const folder = temporaryFolder(scope);
  chmodSync(folder, 0o755);
  writeFileSync(path.join(folder, 'index.html'), `<!doctype html>\n<title>bench</title>\n<p>${'linen shirt '.repeat(165)}</p>\n`, { mode: 0o644 });
  const database = await tools.postgres(scope, 1);
  const server = await tools.server(scope, database, { 'server.dashboard': folder });
  const theirs = await nginx(scope, folder);
  const ours = `${server.url}/index.html`;
  const sizes = await Promise.all([ours, theirs].map(async (x) => (await (await fetch(x)).arrayBuffer()).byteLength));
  if (sizes[0] !== sizes[1]) throw new Error(`the servers disagree about the file: ${sizes}`);

  const seen = { ours: [], nginx: [] };
  for (let round = 0; round < rounds; ++round) {
    seen.ours.push(await wrk(ours));
    seen.nginx.push(await wrk(theirs));
  }
  const of = (key, what) => median(seen[key].map((x) => x[what]));
  figures.add('static 2 KB, 64 connections', of('ours', 'per_second'), '1/s', {
    peer: { name: 'nginx', value: of('nginx', 'per_second') },
    goal: { of: 'ratio', is: '>=', than: 0.8 },
  });
  figures.add('static 2 KB, 64 connections, p99', of('ours', 'p99_ms'), 'ms', { peer: { name: 'nginx', value: of('nginx', 'p99_ms') } });
}
