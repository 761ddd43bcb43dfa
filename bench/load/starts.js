/** Times RedisServer.start() of several servers in one process, one after the other. */

import { RedisServer } from '../../dist/index.js';
import { options, report } from '../support/child.js';

const { times } = options;
const ms = [];
for (let i = 0; i < times; i++) {
  const began = performance.now();
  const server = await RedisServer.start({ port: 0 });
  ms.push(performance.now() - began);
  await server.stop();
}
report(ms);
