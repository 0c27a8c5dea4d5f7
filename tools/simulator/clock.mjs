// Simulated time: an origin, a speed, and a heap of things due. With `manual` time moves only by advance().

class Heap {
  items = [];

  less(a, b) {
    return a.at - b.at || a.order - b.order;
  }

  push(item) {
    const heap = this.items;
    heap.push(item);
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (this.less(heap[parent], heap[i]) <= 0) break;
      [heap[parent], heap[i]] = [heap[i], heap[parent]];
      i = parent;
    }
  }

  pop() {
    const heap = this.items;
    const result = heap[0];
    const last = heap.pop();
    if (heap.length === 0) return result;
    heap[0] = last;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < heap.length && this.less(heap[child], heap[least]) < 0) least = child;
      if (least === i) return result;
      [heap[least], heap[i]] = [heap[i], heap[least]];
      i = least;
    }
  }
}

export class Clock {
  /** @param origin ms since the epoch; @param speed simulated seconds per real second. */
  constructor({ origin, speed = 1, manual = false }) {
    this.origin = origin;
    this.speed = speed;
    this.manual = manual;
    this.base_sim = origin;
    this.base_real = Date.now();
    this.heap = new Heap();
    this.count = 0;
    this.timer = null;
    this.stopped = false;
  }

  /** Simulated now, ms since the epoch. */
  now() {
    if (this.manual || this.running !== undefined) return this.running ?? this.base_sim;
    return this.base_sim + (Date.now() - this.base_real) * this.speed;
  }

  /** Calls *run* at simulated time *at* (at once when that is past). @returns a handle for cancel(). */
  at(at, run) {
    const item = { at, run, order: ++this.count };
    this.heap.push(item);
    if (!this.manual) this.arm();
    return item;
  }

  after(ms, run) {
    return this.at(this.now() + ms, run);
  }

  cancel(item) {
    if (item) item.run = null;
  }

  set_speed(speed) {
    this.base_sim = this.now();
    this.base_real = Date.now();
    this.speed = speed;
    this.arm();
  }

  /** Moves time forward by *ms*, running what falls due in order; works in both modes. */
  advance(ms) {
    const target = this.now() + ms;
    this.run_until(target);
    this.base_sim = target;
    this.base_real = Date.now();
    this.arm();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  run_until(target) {
    while (this.heap.items.length && this.heap.items[0].at <= target) {
      const item = this.heap.pop();
      if (!item.run) continue;
      // While it runs, "now" is the instant it was due, so that results do not depend on how late we are.
      this.running = Math.max(item.at, this.base_sim);
      try {
        item.run();
      } finally {
        this.running = undefined;
      }
    }
  }

  arm() {
    clearTimeout(this.timer);
    if (this.manual || this.stopped || !this.heap.items.length) return;
    const wait = (this.heap.items[0].at - this.now()) / this.speed;
    this.timer = setTimeout(() => {
      this.run_until(this.now());
      this.arm();
    }, Math.min(Math.max(0, wait), 2 ** 30));
  }
}
