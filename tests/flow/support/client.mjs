// A person's and a platform's side of the server's HTTP.
import { createHmac, randomUUID } from 'node:crypto';
import http from 'node:http';

/** A signed-in caller. */
export class Session {
  constructor(url, cookie, csrf, stores) {
    Object.assign(this, { url, cookie, csrf, stores });
  }

  static async login(url, email, password) {
    const answer = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    if (answer.status !== 200) throw new Error(`login: ${answer.status} ${await answer.text()}`);
    const body = await answer.json();
    return new Session(url, answer.headers.getSetCookie()[0].split(';')[0], body.csrf, body.stores);
  }

  async call(method, path, body, headers = {}) {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        cookie: this.cookie,
        'x-csrf-token': this.csrf,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      redirect: 'manual',
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : null };
  }

  /** GET that must succeed. */
  async get(path) {
    const answer = await this.call('GET', path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** All items of a paged view. */
  async all(path) {
    const items = [];
    for (let cursor = ''; cursor !== null; ) {
      const page = await this.get(`${path}?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      items.push(...page.items);
      cursor = page.next;
    }
    return items;
  }
}

export function sign(secret, body) {
  return createHmac('sha256', secret).update(body).digest('base64');
}

/** Sends deliveries over kept-alive connections as the platform does. */
export class Sender {
  constructor(secret, connections = 16) {
    this.secret = secret;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Answers {status} or {error}: what the sender knows. */
  send(url, shop, topic, body, headers = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return new Promise((resolve) => {
      const request = http.request(
        `${url}/webhooks/shopify`,
        {
          method: 'POST',
          agent: this.agent,
          timeout: 10_000,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
            'x-shopify-topic': topic,
            'x-shopify-shop-domain': shop,
            'x-shopify-hmac-sha256': sign(this.secret, text),
            'x-shopify-webhook-id': randomUUID(),
            'x-shopify-api-version': '2026-10',
            ...headers,
          },
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers }));
          answer.on('error', (error) => resolve({ error }));
        },
      );
      request.on('timeout', () => request.destroy(new Error('no answer within 10 s')));
      request.on('error', (error) => resolve({ error }));
      request.end(text);
    });
  }

  close() {
    this.agent.destroy();
  }
}

/** Asks again until *probe* gives something; rejects with what it last saw after *seconds*. */
export async function eventually(what, probe, seconds = 60) {
  const until = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > until) throw new Error(`${what}: not within ${seconds} s (last: ${last})`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
