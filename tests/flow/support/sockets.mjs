// A WebSocket client of the raw kind, so that tests say exactly what goes over the wire.
import { randomBytes } from 'node:crypto';
import net from 'node:net';

import { eventually } from './client.mjs';

/** Opens a socket; answers {status, head} when refused, otherwise a Socket. Headers of value null are left out. */
export function open_socket(url, headers = {}, path = '/ws/v1') {
  const { hostname, port, host } = new URL(url);
  const all = {
    Host: host,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    Origin: url,
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== null);
  return new Promise((resolve, reject) => {
    const tcp = net.connect(Number(port), hostname);
    let got = Buffer.alloc(0);
    const on_head = (data) => {
      got = Buffer.concat([got, data]);
      const end = got.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = got.subarray(0, end).toString('latin1');
      const status = Number(head.split(' ')[1]);
      if (status !== 101) {
        tcp.destroy();
        return resolve({ status, head });
      }
      tcp.off('data', on_head);
      resolve(new Socket(tcp, got.subarray(end + 4)));
    };
    tcp.on('data', on_head);
    tcp.on('error', reject);
    tcp.on('close', () => reject(new Error(`closed without an answer: ${got.toString('latin1')}`)));
    tcp.write(`GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  });
}

class Socket {
  status = 101;
  /** Frames in the order they came; `code`: the close code, once closed. */
  frames = [];
  code = null;
  closed = false;

  constructor(tcp, first) {
    this.tcp = tcp;
    this.rest = first;
    tcp.removeAllListeners('error');
    tcp.on('error', () => {});
    tcp.on('data', (data) => {
      this.rest = Buffer.concat([this.rest, data]);
      this.#read();
    });
    tcp.on('close', () => (this.closed = true));
    this.#read();
  }

  #read() {
    for (;;) {
      if (this.rest.length < 2) return;
      const opcode = this.rest[0] & 15;
      let length = this.rest[1] & 127;
      let at = 2;
      if (length === 126) [length, at] = this.rest.length >= 4 ? [this.rest.readUInt16BE(2), 4] : [Infinity, 4];
      else if (length === 127) [length, at] = this.rest.length >= 10 ? [Number(this.rest.readBigUInt64BE(2)), 10] : [Infinity, 10];
      if (this.rest.length < at + length) return;
      const data = this.rest.subarray(at, at + length);
      this.rest = this.rest.subarray(at + length);
      if (opcode === 1) this.frames.push(JSON.parse(data.toString('utf8')));
      if (opcode === 8) this.code = data.length >= 2 ? data.readUInt16BE(0) : 1005;
      if (opcode === 9) this.#write(10, data);
    }
  }

  #write(opcode, data) {
    const mask = randomBytes(4);
    const head = data.length < 126 ? Buffer.from([128 | opcode, 128 | data.length]) : Buffer.from([128 | opcode, 254, data.length >> 8, data.length & 255]);
    this.tcp.write(Buffer.concat([head, mask, data.map((x, i) => x ^ mask[i & 3])]));
  }

  send(frame) {
    this.#write(1, Buffer.from(JSON.stringify(frame)));
  }

  /** The first frame, from *from* on, that *matches*. */
  next(what, matches, from = 0) {
    return eventually(what, () => this.frames.slice(from).find(matches));
  }

  subscribe(store, ch, more = {}) {
    const from = this.frames.length;
    this.send({ t: 'sub', ch, store: store.id, ...more });
    return this.next(`an answer about ${ch}`, (x) => x.ch === ch && ['snap', 'error', 'patch'].includes(x.t), from);
  }

  /** The network goes away without a word. */
  cut() {
    this.tcp.destroy();
  }
}
