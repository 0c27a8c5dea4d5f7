import { batch, signal, type ReadonlySignal, type Signal } from "@preact/signals";

import type { ChannelName, Patch, Snap } from "./protocol";

/**
 * One channel of one store as this tab knows it: a flat map whose every key is a signal, so that a patch redraws
 * the texts that it changes and nothing else. Last value wins, so conflated patches need no history.
 */
export class Channel {
  readonly store: string;
  readonly name: ChannelName;
  /** Whether a snapshot has come; values before that are only unknown, not zero. */
  readonly known = signal(false);
  /** Counts changes of the set of keys (not of values). */
  readonly shape = signal(0);
  /** Counts applied frames. */
  readonly changes = signal(0);
  /** Why the server refused the subscription; null when it did not. */
  readonly refused = signal<string | null>(null);

  epoch: string | number | undefined;
  seq: number | undefined;
  private readonly values = new Map<string, Signal<unknown>>();

  constructor(store: string, name: ChannelName) {
    this.store = store;
    this.name = name;
  }

  /** The value of a key; undefined while there is none. Reading subscribes to exactly this key. */
  value<T>(key: string): T | undefined {
    return this.cell(key).value as T | undefined;
  }

  cell(key: string): ReadonlySignal<unknown> {
    let cell = this.values.get(key);
    if (!cell) this.values.set(key, (cell = signal<unknown>(undefined)));
    return cell;
  }

  /** Keys with a value that begin with *prefix*; reading subscribes to the set of keys. */
  keys(prefix: string): string[] {
    void this.shape.value;
    const result: string[] = [];
    for (const [key, cell] of this.values) if (key.startsWith(prefix) && cell.peek() !== undefined) result.push(key);
    return result;
  }

  /** Values of all keys that begin with *prefix*. */
  entries<T>(prefix: string): T[] {
    return this.keys(prefix).map((key) => this.value<T>(key) as T);
  }

  /** The whole state anew: keys that the snapshot does not name are gone. */
  take_snapshot(frame: Snap): void {
    batch(() => {
      let moved = false;
      for (const [key, cell] of this.values)
        if (!(key in frame.data) && cell.peek() !== undefined) {
          cell.value = undefined;
          moved = true;
        }
      for (const [key, value] of Object.entries(frame.data)) moved = this.put(key, value) || moved;
      this.epoch = frame.epoch;
      this.seq = frame.seq;
      this.finish(moved);
      this.known.value = true;
    });
  }

  /** @returns false when the patch does not continue what we have: something was missed. */
  take_patch(frame: Patch): boolean {
    if (this.seq === undefined || frame.prev !== this.seq) return false;
    batch(() => {
      let moved = false;
      for (const [key, value] of Object.entries(frame.set ?? {})) moved = this.put(key, value) || moved;
      for (const key of frame.del ?? []) {
        const cell = this.values.get(key);
        if (!cell || cell.peek() === undefined) continue;
        cell.value = undefined;
        moved = true;
      }
      this.seq = frame.seq;
      this.finish(moved);
    });
    return true;
  }

  /** Forgets its place in the stream, so that the next subscription brings a snapshot. Values stay visible. */
  lose_place(): void {
    this.epoch = undefined;
    this.seq = undefined;
  }

  private put(key: string, value: unknown): boolean {
    const cell = this.values.get(key);
    if (!cell) {
      this.values.set(key, signal<unknown>(value));
      return true;
    }
    const appeared = cell.peek() === undefined;
    cell.value = value;
    return appeared;
  }

  private finish(moved: boolean): void {
    this.refused.value = null;
    this.changes.value += 1;
    if (moved) this.shape.value += 1;
  }
}
