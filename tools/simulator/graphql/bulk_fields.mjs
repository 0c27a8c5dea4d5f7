// The mutations of bulk operations; the operations themselves live in bulk.mjs.

import { number_of } from './roots.mjs';

const payload = (name, get, args) => ({ shape: 'object', type: name, get, args });

function run(args, ctx) {
  const { operation, error } = ctx.world.bulk.start(ctx.shop, args.query, args.groupObjects ?? false, ctx);
  if (error) return { bulkOperation: null, userErrors: [error] };
  return { bulkOperation: operation, userErrors: [] };
}

function cancel(args, ctx) {
  const operation = ctx.world.bulk.get(ctx.shop, number_of(args.id, 'BulkOperation'));
  if (!operation) return { bulkOperation: null, userErrors: [{ field: ['id'], message: 'Bulk operation does not exist', code: 'INVALID' }] };
  if (!ctx.world.bulk.cancel(operation))
    return {
      bulkOperation: operation,
      userErrors: [{ field: null, message: `A bulk operation cannot be canceled when it is ${operation.status.toLowerCase()}`, code: 'INVALID' }],
    };
  return { bulkOperation: operation, userErrors: [] };
}

export const mutations = {
  bulkOperationRunQuery: payload('BulkOperationRunQueryPayload', (x, args, ctx) => run(args, ctx), { query: 'String!', groupObjects: 'Boolean' }),
  bulkOperationCancel: payload('BulkOperationCancelPayload', (x, args, ctx) => cancel(args, ctx), { id: 'ID!' }),
};
