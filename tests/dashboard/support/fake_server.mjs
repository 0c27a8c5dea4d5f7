// Serves dashboard/dist, the REST answers and the socket on a free loopback port, with the headers of the real server.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";

import { need } from "./need.mjs";
import { problem, routes } from "./routes.mjs";
import { PushSide } from "./push.mjs";
import { make_world } from "./world.mjs";

const { WebSocketServer } = need("ws");
const dist = new URL("../../../dashboard/dist/", import.meta.url);
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };

/** As strict as the real one: nothing inline, nothing from elsewhere. */
export const policy = "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'";

export async function start_fake_server() {
  const world = make_world();
  const push = new PushSide(world);
  const state = { sessions: new Set(), failures: [], calls: [] };
  const server = createServer((request, response) => {
    answer(request, response, { world, push, state }).catch((error) => {
      console.error("fake server:", error);
      response.writeHead(500).end();
    });
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (!signed_in(request, state)) return socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (opened) => push.accept(opened));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    world,
    push,
    calls: state.calls,
    /** The next call to a path that fits answers with this status. */
    fail_next: (fits, status) => state.failures.push({ fits, status }),
    forget_sessions: () => state.sessions.clear(),
    async stop() {
      push.cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function signed_in(request, state) {
  const id = /(?:^|;\s*)clique=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  return Boolean(id && state.sessions.has(id));
}

async function body_of(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const text = Buffer.concat(pieces).toString();
  return text ? JSON.parse(text) : undefined;
}

async function answer(request, response, { world, push, state }) {
  const url = new URL(request.url, "http://fake");
  const is_api = url.pathname.startsWith("/api/") || url.pathname.startsWith("/auth/");
  if (!is_api) return serve_file(url.pathname, response);
  const body = await body_of(request);
  state.calls.push({ method: request.method, path: url.pathname, body });
  const found = find(request, url, body, { world, push, state });
  const headers = { "Content-Type": found.status >= 400 ? "application/problem+json" : "application/json", "Cache-Control": "no-store", ...found.headers };
  response.writeHead(found.status, headers).end(found.body === undefined ? undefined : JSON.stringify(found.body));
}

function find(request, url, body, context) {
  const { state } = context;
  const failure = state.failures.findIndex((x) => x.fits.test(url.pathname));
  if (failure >= 0) return problem(state.failures.splice(failure, 1)[0].status, "unavailable", "the database does not answer", "try again in a few seconds");
  const open = url.pathname.startsWith("/auth/log") || url.pathname === "/auth/once";
  if (!open && !signed_in(request, state)) return problem(401, "unauthorized", "the session is unknown or has expired", "sign in again");
  const changes = request.method !== "GET";
  if (changes && !open && request.headers["x-csrf-token"] !== "csrf-of-the-test") return problem(403, "forbidden", "the CSRF token is missing", "reload the page");
  for (const [method, pattern, run] of routes) {
    const match = method === request.method && pattern.exec(url.pathname);
    if (match) return run({ ...context, params: match.slice(1), query: Object.fromEntries(url.searchParams), body, request });
  }
  return problem(404, "not_found", `there is no ${request.method} ${url.pathname}`, "check the address");
}

async function serve_file(path, response) {
  const name = extname(path) ? path.slice(1) : "index.html";
  const headers = { "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff" };
  try {
    const bytes = await readFile(new URL(name, dist));
    response.writeHead(200, { ...headers, "Content-Type": types[extname(name)] ?? "application/octet-stream" }).end(bytes);
  } catch {
    response.writeHead(404, headers).end();
  }
}
