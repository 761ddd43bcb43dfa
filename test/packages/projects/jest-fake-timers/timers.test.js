// Timers and Date are fakes before anything is loaded.
const { connect } = require('node:net');
const { RedisServer } = require('redstart');

test('a server that was loaded while timers are fake serves as ever', async () => {
  expect(setImmediate.clock ?? setTimeout.clock).toBeDefined();
  jest.setSystemTime(0);
  const server = await RedisServer.start({ port: 0 });
  const socket = connect(server.port, '127.0.0.1');
  const reply = () => new Promise((resolve) => socket.once('data', (bytes) => resolve(bytes.toString())));
  socket.write('PING\r\n');
  expect(await reply()).toBe('+PONG\r\n');
  expect(server.clock.now()).toBeGreaterThan(1.5e12);
  socket.write('BLPOP jobs 60\r\n');
  await server.clock.advance(60_000);
  expect(await reply()).toBe('*-1\r\n');
  socket.write('SET soon x PX 5\r\n');
  expect(await reply()).toBe('+OK\r\n');
  // Its own timers run by the machine's clock, whatever the test's stand at.
  while ((await server.execute('DBSIZE')) !== 0) await server.idle();
  socket.destroy();
  await server.stop();
});
