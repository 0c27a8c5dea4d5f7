// RFC 4180, UTF-8, streamed: rows with their line number. Plain, .gz or .xz files.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

/** What is wrong in a file, and where. */
export class DataProblem extends Error {
  constructor(file, line, column, what) {
    super([path.basename(file), line && `line ${line}`, column && `column ${column}`].filter(Boolean).join(', ') + `: ${what}`);
    Object.assign(this, { file: path.basename(file), line, column, what });
  }
}

function open(file) {
  if (file.endsWith('.xz')) {
    const child = spawn('xz', ['-dc', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.on('error', (error) => child.stdout.destroy(new DataProblem(file, null, null, `cannot run xz: ${error.message}`)));
    child.on('exit', (code) => code && child.stdout.destroy(new DataProblem(file, null, null, 'not a readable .xz file')));
    return child.stdout;
  }
  const raw = fs.createReadStream(file);
  if (!file.endsWith('.gz')) return raw;
  const unpacked = zlib.createGunzip();
  raw.on('error', (error) => unpacked.destroy(error));
  return raw.pipe(unpacked);
}

function cells_of(text, file, line) {
  if (!text.includes('"')) return text.split(',');
  const result = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let cell = '';
      for (++at; ; ) {
        const end = text.indexOf('"', at);
        if (end < 0) throw new DataProblem(file, line, null, 'a quoted cell does not end');
        cell += text.slice(at, end);
        at = end + 1;
        if (text[at] !== '"') break;
        cell += '"';
        ++at;
      }
      if (at < text.length && text[at] !== ',') throw new DataProblem(file, line, null, 'text after the end of a quoted cell');
      result.push(cell);
    } else {
      let end = text.indexOf(',', at);
      if (end < 0) end = text.length;
      const cell = text.slice(at, end);
      if (cell.includes('"')) throw new DataProblem(file, line, null, 'a quote inside an unquoted cell');
      result.push(cell);
      at = end;
    }
    if (at >= text.length) return result;
    ++at; // the comma
    if (at === text.length) return [...result, ''];
  }
}

const quotes = (text) => text.split('"').length - 1;

/** Rows of a file: {line, cells}, the header first. Blank lines are skipped. @throws DataProblem */
export async function* rows(file) {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let line = 1; // of the start of `rest`
  let open_row = null;
  const take = function* (text) {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const piece = text.slice(from, end);
      from = end + 1;
      const row = open_row === null ? piece : `${open_row.text}\n${piece}`;
      const start = open_row === null ? line : open_row.line;
      ++line;
      if (row.includes('"') && quotes(row) % 2 === 1) {
        open_row = { text: row, line: start };
        continue;
      }
      open_row = null;
      const clean = row.endsWith('\r') ? row.slice(0, -1) : row;
      if (clean !== '') yield { line: start, cells: cells_of(clean, file, start) };
    }
    rest = text.slice(from);
  };
  try {
    for await (const chunk of open(file)) yield* take(rest + decoder.decode(chunk, { stream: true }));
    rest += decoder.decode();
  } catch (error) {
    if (error instanceof DataProblem) throw error;
    const what = error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'not valid UTF-8' : error.message;
    throw new DataProblem(file, line, null, what);
  }
  if (rest !== '' || open_row) yield* take(`${rest}\n`);
  if (open_row) throw new DataProblem(file, open_row.line, null, 'a quoted cell does not end');
}

/** One CSV line, quoted where needed. */
export function csv_line(cells) {
  return `${cells.map((x) => (/[",\r\n]/.test(x) ? `"${x.replaceAll('"', '""')}"` : x)).join(',')}\n`;
}
