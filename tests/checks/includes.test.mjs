// The include rule of ARCHITECTURE.md: who may know whom.
import assert from 'node:assert/strict';
import test from 'node:test';

import { files, text } from './sources.mjs';

/** Folder of ours -> folders that it may include. */
const may_include = {
  'src/core': ['core'],
  'src/ledger': ['core', 'ledger'],
  'src/detect': ['core', 'detect'],
  'src/learn': ['core', 'learn'],
  'src/report': ['core', 'report'],
  'src/features': ['core', 'ledger', 'detect', 'learn', 'report', 'features'],
  config: ['core', 'config'],
  storage: ['core', 'config', 'storage'],
  net: ['core', 'config', 'net'],
  actors: ['core', 'ledger', 'features', 'config', 'storage', 'net', 'actors'],
};

/** Library header -> the only files that may include it. */
const only_in = [
  [/^caf\//, /^(actors\/|tests\/)/, 'CAF'],
  [/^boost\/(beast|asio)/, /^net\/([a-z_]+\.cpp|detail\/[a-z_]+\.(hpp|cpp))$/, 'Beast and Asio'],
  [/^libpq-fe\.h/, /^storage\/([a-z_/]+\.cpp|pg_impl\.hpp)$/, 'libpq'],
  [/^simdjson/, /^(net\/json\.cpp|net\/platform\/[a-z_]*(wire|bulk)[a-z_]*\.(hpp|cpp))$/, 'simdjson'],
  [/^curl\//, /^net\//, 'libcurl'],
  [/^date\//, /^src\/core\/time\.cpp$/, 'the time zone library'],
  [/^toml\+\+/, /^config\//, 'toml++'],
];

/** Faults of one file's include lines; exported shape is tested below on made-up files. */
function faults(file, content) {
  const home = Object.keys(may_include).find((x) => file.startsWith(`${x}/`));
  const found = [];
  for (const [, quote, target] of content.matchAll(/^#include ([<"])([^>"]+)[>"]/gm)) {
    if (quote === '"' && home) {
      const folder = target.split('/')[0];
      if (target.includes('/') && !may_include[home].includes(folder)) found.push(`${file} includes ${target}`);
    }
    for (const [header, place, name] of only_in)
      if (header.test(target) && !place.test(file) && !file.startsWith('tests/'))
        found.push(`${file} includes ${target}: ${name} may not be known here`);
  }
  return found;
}

test('every file keeps the include rule', () => {
  const all = files(/^(src|config|storage|net|actors)\/.*\.(cpp|hpp)$/).flatMap((x) => faults(x, text(x)));
  assert.deepEqual(all, []);
});

test('a storage file that knows actors is found', () => {
  assert.equal(faults('storage/x.cpp', '#include "actors/handles.hpp"\n').length, 1);
});

test('a core file that knows a socket library is found', () => {
  assert.equal(faults('src/core/x.cpp', '#include <boost/asio.hpp>\n').length, 1);
});

test('features do not know storage', () => {
  assert.equal(faults('src/features/x.cpp', '#include "storage/pg.hpp"\n').length, 1);
});
