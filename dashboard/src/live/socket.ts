import { signal } from "@preact/signals";

import { reconnect_wait } from "./backoff";
import { Channel } from "./channel";
import { read_frame, type ChannelName, type ClientFrame, type Refusal, type ServerFrame } from "./protocol";

/** What the socket needs of the world; tests give their own. */
export interface World {
  open(): Wire;
  now(): number; ///< milliseconds
  random(): number; ///< [0, 1)
  later(run: () => void, ms: number): () => void; ///< returns how to cancel
  visible(): boolean;
}
export interface Wire {
  send(text: string): void;
  close(): void;
  on_open: () => void;
  on_text: (text: string) => void;
  on_close: (code: number) => void;
}

/** Silence after which a connection is taken for dead (push protocol). */
export const silence_limit = 35_000;
/** A page is called stale when it has been without a connection for this long. */
export const stale_after = 5_000;
/** Close code of a server that does not know us any more. */
export const close_sign_in = 4001;

export type LinkState = "idle" | "connecting" | "live" | "waiting" | "signed_out";

/** The tab's one socket: keeps subscriptions, resumes them after a cut, gives up only when signed out. */
export class LiveSocket {
  readonly state = signal<LinkState>("idle");
  /** Since when there has been no connection, ms; null while there is one, and before the first is asked for. */
  readonly lost_at = signal<number | null>(null);

  private readonly world: World;
  private wire: Wire | null = null;
  private greeted = false;
  private failures = 0;
  private cancel_retry: (() => void) | null = null;
  private cancel_watch: (() => void) | null = null;
  private readonly wanted = new Map<string, { channel: Channel; users: number }>();

  constructor(world: World) {
    this.world = world;
  }

  /** Subscribes; the same channel is shared by everyone who asks. The result's `leave` unsubscribes the last user. */
  join(store: string, name: ChannelName): { channel: Channel; leave: () => void } {
    const key = `${store}/${name}`;
    let entry = this.wanted.get(key);
    if (!entry) this.wanted.set(key, (entry = { channel: new Channel(store, name), users: 0 }));
    entry.users += 1;
    if (entry.users === 1) this.subscribe(entry.channel);
    this.start();
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      entry.users -= 1;
      if (entry.users > 0 || this.wanted.get(key) !== entry) return;
      this.wanted.delete(key);
      if (this.greeted) this.say({ t: "unsub", ch: name, store });
    };
    return { channel: entry.channel, leave };
  }

  start(): void {
    if (this.state.peek() === "idle" || this.state.peek() === "signed_out") this.connect();
  }

  /** Ends the connection and forgets every subscription's place (sign-out). */
  stop(): void {
    this.drop();
    this.cancel_retry?.();
    this.cancel_retry = null;
    this.state.value = "idle";
    this.lost_at.value = null;
    this.failures = 0;
    for (const { channel } of this.wanted.values()) channel.lose_place();
  }

  /** The network or the tab came back: do not wait for the timer. */
  hurry(): void {
    if (this.state.peek() !== "waiting") return;
    this.cancel_retry?.();
    this.connect();
  }

  /** Tells the server whether anyone is looking, so that hidden tabs cost little. */
  visibility(visible: boolean): void {
    if (this.greeted) this.say({ t: "vis", visible });
    if (visible) this.hurry();
  }

  private connect(): void {
    this.cancel_retry = null;
    this.state.value = "connecting";
    if (this.lost_at.peek() === null) this.lost_at.value = this.world.now();
    const wire = this.world.open();
    this.wire = wire;
    this.greeted = false;
    wire.on_open = () => {
      if (wire === this.wire) this.greet();
    };
    wire.on_text = (text) => {
      if (wire === this.wire) this.hear(text);
    };
    wire.on_close = (code) => {
      if (wire === this.wire) this.lose(code === close_sign_in ? "signed_out" : "waiting");
    };
    this.watch();
  }

  private greet(): void {
    this.greeted = true;
    this.say({ t: "hello", vis: this.world.visible() });
    for (const { channel } of this.wanted.values()) this.subscribe(channel);
    this.watch();
  }

  private hear(text: string): void {
    this.watch();
    const frame = read_frame(text);
    if (frame) this.take(frame);
  }

  private take(frame: ServerFrame): void {
    switch (frame.t) {
      case "hello":
        this.failures = 0;
        this.state.value = "live";
        this.lost_at.value = null;
        return;
      case "snap":
        this.wanted.get(`${frame.store}/${frame.ch}`)?.channel.take_snapshot(frame);
        return;
      case "patch": {
        const channel = this.wanted.get(`${frame.store}/${frame.ch}`)?.channel;
        if (!channel || channel.seq === undefined) return; // a snapshot is on its way
        if (channel.take_patch(frame)) return;
        channel.lose_place();
        this.subscribe(channel);
        return;
      }
      case "bye":
        this.lose("waiting", frame.retry_ms);
        return;
      case "error":
        this.refuse(frame);
        return;
      case "hb":
        return;
    }
  }

  private refuse(frame: Refusal): void {
    for (const { channel } of this.wanted.values())
      if (channel.name === frame.ch && (!frame.store || frame.store === channel.store) && !channel.known.peek())
        channel.refused.value = frame.detail;
  }

  private subscribe(channel: Channel): void {
    if (!this.greeted) return;
    const frame: ClientFrame = { t: "sub", ch: channel.name, store: channel.store };
    if (channel.epoch !== undefined && channel.seq !== undefined) {
      frame.epoch = channel.epoch;
      frame.seq = channel.seq;
    }
    this.say(frame);
  }

  private say(frame: ClientFrame): void {
    this.wire?.send(JSON.stringify(frame));
  }

  /** Restarts the dead man's switch. */
  private watch(): void {
    this.cancel_watch?.();
    this.cancel_watch = this.world.later(() => this.lose("waiting"), silence_limit);
  }

  private lose(next: "waiting" | "signed_out", wait?: number): void {
    this.drop();
    if (this.lost_at.peek() === null) this.lost_at.value = this.world.now();
    this.state.value = next;
    if (next === "signed_out") return;
    const delay = wait ?? reconnect_wait(this.failures, this.world.random());
    this.failures += 1;
    this.cancel_retry = this.world.later(() => this.connect(), delay);
  }

  private drop(): void {
    this.cancel_watch?.();
    this.cancel_watch = null;
    const wire = this.wire;
    this.wire = null;
    this.greeted = false;
    wire?.close();
  }
}
