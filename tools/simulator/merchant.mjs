// Plays the merchant's browser: opens the app from the admin and follows where it is sent, through Shopify's own
// authorize page, until the app answers with something else than a redirect into the flow.

import http from 'node:http';

import { host_of } from './oauth.mjs';
import { query_signature } from './sign.mjs';

const most_steps = 12;

function get(url, headers) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, agent: false }, (response) => {
      const parts = [];
      response.on('data', (x) => parts.push(x));
      response.on('end', () => resolve({
        status: response.statusCode, location: response.headers.location ?? null, cookies: response.headers['set-cookie'] ?? [],
        text: Buffer.concat(parts).toString('utf8').slice(0, 2000),
      }));
    });
    request.on('error', reject);
    request.setTimeout(30_000, () => request.destroy(new Error('no answer within 30 s')));
  });
}

/**
 * @param body {app_url, path = '/auth/shopify', cookie?, headers?, timestamp_skew?}
 * @returns {ok, status, location, set_cookie, steps}
 */
export async function install(world, shop, body) {
  let app;
  try {
    app = new URL(body.path ?? '/auth/shopify', body.app_url);
  } catch {
    return { ok: false, error: 'app_url must be the address of the app' };
  }
  const params = {
    shop: shop.domain, host: host_of(shop.domain), timestamp: String(Math.floor(world.app_now() / 1000) + (body.timestamp_skew ?? 0)),
  };
  for (const [name, value] of Object.entries({ ...params, hmac: query_signature(world.oauth.client_secret, params) })) app.searchParams.set(name, value);
  const jar = new Map();
  const keep = (text) => jar.set(text.split('=')[0].trim(), text.split(';')[0].trim());
  if (body.cookie) body.cookie.split(';').forEach(keep);
  const steps = [];
  let url = app;
  let went_through = false;
  let answer;
  for (let i = 0; i < most_steps; ++i) {
    const own = url.origin === app.origin;
    const cookie = [...jar.values()].join('; ');
    try {
      answer = await get(url, { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) merchant', accept: 'text/html', ...(own && cookie ? { cookie } : {}), ...(own ? body.headers : {}) });
    } catch (error) {
      return { ok: false, error: `${url.origin}${url.pathname}: ${error.message}`, steps };
    }
    steps.push({ url: `${url.origin}${url.pathname}`, status: answer.status });
    if (own) answer.cookies.forEach(keep);
    if (![301, 302, 303, 307].includes(answer.status) || !answer.location) break;
    const next = new URL(answer.location, url);
    if (own && went_through) break; // the callback's own redirect is the result
    if (!own) went_through = true;
    if (next.protocol !== 'http:') break;
    url = next;
  }
  const ok = went_through && answer.status < 400 && world.oauth.installs.has(shop.domain);
  return { ok, status: answer.status, location: answer.location, set_cookie: [...jar.values()], text: answer.status >= 400 ? answer.text : undefined, steps };
}
