/** Runs a server in this process, fills it over a socket, and times snapshot() and restore(). */

import { RedisServer } from '../../dist/index.js';
import { options, report } from '../support/child.js';
import { runLoad } from '../support/load.js';

const { keys, touched, times } = options;
const server = await RedisServer.start({ port: 0 });
const { seconds } = await runLoad('fill', { port: server.port, kind: 'set', to: keys });
const name = () => `key:${String(Math.floor(Math.random() * keys)).padStart(12, '0')}`;
const snapshotMs = [];
const restoreMs = [];
for (let i = 0; i < times; i++) {
  let began = performance.now();
  const snapshot = server.snapshot();
  snapshotMs.push(Number((performance.now() - began).toFixed(3)));
  for (let n = 0; n < touched; n++) await server.execute('SET', name(), `touched ${i}`);
  began = performance.now();
  server.restore(snapshot);
  restoreMs.push(Number((performance.now() - began).toFixed(3)));
  snapshot.close();
}
await server.stop();
report({ seconds, snapshotMs, restoreMs });
