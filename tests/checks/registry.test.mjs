// The tree names no package registry, no machine path and no secret, and every feature stands in the table once
// with its own file and test.
import assert from 'node:assert/strict';
import test from 'node:test';

import { files, text } from './sources.mjs';

const forbidden = [
  // Written so that this file does not find itself.
  [/https?:\/\/[a-z0-9.-]*(debia[n]|npmj[s])/, 'a package registry host'],
  [/"resolve[d]": "http/, 'a lock file that names its registry'],
  [/(^|[\s"'=(])\/(wor[k]|far[m]|roo[t])\//, 'a path of one machine'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY/, 'a private key'],
  [/shp(at|ss|rt)_[0-9a-f]{32}/, 'a platform token'],
];

test('no file names a registry host, a machine path or a secret', () => {
  const found = [];
  for (const file of files(/\.(cpp|hpp|mjs|ts|tsx|json|md|txt|cmake|sql|toml|yml|html|css)$|^tools\/|^\.npmrc$/)) {
    const content = text(file);
    for (const [pattern, what] of forbidden) if (pattern.test(content)) found.push(`${file}: ${what}`);
  }
  assert.deepEqual(found, []);
});

test('each declared feature has a file, a table row and a test', () => {
  const declared = [...text('src/features/features.hpp').matchAll(/^effects (\w+)\(/gm)].map((x) => x[1]);
  const table = text('src/features/registry.cpp');
  const all = new Set(files(/\.cpp$/));
  assert.ok(declared.length > 0);
  for (const name of declared) {
    assert.ok(all.has(`src/features/${name}.cpp`), `${name} has no file of its own`);
    assert.ok(all.has(`tests/features/${name}.cpp`), `${name} has no test file`);
    assert.equal([...table.matchAll(new RegExp(`features::${name}\\b`, 'g'))].length, 1, `${name} in the table`);
  }
});

test('no file is longer than 400 lines unless it says why', () => {
  const long = files(/\.(cpp|hpp|ts|tsx|mjs)$/).filter(
    (x) => text(x).split('\n').length > 400 && !/^\/\/ Long because/m.test(text(x)),
  );
  assert.deepEqual(long, []);
});
