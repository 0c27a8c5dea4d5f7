// clang-format decides layout.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';

import { files, root } from './sources.mjs';

test('every C++ file is laid out by clang-format', () => {
  const sources = files(/\.(cpp|hpp)$/);
  const run = spawnSync('clang-format', ['--dry-run', '-Werror', ...sources], { cwd: root, encoding: 'utf8' });
  const wrong = new Set([...(run.stderr ?? '').matchAll(/^([^\s:]+):\d+:\d+: error/gm)].map((x) => x[1]));
  assert.deepEqual([...wrong], [], 'run clang-format -i on these');
  assert.equal(run.status, 0);
});
