// Faults on request: which, where, how often. Asked once for every call, delivery or download.

import { Random } from './prng.mjs';

const allowed = {
  graphql: ['drop', 'delay', '429', 'throttled', '5xx', 'truncated', 'timeout_after_apply', 'revoked', 'html'],
  token: ['drop', 'delay', '429', '5xx', 'truncated', 'timeout_after_apply', 'revoked', 'html'],
  bulk: ['drop', 'delay', '429', '5xx', 'truncated', 'html'],
  webhook: ['drop', 'duplicate', 'delay', 'reorder', 'truncated', 'timeout_after_apply'],
};

export class Faults {
  constructor(seed) {
    this.random = new Random(seed, 'faults');
    this.list = [];
    this.count = 0;
  }

  /** @returns {fault} or {problem} naming what is allowed. */
  add({ shop = null, target, kind, times = null, probability = 1, ms = 1000, match = null }) {
    if (!allowed[target]) return { problem: `target "${target}" is unknown; allowed: ${Object.keys(allowed).join(', ')}` };
    if (!allowed[target].includes(kind)) return { problem: `kind "${kind}" does not apply to ${target}; allowed: ${allowed[target].join(', ')}` };
    if (!(probability > 0 && probability <= 1)) return { problem: 'probability must be above 0 and at most 1' };
    if (times !== null && !(Number.isInteger(times) && times > 0)) return { problem: 'times must be a positive whole number' };
    const fault = { id: ++this.count, shop, target, kind, times, probability, ms, match, hits: 0 };
    this.list.push(fault);
    return { fault };
  }

  clear() {
    this.list = [];
  }

  /** The fault that strikes now, if any. *what* is matched against the fault's `match` (an operation or a topic). */
  strike(target, shop, what = '') {
    const fault = this.list.find(
      (x) => x.target === target && (!x.shop || x.shop === shop) && (!x.match || what.includes(x.match)) && (x.times === null || x.hits < x.times),
    );
    if (!fault || (fault.probability < 1 && !this.random.chance(fault.probability))) return null;
    ++fault.hits;
    return fault;
  }
}
