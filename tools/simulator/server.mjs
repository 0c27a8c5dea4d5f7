// HTTP: the shops' admin side, bulk files, and the control API, all on one loopback port.

import fs from 'node:fs';
import http from 'node:http';

import { control } from './control.mjs';
import { answer, prepare, root_fields, throttled } from './graphql/engine.mjs';

const largest_body = 4 << 20;

export function read_body(request) {
  return new Promise((resolve, reject) => {
    const parts = [];
    let size = 0;
    request.on('data', (x) => {
      size += x.length;
      if (size <= largest_body) parts.push(x);
    });
    request.on('end', () => (size > largest_body ? resolve(null) : resolve(Buffer.concat(parts))));
    request.on('error', reject);
  });
}

export function send_json(response, status, body, headers = {}) {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': text.length, ...headers });
  response.end(text);
}

function send_text(response, status, text, headers = {}) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end(text);
}

const html = '<!DOCTYPE html><html><head><title>Something went wrong</title></head><body><h1>There is a problem loading this page</h1></body></html>';

/** Lets a fault spoil an exchange. @returns true when the normal answer must not be sent. */
function spoil(world, fault, request, response, body) {
  switch (fault?.kind) {
    case undefined: return false;
    case 'drop':
      request.socket.destroy();
      return true;
    case '429':
      send_json(response, 429, { errors: 'Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.' }, { 'retry-after': '2.0' });
      return true;
    case '5xx':
      response.writeHead(503, { 'content-type': 'application/json', 'content-length': 0 });
      response.end();
      return true;
    case 'html':
      send_text(response, 200, html, { 'content-type': 'text/html; charset=utf-8' });
      return true;
    case 'truncated': {
      const text = Buffer.from(JSON.stringify(body ?? {}));
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': text.length });
      response.write(text.subarray(0, Math.floor(text.length / 2)), () => request.socket.destroy());
      return true;
    }
    case 'timeout_after_apply': {
      const timer = setTimeout(() => request.socket.destroy(), fault.ms);
      request.socket.once('close', () => clearTimeout(timer));
      return true;
    }
    default: return false;
  }
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function graphql(world, shop, asked, request, response) {
  const raw = await read_body(request);
  if (raw === null) return send_json(response, 413, { errors: 'Request Entity Too Large' });
  const version = world.serve(asked);
  if (!version) return send_json(response, 404, { errors: 'Not Found' });
  const headers = { 'x-shopify-api-version': version };
  let body;
  try {
    body = JSON.parse(raw.toString('utf8'));
  } catch {
    return send_json(response, 400, { errors: 'Bad Request: the body is not JSON' }, headers);
  }
  const { operation } = typeof body?.query === 'string' ? prepare(body.query, body.variables, { shop, world, scopes: new Set(), version }, body.operationName) : {};
  const names = operation ? root_fields(operation) : ['(invalid)'];
  const fault = world.faults.strike('graphql', shop.domain, names.join(' '));
  if (fault?.kind === 'revoked') world.oauth.revoke(shop.domain);
  const admitted = world.oauth.admit(shop.domain, request.headers['x-shopify-access-token']);
  world.record(shop.domain, operation?.kind, admitted.scopes ? names : [`(refused ${admitted.status})`]);
  if (!admitted.scopes) return send_json(response, admitted.status, admitted.body, headers);
  if (fault?.kind === 'delay') await wait(fault.ms);
  if (['drop', '429', '5xx', 'html'].includes(fault?.kind)) return spoil(world, fault, request, response);
  const bucket = world.bucket(shop);
  if (fault?.kind === 'throttled') return send_json(response, 200, throttled(bucket.size / 2, { status: () => ({ ...bucket.status(), currentlyAvailable: 0 }) }), headers);
  const result = answer(body, { shop, world, scopes: admitted.scopes, version }, bucket);
  if (spoil(world, fault, request, response, result)) return undefined;
  return send_json(response, 200, result, headers);
}

async function token(world, shop, request, response) {
  const raw = await read_body(request);
  const text = raw?.toString('utf8') ?? '';
  let form;
  try {
    form = (request.headers['content-type'] ?? '').includes('json') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
  } catch {
    return send_json(response, 400, { error: 'invalid_request', error_description: 'The body is not JSON' });
  }
  const kind = { refresh_token: 'token refresh' }[form.grant_type] ?? (form.grant_type ? 'token exchange' : 'token code');
  world.record(shop.domain, 'mutation', [kind]);
  const fault = world.faults.strike('token', shop.domain, kind);
  if (fault?.kind === 'delay') await wait(fault.ms);
  if (['drop', '429', '5xx', 'html'].includes(fault?.kind)) return spoil(world, fault, request, response);
  if (fault?.kind === 'revoked') return send_json(response, 400, { error: 'invalid_grant', error_description: 'The refresh token is invalid, expired or was already used' });
  const { status, body } = world.oauth.token(shop.domain, form);
  if (spoil(world, fault, request, response, body)) return undefined;
  return send_json(response, status, body);
}

function authorize(world, shop, url, response) {
  const { redirect, status, text } = world.oauth.authorize(shop.domain, url.searchParams);
  if (!redirect) return send_text(response, status, text);
  response.writeHead(302, { location: redirect, 'content-length': 0 });
  return response.end();
}

async function bulk_file(world, url, request, response) {
  const found = world.bulk.open(url);
  if (!found.file) return send_text(response, found.status, `<?xml version='1.0'?><Error><Code>${found.text}</Code></Error>`, { 'content-type': 'application/xml' });
  const fault = world.faults.strike('bulk', found.shop.domain);
  if (fault?.kind === 'delay') await wait(fault.ms);
  if (['drop', '429', '5xx', 'html'].includes(fault?.kind)) return spoil(world, fault, request, response);
  response.writeHead(200, { 'content-type': 'application/jsonl', 'content-length': found.size });
  const end = fault?.kind === 'truncated' ? Math.max(0, Math.floor(found.size / 2)) : Infinity;
  const stream = fs.createReadStream(found.file, { end });
  stream.pipe(response, { end: fault?.kind !== 'truncated' });
  if (fault?.kind === 'truncated') stream.on('end', () => response.write('', () => request.socket.destroy()));
  request.socket.once('close', () => stream.destroy());
  return undefined;
}

function route_of() {}
async function route(world, request, response) {
  const url = new URL(request.url, 'http://sim');
  const { pathname } = url;
  if (pathname.startsWith('/_sim/')) return control(world, url, request, response);
  if (pathname.startsWith('/bulk-files/')) return bulk_file(world, url, request, response);
  const [, name, rest] = /^\/([^/]+)(\/admin\/.*)$/.exec(pathname) ?? [];
  const shop = world.shops.get(name?.toLowerCase());
  if (!shop) return send_json(response, 404, { errors: 'Not Found' });
  if (rest === '/admin/oauth/authorize' && request.method === 'GET') return authorize(world, shop, url, response);
  if (request.method === 'POST' && rest === '/admin/oauth/access_token') return token(world, shop, request, response);
  const version = /^\/admin\/api\/([^/]+)\/graphql\.json$/.exec(rest)?.[1];
  if (version && request.method === 'POST') return graphql(world, shop, version, request, response);
  if (rest === '/admin/api_permissions/current.json' && request.method === 'DELETE') {
    const admitted = world.oauth.admit(shop.domain, request.headers['x-shopify-access-token']);
    if (!admitted.scopes) return send_json(response, admitted.status, admitted.body);
    world.record(shop.domain, 'mutation', ['revoke']);
    world.uninstall(shop);
    return send_json(response, 200, {});
  }
  return send_json(response, 404, { errors: 'Not Found' });
}

/** Listens on loopback. @returns {server, port} */
export function listen(world, port) {
  const server = http.createServer((request, response) => {
    route(world, request, response).catch((error) => {
      world.log(`${request.method} ${request.url}: ${error.stack}`);
      if (response.headersSent) request.socket.destroy();
      else send_json(response, 500, { errors: 'Internal Server Error' });
    });
  });
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const got = server.address().port;
      world.base = `http://127.0.0.1:${got}`;
      resolve({ server, port: got });
    });
  });
}
