import { describe, expect, test } from "vitest";

import { LiveSocket, silence_limit } from "~/live/socket";
import { FakeWorld } from "./support/fake_world";

const place = { ch: "overview", store: "1" };
const snap = (seq: number, data: Record<string, unknown>, epoch = "e1") => ({ t: "snap", ...place, epoch, seq, resumed: false, data });
const patch = (prev: number, seq: number, set: Record<string, unknown>, del: string[] = []) => ({ t: "patch", ...place, prev, seq, set, del });

function joined() {
  const world = new FakeWorld();
  const socket = new LiveSocket(world);
  const { channel, leave } = socket.join("1", "overview");
  world.wire.greet();
  return { world, socket, channel, leave };
}

describe("subscribing", () => {
  test("nothing is opened before somebody asks", () => {
    const world = new FakeWorld();
    new LiveSocket(world);
    expect(world.wires).toHaveLength(0);
  });

  test("hello is the first frame and subscriptions follow it", () => {
    const { world } = joined();
    expect(world.wire.sent).toEqual([
      { t: "hello", vis: true },
      { t: "sub", ...place },
    ]);
  });

  test("two users of a channel share one subscription and the last one ends it", () => {
    const { world, socket, leave } = joined();
    const second = socket.join("1", "overview");
    expect(world.wire.subscriptions()).toHaveLength(1);
    leave();
    leave();
    expect(world.wire.sent.some((x) => x.t === "unsub")).toBe(false);
    second.leave();
    expect(world.wire.sent.at(-1)).toEqual({ t: "unsub", ...place });
  });

  test("channels of different stores never mix", () => {
    const { world, socket, channel } = joined();
    const other = socket.join("2", "overview").channel;
    world.wire.say(snap(1, { a: 1 }));
    world.wire.say({ ...snap(1, { a: 2 }), store: "2" });
    expect([channel.value("a"), other.value("a")]).toEqual([1, 2]);
  });

  test("a refused subscription says why and a later snapshot takes that back", () => {
    const { world, channel } = joined();
    world.wire.say({ t: "error", ch: "overview", code: "forbidden", detail: "not yours" });
    expect(channel.refused.value).toBe("not yours");
    world.wire.say(snap(1, {}));
    expect(channel.refused.value).toBeNull();
  });
});

describe("patches", () => {
  test("a patch that continues the snapshot is applied and sequence numbers may skip", () => {
    const { world, channel } = joined();
    world.wire.say(snap(7, { a: 1, b: 2 }));
    world.wire.say(patch(7, 12, { a: 5 }, ["b"]));
    world.wire.say(patch(12, 13, { c: 9 }));
    expect([channel.value("a"), channel.value("b"), channel.value("c"), channel.seq]).toEqual([5, undefined, 9, 13]);
    expect(channel.keys("").sort()).toEqual(["a", "c"]);
  });

  test("a gap is not applied and leads to a subscription without a place", () => {
    const { world, channel } = joined();
    world.wire.say(snap(7, { a: 1 }));
    world.wire.say(patch(8, 9, { a: 2 }));
    expect(channel.value("a")).toBe(1);
    expect(world.wire.subscriptions().at(-1)).toEqual({ t: "sub", ...place });
    expect(world.wire.subscriptions()).toHaveLength(2);
  });

  test("patches on the way between a gap and its snapshot do not subscribe again", () => {
    const { world } = joined();
    world.wire.say(snap(7, { a: 1 }));
    for (const seq of [9, 10, 11]) world.wire.say(patch(seq - 1, seq, { a: seq }));
    expect(world.wire.subscriptions()).toHaveLength(2);
  });

  test("a snapshot replaces everything including keys that are gone", () => {
    const { world, channel } = joined();
    world.wire.say(snap(7, { a: 1, b: 2 }));
    world.wire.say(snap(3, { b: 4 }, "e2"));
    expect([channel.value("a"), channel.value("b"), channel.epoch, channel.seq]).toEqual([undefined, 4, "e2", 3]);
  });

  test("frames that are not ours are ignored", () => {
    const { world, channel } = joined();
    world.wire.say(snap(1, { a: 1 }));
    world.wire.on_text("not json");
    world.wire.on_text("[]");
    world.wire.say({ t: "something new" });
    world.wire.say({ ...patch(1, 2, { a: 2 }), ch: "jobs" });
    expect(channel.value("a")).toBe(1);
  });

  test("any merging of a history ends in the same state", () => {
    let seed = 42;
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    for (let round = 0; round < 200; round += 1) {
      const truth = new Map<string, number>();
      const { world, channel } = joined();
      world.wire.say(snap(0, {}));
      let seq = 0;
      let sent = 0;
      let set: Record<string, number> = {};
      let del = new Set<string>();
      const flush = () => {
        if (seq === sent) return;
        world.wire.say(patch(sent, seq, set, [...del]));
        sent = seq;
        set = {};
        del = new Set();
      };
      for (let step = 0; step < 40; step += 1) {
        const key = `k${random(6)}`;
        seq += 1;
        if (random(4) === 0) {
          truth.delete(key);
          delete set[key];
          del.add(key);
        } else {
          truth.set(key, step);
          set[key] = step;
          del.delete(key);
        }
        if (random(3) === 0) flush();
      }
      flush();
      expect(Object.fromEntries(channel.keys("").map((key) => [key, channel.value(key)]))).toEqual(Object.fromEntries(truth));
    }
  });
});

describe("reconnecting", () => {
  test("a cut keeps the values and asks to resume from its place", () => {
    const { world, channel, socket } = joined();
    world.wire.say(snap(7, { a: 1 }));
    world.wire.on_close(1006);
    expect([channel.value("a"), socket.state.value]).toEqual([1, "waiting"]);
    world.advance(250);
    world.wire.greet();
    expect(world.wires).toHaveLength(2);
    expect(world.wire.subscriptions()).toEqual([{ t: "sub", ...place, epoch: "e1", seq: 7 }]);
    world.wire.say(patch(7, 9, { a: 3 }));
    expect(channel.value("a")).toBe(3);
  });

  test("waits double from a quarter of a second to ten seconds", () => {
    const { world } = joined();
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      const opened = world.wires.length;
      world.wire.on_close(1006);
      const from = world.time;
      while (world.wires.length === opened) world.advance(1);
      waits.push(world.time - from);
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  test("an answered hello starts the waits over", () => {
    const { world } = joined();
    for (let i = 0; i < 5; i += 1) {
      world.wire.on_close(1006);
      world.advance(10_000);
    }
    world.wire.greet();
    world.wire.on_close(1006);
    const opened = world.wires.length;
    world.advance(250);
    expect(world.wires).toHaveLength(opened + 1);
  });

  test("35 seconds without a frame are a dead connection and a heartbeat is a frame", () => {
    const { world, socket } = joined();
    world.advance(silence_limit - 1);
    world.wire.say({ t: "hb" });
    world.advance(silence_limit - 1);
    expect(socket.state.value).toBe("live");
    const dead = world.wire;
    world.advance(1);
    expect([socket.state.value, dead.closed]).toEqual(["waiting", true]);
  });

  test("what a dropped connection still says is not heard", () => {
    const { world, channel } = joined();
    world.wire.say(snap(1, { a: 1 }));
    const old = world.wire;
    old.on_close(1006);
    world.advance(250);
    old.say(patch(1, 2, { a: 99 }));
    old.on_close(1006);
    expect([channel.value("a"), world.wires.length]).toEqual([1, 2]);
  });

  test("bye waits as long as the server asks", () => {
    const { world } = joined();
    world.wire.say({ t: "bye", retry_ms: 3000 });
    world.advance(2999);
    expect(world.wires).toHaveLength(1);
    world.advance(1);
    expect(world.wires).toHaveLength(2);
  });

  test("coming back to the tab does not wait for the timer", () => {
    const { world, socket } = joined();
    world.wire.on_close(1006);
    socket.hurry();
    expect(world.wires).toHaveLength(2);
    world.advance(10_000);
    expect(world.wires).toHaveLength(2);
  });

  test("the time of the loss is kept over failed attempts and cleared by a greeting", () => {
    const { world, socket } = joined();
    expect(socket.lost_at.value).toBeNull();
    const lost = world.time;
    world.wire.on_close(1006);
    world.advance(250);
    world.wire.on_close(1006);
    expect(socket.lost_at.value).toBe(lost);
    world.advance(500);
    world.wire.greet();
    expect(socket.lost_at.value).toBeNull();
  });

  test("a server that does not know us ends the attempts", () => {
    const { world, socket } = joined();
    world.wire.on_close(4001);
    world.advance(60_000);
    expect([socket.state.value, world.wires.length]).toEqual(["signed_out", 1]);
  });

  test("hidden tabs say so and visible ones hurry", () => {
    const { world, socket } = joined();
    socket.visibility(false);
    expect(world.wire.sent.at(-1)).toEqual({ t: "vis", visible: false });
    world.wire.on_close(1006);
    socket.visibility(true);
    expect(world.wires).toHaveLength(2);
  });

  test("after a stop no place of another person's session is used", () => {
    const { world, socket } = joined();
    world.wire.say(snap(7, { a: 1 }));
    socket.stop();
    socket.start();
    world.wire.greet();
    expect(world.wire.subscriptions()).toEqual([{ t: "sub", ...place }]);
  });
});
