import type { ClientFrame, ServerFrame } from "~/live/protocol";
import type { Wire, World } from "~/live/socket";

/** A connection that the test holds at its other end. */
export class FakeWire implements Wire {
  sent: ClientFrame[] = [];
  closed = false;
  on_open = () => {};
  on_text: (text: string) => void = () => {};
  on_close: (code: number) => void = () => {};

  send(text: string) {
    this.sent.push(JSON.parse(text) as ClientFrame);
  }
  close() {
    this.closed = true;
  }
  /** The server says something. */
  say(frame: ServerFrame | Record<string, unknown>) {
    this.on_text(JSON.stringify(frame));
  }
  /** Opened, greeted and answered. */
  greet() {
    this.on_open();
    this.say({ t: "hello", server: "test", session: "1" });
  }
  subscriptions() {
    return this.sent.filter((frame) => frame.t === "sub");
  }
}

/** Time that only the test moves. */
export class FakeWorld implements World {
  wires: FakeWire[] = [];
  time = 1_000_000;
  chance = 1; // waits are at their ceiling
  is_visible = true;
  private timers = new Set<{ at: number; run: () => void }>();

  open() {
    const wire = new FakeWire();
    this.wires.push(wire);
    return wire;
  }
  now() {
    return this.time;
  }
  random() {
    return this.chance;
  }
  later(run: () => void, ms: number) {
    const timer = { at: this.time + ms, run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }
  visible() {
    return this.is_visible;
  }
  get wire(): FakeWire {
    const wire = this.wires.at(-1);
    if (!wire) throw new Error("nothing was opened");
    return wire;
  }
  /** Runs timers in their order until *ms* have passed. */
  advance(ms: number) {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.timers].filter((x) => x.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers.delete(due);
      this.time = due.at;
      due.run();
    }
    this.time = end;
  }
}
