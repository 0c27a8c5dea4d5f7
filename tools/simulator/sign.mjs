// Signatures as Shopify makes them.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const hmac = (secret, message) => createHmac('sha256', secret).update(message);

/** base64 HMAC-SHA256 of a webhook's raw body. */
export function webhook_signature(secret, body) {
  return hmac(secret, body).digest('base64');
}

/** Hex HMAC of a query: sorted key=value pairs joined with `&`, without hmac and signature. */
export function query_signature(secret, params) {
  const message = Object.keys(params)
    .filter((x) => x !== 'hmac' && x !== 'signature')
    .sort()
    .map((x) => `${x}=${params[x]}`)
    .join('&');
  return hmac(secret, message).digest('hex');
}

/** The parameters with their hmac, as a query string. */
export function signed_query(secret, params) {
  return new URLSearchParams({ ...params, hmac: query_signature(secret, params) }).toString();
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A session token (JWT, HS256) with the given claims. */
export function session_token(secret, claims) {
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${hmac(secret, signed).digest('base64url')}`;
}

/** Claims of a session token, or null when it is not ours or not valid at *now* (seconds). */
export function read_session_token(secret, token, now) {
  const [head, body, signature] = String(token).split('.');
  if (!signature) return null;
  const wanted = hmac(secret, `${head}.${body}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  try {
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    return claims.exp > now - 10 && claims.nbf <= now + 10 ? claims : null;
  } catch {
    return null;
  }
}

export const random_hex = (bytes) => randomBytes(bytes).toString('hex');
