// The browser's and the platform's side of an installation, honest or not.
import { createHmac } from 'node:crypto';

/** A query as Shopify signs it: parameters sorted, HMAC in hex. *at*: seconds since 1970. */
export function signed_query(secret, values, at = Math.floor(Date.now() / 1000)) {
  const all = { timestamp: String(at), ...values };
  const message = Object.keys(all)
    .sort()
    .map((key) => `${key}=${all[key]}`)
    .join('&');
  const hmac = createHmac('sha256', secret).update(message).digest('hex');
  return new URLSearchParams({ ...all, hmac }).toString();
}

/** One GET that follows nothing. */
export async function look(url, headers = {}) {
  const answer = await fetch(url, { redirect: 'manual', headers });
  return { status: answer.status, location: answer.headers.get('location'), cookies: answer.headers.getSetCookie(), text: await answer.text() };
}

/** Goes to the app and on to the platform; answers the callback's address, which nobody has opened yet. */
export async function grant(house, shop) {
  const begun = await look(`${house.url}/auth/shopify?${signed_query(house.sim.clientSecret, { shop })}`);
  if (begun.status !== 302) throw new Error(`begin: ${begun.status} ${begun.text}`);
  const granted = await look(begun.location);
  if (granted.status !== 302) throw new Error(`grant: ${granted.status} ${granted.text}`);
  const cookie = begun.cookies.map((x) => x.split(';')[0]).join('; ');
  return { callback: granted.location, values: Object.fromEntries(new URL(granted.location).searchParams), cookie };
}
