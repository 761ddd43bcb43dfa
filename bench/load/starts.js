/** Times RedisServer.start() of several servers in one process, one after the other. */
import { RedisServer } from '../../dist/index.js';

const { times } = JSON.parse(process.argv[2]);
const ms = [];
for (let i = 0; i < times; i++) {
  const began = performance.now();
  const server = await RedisServer.start({ port: 0 });
  ms.push(performance.now() - began);
  await server.stop();
}
process.send({ report: ms });
process.disconnect();
