// Shopify's side of OAuth: authorization codes, expiring offline tokens with rotating refresh tokens, token exchange.

import { query_signature, random_hex, read_session_token, session_token } from './sign.mjs';

const access_life = 3600; // seconds [changelog: expiring offline access tokens]
const refresh_life = 7_776_000; // 90 days
const code_life = 600; // not documented; long enough for a redirect

const grant_exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const id_token = 'urn:ietf:params:oauth:token-type:id_token';
const offline = 'urn:shopify:params:oauth:token-type:offline-access-token';
const online = 'urn:shopify:params:oauth:token-type:online-access-token';

const known_scopes = new Set([
  'products', 'inventory', 'locations', 'orders', 'all_orders', 'discounts', 'customers', 'reports', 'fulfillments', 'price_rules',
].flatMap((x) => [`read_${x}`, `write_${x}`]));

const refused = (status, error, error_description) => ({ status, body: { error, error_description } });

export class OAuth {
  /** @param now () => ms, the clock that the app under test goes by */
  constructor({ client_id, client_secret, all_orders = true, now, changed = () => {} }) {
    this.client_id = client_id;
    this.client_secret = client_secret;
    this.all_orders = all_orders;
    this.now = now;
    this.changed = changed;
    this.codes = new Map();
    this.installs = new Map(); // shop domain -> {scopes, access, refresh, previous, ...}
  }

  /** Scopes that a merchant would grant out of a comma separated wish. */
  grant(wish) {
    const result = wish.split(/[,\s]+/).filter((x) => known_scopes.has(x));
    return this.all_orders ? result : result.filter((x) => !x.endsWith('all_orders'));
  }

  /** The authorize page: the merchant agrees at once. @returns {redirect} or {status, text} */
  authorize(shop, query) {
    if (query.get('client_id') !== this.client_id) return { status: 400, text: 'Oauth error invalid_request: The client_id is unknown' };
    let back;
    try {
      back = new URL(query.get('redirect_uri'));
    } catch {
      return { status: 400, text: 'Oauth error invalid_request: The redirect_uri is not whitelisted' };
    }
    const wish = (query.get('scope') ?? '').split(/[,\s]+/).filter(Boolean);
    const unknown = wish.filter((x) => !known_scopes.has(x));
    if (unknown.length) return { status: 400, text: `Oauth error invalid_scope: The access scope is invalid: ${unknown.join(', ')}` };
    const code = random_hex(16);
    this.codes.set(code, {
      shop, scopes: this.grant(wish.join(',')), online: query.getAll('grant_options[]').includes('per-user'), at: this.now(),
    });
    const params = {
      code, host: host_of(shop), shop, state: query.get('state') ?? '', timestamp: String(Math.floor(this.now() / 1000)),
    };
    for (const [name, value] of Object.entries({ ...params, hmac: query_signature(this.client_secret, params) }))
      back.searchParams.set(name, value);
    return { redirect: back.toString() };
  }

  /** POST /admin/oauth/access_token. @returns {status, body} */
  token(shop, form) {
    if (form.client_id !== this.client_id || form.client_secret !== this.client_secret)
      return refused(400, 'application_cannot_be_found', 'Application cannot be found with API key or secret');
    if (form.grant_type === 'refresh_token') return this.refresh(shop, form);
    if (form.grant_type === grant_exchange) return this.exchange(shop, form);
    return this.redeem(shop, form);
  }

  redeem(shop, form) {
    const grant = this.codes.get(form.code);
    this.codes.delete(form.code);
    if (!grant || grant.shop !== shop || this.now() - grant.at > code_life * 1000)
      return refused(400, 'invalid_request', 'The authorization code was not found or was already used');
    return this.mint(shop, grant.scopes, expiring(form), grant.online);
  }

  exchange(shop, form) {
    if (form.subject_token_type === offline) return this.migrate(shop, form);
    if (form.subject_token_type !== id_token) return refused(400, 'invalid_request', 'subject_token_type is not supported');
    const claims = read_session_token(this.client_secret, form.subject_token, this.now() / 1000);
    if (!claims || claims.aud !== this.client_id || claims.dest !== `https://${shop}`)
      return refused(400, 'invalid_subject_token', 'The subject token is invalid');
    const install = this.installs.get(shop);
    if (!install) return refused(400, 'invalid_request', 'The app is not installed');
    return this.mint(shop, install.scopes, expiring(form), form.requested_token_type === online);
  }

  /** One-way change of a non-expiring token into an expiring one. */
  migrate(shop, form) {
    const install = this.installs.get(shop);
    if (!install || install.access !== form.subject_token || install.access_until !== null)
      return refused(400, 'invalid_subject_token', 'The subject token is invalid');
    return this.mint(shop, install.scopes, true, false);
  }

  refresh(shop, form) {
    const install = this.installs.get(shop);
    const known = install && [install.refresh, install.previous_refresh].includes(form.refresh_token) && form.refresh_token;
    if (!known || install.revoked) return refused(400, 'invalid_grant', 'The refresh token is invalid, expired or was already used');
    if (this.now() > install.refresh_until) return refused(401, 'invalid_request', 'This request requires an active refresh_token');
    // The pair that was answered before counts as used once its own refresh token comes back.
    const previous = form.refresh_token;
    return this.mint(shop, install.scopes, true, false, previous);
  }

  mint(shop, scopes, expires, per_user, previous = null) {
    const now = this.now();
    if (per_user) {
      const access = `shpua_${random_hex(16)}`;
      const install = this.installs.get(shop) ?? this.put(shop, { scopes, access: null, access_until: null, refresh: null });
      install.online = { access, until: now + 86_400_000 };
      return { status: 200, body: {
        access_token: access, scope: scopes.join(','), expires_in: 86_400, associated_user_scope: scopes.join(','),
        associated_user: { id: 902541635, first_name: 'Shop', last_name: 'Owner', email: `owner@${shop}`, email_verified: true, account_owner: true, locale: 'en', collaborator: false },
      } };
    }
    const install = this.put(shop, {
      scopes, access: `shpat_${random_hex(16)}`, access_until: expires ? now + access_life * 1000 : null,
      refresh: expires ? `shprt_${random_hex(16)}` : null, refresh_until: now + refresh_life * 1000, previous_refresh: previous, revoked: false,
    });
    const body = { access_token: install.access, scope: scopes.join(',') };
    if (!expires) return { status: 200, body };
    return { status: 200, body: { ...body, expires_in: access_life, refresh_token: install.refresh, refresh_token_expires_in: refresh_life } };
  }

  put(shop, install) {
    this.installs.set(shop, install);
    this.changed();
    return install;
  }

  /** Checks the token of an API call. @returns {scopes} or {status, body} */
  admit(shop, token) {
    const install = this.installs.get(shop);
    const unknown = { status: 401, body: { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' } };
    if (!install || !token || install.revoked) return unknown;
    if (install.online?.access === token && this.now() < install.online.until) return { scopes: new Set(install.scopes) };
    if (install.access !== token) return unknown;
    if (install.access_until === null)
      return { status: 403, body: { errors: 'Non-expiring access tokens are no longer accepted for this app. Use expiring offline access tokens.' } };
    if (this.now() >= install.access_until) return unknown;
    if (install.previous_refresh) { // the new pair is in use: the old refresh token dies
      install.previous_refresh = null;
      this.changed();
    }
    return { scopes: new Set(install.scopes) };
  }

  revoke(shop) {
    const install = this.installs.get(shop);
    if (install) install.revoked = true;
    this.changed();
  }

  expire(shop) {
    const install = this.installs.get(shop);
    if (install?.access_until) install.access_until = this.now();
    this.changed();
  }

  uninstall(shop) {
    this.installs.delete(shop);
    this.changed();
  }

  /** A JWT as App Bridge hands it to the embedded app. */
  session_token(shop, change = {}) {
    const now = Math.floor(this.now() / 1000);
    return session_token(this.client_secret, {
      iss: `https://${shop}/admin`, dest: `https://${shop}`, aud: this.client_id, sub: '902541635', exp: now + 60, nbf: now, iat: now,
      jti: random_hex(16), sid: random_hex(16), ...change,
    });
  }
}

const expiring = (form) => ['1', 1, true, 'true'].includes(form.expiring);
const host_of = (shop) => Buffer.from(`admin.shopify.com/store/${shop.split('.')[0]}`).toString('base64');
export { host_of };
