// The checker itself: it must see what is wrong, or the contract test proves nothing.
import assert from 'node:assert/strict';
import test from 'node:test';

import { contract, faults, operations } from './contract.mjs';

const schema = { type: 'object', required: ['id'], additionalProperties: false, properties: { id: { type: 'string', pattern: '^[0-9]+$' }, n: { type: ['integer', 'null'], minimum: 0 }, kind: { enum: ['a', 'b'] }, list: { type: 'array', items: { type: 'boolean' } } } };

test('the checker sees every kind of fault', () => {
  assert.deepEqual(faults({ id: '1', n: null, kind: 'a', list: [true] }, schema), []);
  for (const bad of [null, [], {}, { id: 1 }, { id: 'x' }, { id: '1', n: 1.5 }, { id: '1', n: -1 }, { id: '1', kind: 'c' }, { id: '1', list: [1] }, { id: '1', more: 1 }])
    assert.ok(faults(bad, schema).length > 0, JSON.stringify(bad));
  assert.ok(faults(5, { anyOf: [{ type: 'string' }, { type: 'null' }] }).length > 0);
  assert.ok(faults({}, { allOf: [{ required: ['x'] }] }).length > 0);
  assert.throws(() => faults(1, { multipleOf: 2 }), /does not know/);
});

test('every reference of the contract leads somewhere, every operation has a success and every problem is a problem', () => {
  const seen = [];
  const walk = (x) => {
    if (typeof x !== 'object' || x === null) return;
    if (typeof x.$ref === 'string') seen.push(x.$ref);
    Object.values(x).forEach(walk);
  };
  walk(contract);
  for (const ref of seen) assert.ok(ref.slice(2).split('/').reduce((at, key) => at?.[key], contract), ref);
  for (const { method, path, operation } of operations())
    assert.ok(Object.keys(operation.responses).some((x) => /^[123]/.test(x)), `${method} ${path}`);
});

test('money, ids and counts are never floating-point', () => {
  const walk = (x, at) => {
    if (typeof x !== 'object' || x === null) return;
    if (x.type === 'number') assert.fail(`${at} is a floating-point number`);
    for (const [key, value] of Object.entries(x)) walk(value, `${at}/${key}`);
  };
  walk(contract.components.schemas, 'schemas');
});
