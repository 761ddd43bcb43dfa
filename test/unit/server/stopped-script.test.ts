/** A script that has stopped half way for others, as the process meets it that the server is in. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RedisServer } from '../../../src/index.js';

/** One that speaks of coroutines can stop from the start; it never ends. */
const ENDLESS = 'local c=coroutine while true do end';
/** Some tenths of a second. */
const LONG = "local c=coroutine for i=1,3e7 do end redis.call('set','k','v') return redis.call('get','k')";

let server: RedisServer;

beforeEach(async () => {
  server = await RedisServer.start({ port: 0, 'busy-reply-threshold': 5 });
});

afterEach(async () => {
  await server.stop();
});

test('callers in process are told that it runs, and can kill it', async () => {
  const session = server.session();
  const reply = session.execute('EVAL', ENDLESS, 0).catch(String);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await expect(server.execute('GET', 'a')).rejects.toThrow('BUSY');
  expect(await server.execute('SCRIPT', 'KILL')).toBe('OK');
  expect(await reply).toContain('Script killed by user');
  expect(await server.execute('GET', 'a')).toBeNull();
});

test('keys and time stay as they are until it ends', async () => {
  await server.execute('SET', 'soon', 'gone', 'PX', 1000);
  const snapshot = server.snapshot();
  const session = server.session();
  const order: string[] = [];
  const reply = session.execute('EVAL', LONG, 0).finally(() => order.push('script'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(() => server.restore(snapshot)).toThrow('while a command runs');
  const advanced = server.clock.advance(2000).finally(() => order.push('clock'));
  expect(await reply).toBe('v');
  await advanced;
  expect(order).toEqual(['script', 'clock']);
  expect(await server.execute('EXISTS', 'soon', 'k')).toBe(1);
  snapshot.close();
});

test('the server ends in the middle of it', async () => {
  const session = server.session();
  const reply = session.execute('EVAL', ENDLESS, 0).catch(String);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await server.stop();
  expect(await reply).toContain('stopped');
});

test('its client leaves: it goes on to its end', async () => {
  const session = server.session();
  const reply = session.execute('EVAL', LONG, 0).catch(String);
  await new Promise((resolve) => setTimeout(resolve, 20));
  session.close();
  expect(await reply).toContain('closed');
  await server.idle();
  expect(await server.execute('GET', 'k')).toBe('v');
});
