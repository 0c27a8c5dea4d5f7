// What a benchmark says: figures beside their peers and goals.
import os from 'node:os';

export const median = (xs) => {
  const sorted = [...xs].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** The value below which *share* of the numbers lie. */
export const quantile = (xs, share) => [...xs].sort((a, b) => a - b)[Math.floor(share * (xs.length - 1))];

const round = (x) => (x === null || x === undefined ? null : Number(x.toPrecision(4)));
const meets = { '>=': (x, goal) => x >= goal, '<=': (x, goal) => x <= goal };

/** Collects figures and prints each in one line as it comes. */
export class Figures {
  constructor(print = console.log) {
    this.print = print;
    this.all = [];
    this.why = {};
  }

  /**
   * *peer*: {name, value} measured in the same run; *goal*: {of: 'value' or 'ratio', is: '>=' or '<=', than: number}.
   * *reason*: what a miss is due to, as profiling found it.
   */
  add(name, value, unit, { peer = null, goal = null, reason = '' } = {}) {
    const ratio = peer ? value / peer.value : null;
    const met = goal ? meets[goal.is](goal.of === 'ratio' ? ratio : value, goal.than) : null;
    const figure = {
      name,
      value: round(value),
      unit,
      peer: peer ? { name: peer.name, value: round(peer.value) } : null,
      ratio: round(ratio),
      goal: goal ? `${goal.of} ${goal.is} ${goal.than}` : null,
      met,
    };
    this.all.push(figure);
    const parts = [`${name.padEnd(44)} ${String(figure.value).padStart(9)} ${unit.padEnd(10)}`];
    if (peer) parts.push(`${peer.name} ${figure.peer.value}, ratio ${figure.ratio}`);
    if (goal) parts.push(`goal ${figure.goal}: ${met ? 'met' : `MISSED${reason && ` (${reason})`}`}`);
    this.print(parts.join('  '));
  }

  note(text) {
    this.print(`# ${text}`);
  }

  load(when) {
    this.note(`load average ${when}: ${os.loadavg().map((x) => x.toFixed(2)).join(' ')} on ${os.cpus().length} cores`);
  }
}
