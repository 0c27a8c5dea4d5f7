// F9, F10 and the push protocol: who may watch, and what a dashboard sees without asking again.
import assert from 'node:assert/strict';
import test from 'node:test';

import { eventually, Session } from './support/client.mjs';
import { House, operator } from './support/house.mjs';
import { order } from './support/orders.mjs';
import { run } from './support/processes.mjs';
import { open_socket } from './support/sockets.mjs';

const shop = 'linen.myshopify.com';
const today = () => new Date().toISOString().replace(/\.\d+/, '');

/** The state of a channel as a dashboard holds it: a snapshot and every patch after it, without a gap. */
function state_of(frames, ch) {
  let state = null;
  let seq = null;
  for (const frame of frames.filter((x) => x.ch === ch)) {
    if (frame.t === 'snap') [state, seq] = [{ ...frame.data }, frame.seq];
    if (frame.t !== 'patch') continue;
    assert.equal(frame.prev, seq, `a patch of ${ch} is missing`);
    Object.assign(state, frame.set);
    for (const gone of frame.del) delete state[gone];
    seq = frame.seq;
  }
  return { state, seq };
}

const has_order = (state, id) => JSON.stringify(state ?? {}).includes(`"#${id}"`);

test('other sites cannot open a socket with our cookie (F9)', async (t) => {
  const house = await House.build(t, { connect: false });
  const { host } = new URL(house.url);
  const cookie = house.session.cookie;
  const foreign = [null, 'null', '', 'https://evil.example', `http://${host}.evil.example`, `http://evil.${host}`, `http://${host}@evil.example`, `${house.url}/`, 'file://', `http://${host.split(':')[0]}`];
  for (const origin of foreign) {
    const answer = await open_socket(house.url, { Cookie: cookie, Origin: origin });
    assert.equal(answer.status, 403, `Origin ${origin}: ${answer.status}`);
  }
  const ours = await open_socket(house.url, { Cookie: cookie });
  assert.equal(ours.status, 101, ours.head);
  ours.cut();
});

test('a socket lives no longer than its session (F10)', async (t) => {
  const house = await House.build(t, { connect: false });
  assert.equal((await open_socket(house.url)).status, 401, 'no session');
  const made_up = await open_socket(house.url, { Cookie: `clique=${'f'.repeat(32)}` });
  if (made_up.status === 101) {
    await eventually('a made-up session is shown out', () => made_up.code !== null || made_up.closed, 10);
    assert.ok(!made_up.frames.some((x) => x.t === 'hello'), 'it heard nothing');
  } else {
    assert.equal(made_up.status, 401);
  }
  const session = await Session.login(house.url, operator.email, operator.password);
  const socket = await open_socket(house.url, { Cookie: session.cookie });
  socket.send({ t: 'hello' });
  await socket.next('hello', (x) => x.t === 'hello');
  assert.equal((await session.call('POST', '/auth/logout')).status, 204);
  await eventually('the socket is closed after signing out', () => socket.code !== null || socket.closed, 10);
  const again = await open_socket(house.url, { Cookie: session.cookie });
  if (again.status === 101) await eventually('an ended session is shown out', () => again.code !== null || again.closed, 10);
  else assert.equal(again.status, 401);
});

test('an order is on the dashboard without a reload, and a cut misses nothing', async (t) => {
  const house = await House.build(t);
  const store = await house.store(shop);
  const headers = { Cookie: house.session.cookie };
  const first = await open_socket(house.url, headers);
  first.send({ t: 'hello' });
  for (const ch of ['overview', 'orders.live']) assert.equal((await first.subscribe(store, ch)).t, 'snap', ch);
  assert.equal((await house.send(shop, 'orders/create', order(1, { at: today(), price: 4321 }))).status, 200);
  await eventually('the order came by itself', () => has_order(state_of(first.frames, 'orders.live').state, 1), 10);
  await eventually('and so did the figure of the day', () => JSON.stringify(state_of(first.frames, 'overview').state).includes('4321'), 10);

  const { seq } = state_of(first.frames, 'orders.live');
  const { epoch } = first.frames.find((x) => x.t === 'snap' && x.ch === 'orders.live');
  const watcher = await open_socket(house.url, headers);
  watcher.send({ t: 'hello' });
  await watcher.subscribe(store, 'orders.live');
  first.cut();
  for (let id = 2; id <= 6; ++id) assert.equal((await house.send(shop, 'orders/create', order(id, { at: today() }))).status, 200);
  await eventually('somebody else has seen all', () => [2, 3, 4, 5, 6].every((id) => has_order(state_of(watcher.frames, 'orders.live').state, id)), 10);

  const second = await open_socket(house.url, headers);
  second.send({ t: 'hello' });
  const resumed = await second.subscribe(store, 'orders.live', { epoch, seq });
  if (resumed.t === 'patch') assert.equal(resumed.prev, seq, 'it goes on where the cut was');
  const known = [...first.frames, ...second.frames];
  assert.deepEqual(state_of(known, 'orders.live').state, state_of(watcher.frames, 'orders.live').state, 'as if there had been no cut');

  const late = await open_socket(house.url, headers);
  late.send({ t: 'hello' });
  assert.equal((await late.subscribe(store, 'orders.live', { epoch: '1', seq: 1 })).t, 'snap', 'another run’s numbers mean nothing');
});

test('nobody watches a store of somebody else, or what does not exist (F10 G1)', async (t) => {
  const house = await House.build(t, { shops: ['linen', 'tea-house'] });
  const [mine, theirs] = [await house.store(shop), await house.store('tea-house.myshopify.com')];
  await house.stop();
  const made = run(['users', 'add', '--email', 'anna@example.com', '--name', 'Anna', '--store', shop, '--role', 'viewer', '--password-stdin', ...house.flags], { input: 'a long pass phrase\n' });
  assert.equal(made.status, 0, made.stderr);
  await house.start();
  const anna = await Session.login(house.url, 'anna@example.com', 'a long pass phrase');
  const socket = await open_socket(house.url, { Cookie: anna.cookie });
  socket.send({ t: 'hello' });
  assert.equal((await socket.subscribe(mine, 'overview')).t, 'snap');
  for (const ch of ['overview', 'orders.live', 'products', 'jobs', 'ops']) {
    const from = socket.frames.length;
    socket.send({ t: 'sub', ch, store: theirs.id });
    const answer = await socket.next(`a refusal of ${ch}`, (x) => x.t === 'error', from);
    assert.equal(answer.code, 'not_found', ch);
  }
  const from = socket.frames.length;
  socket.send({ t: 'sub', ch: 'secrets', store: mine.id });
  assert.equal((await socket.next('no such channel', (x) => x.t === 'error', from)).code, 'bad_input');
  await house.send('tea-house.myshopify.com', 'orders/create', order(9, { at: today() }));
  await house.digested(theirs);
  assert.ok(!socket.frames.some((x) => x.store === theirs.id), 'nothing of theirs came');
});
