// The straightforward way to take the same deliveries: fastify, the signature verified, the body parsed, one INSERT per
// request that is committed before the 200. One process, as `node server.mjs` gives.
import { createHmac, timingSafeEqual } from 'node:crypto';

import Fastify from 'fastify';
import pg from 'pg';

const [conninfo, secret, stores] = process.argv.slice(2);
const pool = new pg.Pool({ ...JSON.parse(conninfo), max: 16 });

// lz4 rather than Postgres's default for large values, which would halve this server's rate.
await pool.query(`CREATE TABLE IF NOT EXISTS peer_delivery (
  store_id bigint NOT NULL,
  topic text NOT NULL,
  webhook_id text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  body bytea COMPRESSION lz4 NOT NULL,
  PRIMARY KEY (store_id, topic, webhook_id))`);
const known = new Map(Array.from({ length: Number(stores) }, (_, i) => [`bench-${i}.myshopify.com`, i + 1]));
const insert = {
  name: 'insert',
  text: 'INSERT INTO peer_delivery (store_id, topic, webhook_id, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
};

const app = Fastify({ logger: false, bodyLimit: 1 << 20 });
app.removeContentTypeParser('application/json');
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
app.get('/', () => 'ready');
app.post('/webhooks/shopify', async (request, reply) => {
  const { headers, body } = request;
  const expected = createHmac('sha256', secret).update(body).digest();
  const got = Buffer.from(headers['x-shopify-hmac-sha256'] ?? '', 'base64');
  if (got.length !== expected.length || !timingSafeEqual(got, expected)) return reply.code(401).send();
  const store = known.get(headers['x-shopify-shop-domain']);
  if (!store) return reply.code(404).send();
  try {
    if (typeof JSON.parse(body).id !== 'number') return reply.code(400).send();
  } catch {
    return reply.code(400).send();
  }
  await pool.query({ ...insert, values: [store, headers['x-shopify-topic'], headers['x-shopify-webhook-id'], body] });
  return reply.code(200).send();
});
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`listening on http://127.0.0.1:${app.server.address().port}`);
process.once('SIGTERM', () => process.exit(0));
