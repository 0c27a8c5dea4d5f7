// What the checks look at: the files git tracks, and new ones it does not ignore.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Tracked and not ignored files whose path matches *pattern*. */
export function files(pattern) {
  const out = execFileSync('git', ['-C', root, 'ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  return [...new Set(out.split('\n'))].filter((x) => x && pattern.test(x));
}

/** Text of a tracked file; empty when it was deleted and not yet committed. */
export function text(file) {
  try {
    return readFileSync(path.join(root, file), 'utf8');
  } catch {
    return '';
  }
}
