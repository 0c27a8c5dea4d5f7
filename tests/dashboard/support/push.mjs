// The fake server's side of the push protocol clique.v1.
import { channels } from "./views.mjs";

const text = (x) => JSON.stringify(x);

export class PushSide {
  constructor(world) {
    this.world = world;
    this.sockets = new Set();
    /** Every frame that clients have sent, for the tests to look at. */
    this.heard = [];
    this.listeners = [];
    this.refusing = false;
    this.epoch = 1;
  }

  accept(socket) {
    if (this.refusing) return socket.terminate();
    const client = { socket, places: new Map() };
    this.sockets.add(client);
    socket.on("message", (data) => this.hear(client, JSON.parse(String(data))));
    socket.on("close", () => this.sockets.delete(client));
    socket.on("error", () => {});
  }

  hear(client, frame) {
    this.heard.push(frame);
    for (const listener of this.listeners.splice(0)) listener();
    if (frame.t === "hello") client.socket.send(text({ t: "hello", server: "fake", session: "s1" }));
    if (frame.t === "unsub") client.places.delete(`${frame.store}/${frame.ch}`);
    if (frame.t === "sub") this.subscribe(client, frame);
  }

  subscribe(client, { ch, store, epoch, seq }) {
    const tenant = this.world.tenants.get(store);
    if (!tenant || !channels[ch]) return client.socket.send(text({ t: "error", ch, code: "not_found", detail: "no such channel or store", hint: "" }));
    const data = structuredClone(channels[ch](tenant));
    const old = this.last?.get(`${store}/${ch}`);
    if (old && Number(epoch) === this.epoch && seq === old.seq) {
      client.places.set(`${store}/${ch}`, { seq, data: old.data });
      return this.refresh(client, store, ch);
    }
    client.places.set(`${store}/${ch}`, { seq: 100, data });
    client.socket.send(text({ t: "snap", ch, store, epoch: String(this.epoch), seq: 100, resumed: false, data }));
  }

  /** Sends what has changed since the client's last frame. */
  refresh(client, store, ch, { skip = 0 } = {}) {
    const place = client.places.get(`${store}/${ch}`);
    if (!place) return;
    const data = structuredClone(channels[ch](this.world.tenants.get(store)));
    const set = Object.fromEntries(Object.entries(data).filter(([key, value]) => text(value) !== text(place.data[key])));
    const del = Object.keys(place.data).filter((key) => !(key in data));
    const seq = place.seq + 1;
    client.socket.send(text({ t: "patch", ch, store, seq, prev: place.seq + skip, set, del }));
    client.places.set(`${store}/${ch}`, { seq, data });
  }

  publish(store, options) {
    for (const client of this.sockets) for (const key of client.places.keys()) if (key.startsWith(`${store}/`)) this.refresh(client, store, key.slice(store.length + 1), options);
  }

  /** Cuts every connection as a broken network does, and remembers places so that clients can resume. */
  cut() {
    this.last = new Map();
    for (const client of this.sockets) {
      for (const [key, place] of client.places) this.last.set(key, place);
      client.socket.terminate();
    }
  }

  say_goodbye(retry_ms) {
    for (const client of this.sockets) client.socket.send(text({ t: "bye", retry_ms }));
  }

  /** Resolves when a frame comes that fits; looks at those already heard from *start* on. */
  async until(fits, start = 0) {
    for (;;) {
      const found = this.heard.slice(start).find(fits);
      if (found) return found;
      await new Promise((resolve) => this.listeners.push(resolve));
    }
  }
}
