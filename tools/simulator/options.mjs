// The command line.

import { parseArgs } from 'node:util';

export const help = `clique-sim: Shopify's side of the wire, for development and tests.

Usage: clique-sim [options]

Prints one JSON line {"ready":true,"port":N,"client_id":..,"client_secret":..,"shops":[..]} on stdout when it listens
(loopback only); everything else goes to stderr. SIGTERM or SIGINT ends it. The platform's base URL for an app is
http://127.0.0.1:PORT/{shop}; the control API under /_sim/ is described in README.md next to this program.

Shops
  --shops a,b               generated shops a.myshopify.com, b.myshopify.com (default: demo-store; none with --dataset)
  --dataset NAME=DIR        replay a dataset folder as NAME.myshopify.com (underscores become dashes); may be repeated
  --seed N                  everything generated follows from it (default 7)
  --rate N                  orders per hour and shop, on average over a day (default 12; 0 for none)
  --days-of-history N       orders before the start, only to be had by API (default 0)

Time
  --origin RFC3339          simulated now at the start (default: the real now)
  --speed N                 simulated seconds per second (default 1); "max": replays as fast as the app answers
  --replay-speed N|max      speed of replays when it is not that of the rest
  --replay-by-hand          replays wait for POST /_sim/replay; else they start once orders/create is subscribed to
  --manual-clock            time moves only by POST /_sim/clock
  --app-clock sim|wall      clock of tokens, OAuth timestamps and the rate limit: simulated (default) or real

App
  --client-id ID            default: made up and printed
  --client-secret SECRET    likewise
  --api-version V           version of app-specific webhooks (default 2026-10)
  --app-webhook-url URL     where app-specific and privacy topics go
  --app-topics a/b,c/d      app-specific topics (default app/uninstalled)
  --no-all-orders           read_all_orders is not granted: only 60 days of orders are visible
  --state FILE              keep secrets, installs and subscriptions across restarts

Limits
  --graphql-rate N          points per second; the bucket holds 20 times as much (default 100)
  --parallel N              webhook deliveries in flight (default 16)
  --webhook-timeout-ms N    whole exchange of a delivery, real time (default 5000)
  --bulk-parallel N         bulk queries per shop (default 5; 1 before 2026-01)
  --lenient-bulk            allow a connection inside a list in bulk queries, which Shopify refuses

Other
  --port N                  default 0: a free one
  --exit-with-parent        end when stdin closes
  --help
`;

const kinds = {
  port: 'string', seed: 'string', 'client-id': 'string', 'client-secret': 'string', shops: 'string', speed: 'string', origin: 'string',
  rate: 'string', 'days-of-history': 'string', 'manual-clock': 'boolean', 'replay-speed': 'string', 'replay-by-hand': 'boolean',
  'app-clock': 'string', 'api-version': 'string', 'app-webhook-url': 'string', 'app-topics': 'string', 'no-all-orders': 'boolean',
  state: 'string', 'graphql-rate': 'string', parallel: 'string', 'webhook-timeout-ms': 'string', 'bulk-parallel': 'string',
  'lenient-bulk': 'boolean', 'exit-with-parent': 'boolean', help: 'boolean',
};

const shop_name = /^[a-z0-9][a-z0-9-]*(\.myshopify\.com)?$/;

/** @returns {options} or {problems: [texts]}; all faults at once. */
export function parse_options(argv) {
  const options = Object.fromEntries(Object.entries(kinds).map(([name, type]) => [name, { type }]));
  options.dataset = { type: 'string', multiple: true };
  let values;
  try {
    ({ values } = parseArgs({ args: argv, options, allowPositionals: false }));
  } catch (error) {
    return { problems: [error.message] };
  }
  const problems = [];
  const number = (name, fallback, { least = 0, most = Infinity, whole = true } = {}) => {
    if (values[name] === undefined) return fallback;
    const result = Number(values[name]);
    if (values[name] !== '' && result >= least && result <= most && (!whole || Number.isInteger(result))) return result;
    problems.push(`--${name} "${values[name]}": expected a ${whole ? 'whole ' : ''}number of at least ${least}${most < Infinity ? ` and at most ${most}` : ''}`);
    return fallback;
  };
  const speed = (name, fallback) => (values[name] === 'max' ? 'max' : number(name, fallback, { least: 0.001, whole: false }));
  const datasets = (values.dataset ?? []).map((text) => {
    const [, name, folder] = /^([A-Za-z0-9][A-Za-z0-9_-]*)=(.+)$/.exec(text) ?? [];
    if (!name) problems.push(`--dataset "${text}": expected NAME=DIR`);
    return { name, folder };
  });
  const shops = (values.shops ?? (datasets.length ? '' : 'demo-store')).split(',').map((x) => x.trim().toLowerCase()).filter(Boolean);
  for (const name of shops) if (!shop_name.test(name)) problems.push(`--shops "${name}": expected letters, digits and dashes`);
  if (new Set(shops).size < shops.length) problems.push('--shops: a name occurs twice');
  const origin = values.origin === undefined ? null : Date.parse(values.origin);
  if (Number.isNaN(origin)) problems.push(`--origin "${values.origin}": expected an RFC 3339 time`);
  if (!['sim', 'wall', undefined].includes(values['app-clock'])) problems.push(`--app-clock "${values['app-clock']}": expected sim or wall`);
  const result = {
    help: values.help ?? false, port: number('port', 0, { most: 65535 }), seed: number('seed', 7), client_id: values['client-id'] ?? null,
    client_secret: values['client-secret'] ?? null, shops, datasets, speed: speed('speed', 1), replay_speed: speed('replay-speed', null),
    replay_by_hand: values['replay-by-hand'] ?? false, origin, manual_clock: values['manual-clock'] ?? false,
    app_clock: values['app-clock'] ?? 'sim', rate: number('rate', 12, { whole: false }), days_of_history: number('days-of-history', 0),
    api_version: values['api-version'] ?? '2026-10', app_webhook_url: values['app-webhook-url'] ?? null,
    app_topics: (values['app-topics'] ?? 'app/uninstalled').split(',').filter(Boolean), all_orders: !values['no-all-orders'],
    state_file: values.state ?? null, graphql_rate: number('graphql-rate', 100, { least: 1 }), parallel: number('parallel', 16, { least: 1 }),
    webhook_timeout_ms: number('webhook-timeout-ms', 5000, { least: 1 }), bulk_parallel: number('bulk-parallel', null, { least: 1 }),
    lenient_bulk: values['lenient-bulk'] ?? false, exit_with_parent: values['exit-with-parent'] ?? false,
  };
  return problems.length ? { problems } : { options: result };
}
