// A signed 6 KB order -> durable -> 200, against a straightforward Node server and against the delivery log without HTTP.
import { drained } from '../support/house.mjs';
import { median } from '../support/figures.mjs';

const stores = 200;
// Long enough that each takes seconds; the peer is several times slower and takes as long with fewer.
const ours_count = 40_000;
const peer_count = 12_000;

export default async function webhook({ scope, tools, figures, rounds }) {
  const mine = await tools.postgres(scope, stores);
  const theirs = await tools.postgres(scope, stores);
  const server = await tools.server(scope, mine);
  const peer = await tools.peer(scope, theirs, stores);
  let next = 1;
  const drive = async (port, connections, requests) => {
    const got = await tools.load({ port, connections, requests, stores, 'first-id': next });
    next += requests;
    return got;
  };
  await drive(server.port, 64, 4000);
  await drive(peer.port, 64, 4000);
  await drained(mine.sql);

  const seen = {};
  const keep = (key, got) => (seen[key] ??= []).push(got);
  for (let round = 0; round < rounds; ++round) {
    for (const connections of [64, 256]) {
      keep(`ours ${connections}`, await drive(server.port, connections, ours_count));
      await drained(mine.sql);
      keep(`peer ${connections}`, await drive(peer.port, connections, peer_count));
    }
    keep('ceiling', await tools.json('clique_ceiling', { conninfo: theirs.owner, count: ours_count, 'first-id': next, stores }));
    next += ours_count;
  }

  const of = (key, what) => median(seen[key].map((x) => x[what]));
  for (const connections of [64, 256]) {
    figures.add(`webhook requests, ${connections} connections`, of(`ours ${connections}`, 'per_second'), '1/s', {
      peer: { name: 'node', value: of(`peer ${connections}`, 'per_second') },
      goal: { of: 'ratio', is: '>=', than: 4 },
    });
    figures.add(`webhook p99, ${connections} connections`, of(`ours ${connections}`, 'p99_ms'), 'ms', {
      peer: { name: 'node', value: of(`peer ${connections}`, 'p99_ms') },
      goal: connections === 64 ? { of: 'value', is: '<=', than: 20 } : null,
    });
    figures.add(`webhook of the ceiling, ${connections} connections`, of(`ours ${connections}`, 'per_second'), '1/s', {
      peer: { name: 'log without HTTP', value: of('ceiling', 'per_second') },
      goal: { of: 'ratio', is: '>=', than: 0.6 },
    });
  }
}
