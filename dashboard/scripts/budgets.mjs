// Weighs what a browser fetches, gzipped: the first page with everything it needs, each page that is fetched later,
// and the styles. Fails when one is over its budget.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const kilobyte = 1000;
const budgets = { first: 60 * kilobyte, page: 40 * kilobyte, styles: 15 * kilobyte };
const folder = new URL("../dist/", import.meta.url);

const weigh = (name) => gzipSync(readFileSync(new URL(`assets/${name}`, folder)), { level: 9 }).length;
const scripts = readdirSync(new URL("assets/", folder)).filter((name) => name.endsWith(".js"));
const styles = readdirSync(new URL("assets/", folder)).filter((name) => name.endsWith(".css"));
const text_of = (name) => readFileSync(new URL(`assets/${name}`, folder), "utf8");

/** Scripts that a script needs before it can run. */
function needed_by(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, other] of text_of(name).matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) needed_by(other, found);
  return found;
}

const entry = /src="\/assets\/([^"]+\.js)"/.exec(readFileSync(new URL("index.html", folder), "utf8"))?.[1];
if (!entry) throw new Error("dist/index.html names no entry script");

// The first page is the overview with its chart: that is what people open.
const first = new Set(needed_by(entry));
for (const part of ["overview-", "line_chart-"])
  for (const name of scripts.filter((x) => x.startsWith(part))) needed_by(name, first);

const rows = [["first page with its chart", [...first].reduce((sum, name) => sum + weigh(name), 0), budgets.first]];
for (const name of scripts.filter((x) => !first.has(x))) {
  const added = [...needed_by(name)].filter((x) => !first.has(x));
  rows.push([name, added.reduce((sum, x) => sum + weigh(x), 0), budgets.page]);
}
rows.push(["styles", styles.reduce((sum, name) => sum + weigh(name), 0), budgets.styles]);

let over = 0;
for (const [name, bytes, budget] of rows) {
  if (bytes > budget) over += 1;
  console.log(`${bytes > budget ? "OVER" : "  ok"}  ${String(bytes).padStart(6)} of ${String(budget).padStart(6)} bytes  ${name}`);
}
if (over > 0) {
  console.error(`${over} over budget`);
  process.exit(1);
}
