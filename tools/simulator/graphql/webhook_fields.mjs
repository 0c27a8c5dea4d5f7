// webhookSubscriptions and its mutations.

import { number_of } from './roots.mjs';

const user_error = (field, message) => ({ field, message, code: 'INVALID' });
const payload = (name, of) => ({ shape: 'object', type: name, ...of });

/** The connection's items after its filters. */
export function found(args, ctx) {
  let items = ctx.world.subscriptions.of(ctx.shop);
  if (args.topics) items = items.filter((x) => args.topics.includes(x.topic));
  const uri = args.uri ?? args.callbackUrl;
  if (uri) items = items.filter((x) => x.uri === uri);
  return { items, key: (x) => (args.sortKey === 'CREATED_AT' ? x.created_at : 0), reverse: args.reverse ?? false };
}

function address_problem(uri) {
  if (/^(pubsub:\/\/[^:]+:.+|arn:aws:events:.+)$/.test(uri ?? '')) return 'Address is a kind of endpoint that the simulator cannot deliver to';
  let url;
  try {
    url = new URL(uri);
  } catch {
    return 'Address is invalid';
  }
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback) ? null : 'Address protocol http:// is not supported';
}

function check(topic, input, ctx, except) {
  const uri = input.uri ?? input.callbackUrl;
  const wrong = address_problem(uri);
  if (wrong) return user_error(['webhookSubscription', 'callbackUrl'], wrong);
  if (input.format && input.format !== 'JSON') return user_error(['webhookSubscription', 'format'], 'The simulator delivers JSON only');
  if (input.filter) return user_error(['webhookSubscription', 'filter'], 'The simulator does not evaluate filters');
  if (!ctx.world.subscriptions.covered(topic, ctx.scopes))
    return user_error(['topic'], 'You cannot create a webhook subscription with the specified topic');
  const taken = ctx.world.subscriptions.of(ctx.shop).some((x) => x !== except && x.topic === topic && x.uri === uri);
  return taken ? user_error(['webhookSubscription', 'callbackUrl'], 'Address for this topic has already been taken') : null;
}

const refused = (error) => ({ webhookSubscription: null, userErrors: [error] });
const accepted = (x) => ({ webhookSubscription: x, userErrors: [] });

function create(args, ctx) {
  const input = args.webhookSubscription;
  if (!ctx.world.subscriptions.known(args.topic))
    ctx.fail(`Variable $topic of type WebhookSubscriptionTopic! was provided invalid value`, { code: 'INVALID_VARIABLE', value: args.topic });
  const error = check(args.topic, input, ctx);
  if (error) return refused(error);
  return accepted(ctx.world.subscriptions.add(ctx.shop, {
    topic: args.topic, uri: input.uri ?? input.callbackUrl, include: input.includeFields ?? [], version: ctx.version,
  }));
}

const missing = user_error(['id'], 'Webhook subscription does not exist');

function update(args, ctx) {
  const one = ctx.world.subscriptions.get(ctx.shop, number_of(args.id, 'WebhookSubscription'));
  if (!one) return refused(missing);
  const input = args.webhookSubscription;
  const error = check(one.topic, { uri: one.uri, ...input }, ctx, one);
  if (error) return refused(error);
  one.uri = input.uri ?? input.callbackUrl ?? one.uri;
  one.include = input.includeFields ?? one.include;
  one.updated_at = ctx.shop.now();
  ctx.world.changed();
  return accepted(one);
}

function remove(args, ctx) {
  const id = number_of(args.id, 'WebhookSubscription');
  if (!ctx.world.subscriptions.get(ctx.shop, id)) return { deletedWebhookSubscriptionId: null, userErrors: [missing] };
  ctx.world.subscriptions.remove(ctx.shop, id);
  return { deletedWebhookSubscriptionId: args.id, userErrors: [] };
}

export const mutations = {
  webhookSubscriptionCreate: payload('WebhookSubscriptionCreatePayload', {
    get: (x, args, ctx) => create(args, ctx), args: { topic: 'WebhookSubscriptionTopic!', webhookSubscription: 'WebhookSubscriptionInput!' },
  }),
  webhookSubscriptionUpdate: payload('WebhookSubscriptionUpdatePayload', {
    get: (x, args, ctx) => update(args, ctx), args: { id: 'ID!', webhookSubscription: 'WebhookSubscriptionInput!' },
  }),
  webhookSubscriptionDelete: payload('WebhookSubscriptionDeletePayload', { get: (x, args, ctx) => remove(args, ctx), args: { id: 'ID!' } }),
};
