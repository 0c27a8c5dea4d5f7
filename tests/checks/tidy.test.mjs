// clang-tidy over the product's sources, by the compile commands of the build under test, several at a time.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import os from 'node:os';
import test from 'node:test';

import { files, root } from './sources.mjs';

function tidy(file) {
  return new Promise((resolve) => {
    const args = ['-p', process.env.CLIQUE_BUILD, '--quiet', '--warnings-as-errors=*',
      '--extra-arg=-Wno-unknown-warning-option', '--extra-arg=-Wno-ignored-gch', '--extra-arg=-Wno-overlength-strings', file];
    const run = spawn('clang-tidy', args, { cwd: root });
    let out = '';
    run.stdout.on('data', (x) => (out += x));
    run.stderr.on('data', () => {});
    run.on('close', (status) => resolve(status === 0 ? null : `${file}\n${out}`));
  });
}

// Minutes of both cores: asked for with CLIQUE_TIDY=1, else skipped and said so.
const skip = !(process.env.CLIQUE_BUILD && process.env.CLIQUE_TIDY) && 'set CLIQUE_TIDY=1 (and run by ctest) to check';

test('clang-tidy finds nothing in the product', { skip }, async () => {
  const waiting = files(/^(src|config|storage|net|actors)\/.*\.cpp$/);
  assert.ok(waiting.length > 0);
  const found = [];
  await Promise.all(
    Array.from({ length: os.cpus().length }, async () => {
      for (let file; (file = waiting.shift());) found.push(await tidy(file));
    }),
  );
  assert.deepEqual(found.filter(Boolean), []);
});
