// Deterministic randomness: the same seed and purpose give the same stream on every machine.

/** 32-bit FNV-1a of a text. */
export function hash32(text) {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash >>> 0;
}

/** A stream of numbers for one purpose (mulberry32). */
export class Random {
  constructor(seed, purpose = '') {
    this.state = hash32(`${seed}|${purpose}`);
  }

  /** @returns a number in [0, 1). */
  unit() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let x = this.state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  }

  /** @returns an integer in [low, high]. */
  integer(low, high) {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  chance(probability) {
    return this.unit() < probability;
  }

  pick(list) {
    return list[Math.floor(this.unit() * list.length)];
  }

  /** Picks by weight; *weights* has one entry per element. */
  weighted(list, weights) {
    const total = weights.reduce((sum, x) => sum + x, 0);
    let left = this.unit() * total;
    for (let i = 0; i < list.length; ++i) {
      left -= weights[i];
      if (left < 0) return list[i];
    }
    return list[list.length - 1];
  }

  /** Waiting time of a Poisson process with *mean*. */
  exponential(mean) {
    return -Math.log(1 - this.unit()) * mean;
  }
}
