/** The server that a program works on: its port is given to the program, 6379 otherwise. */
import { Redis as Redis5 } from 'ioredis';
import { Redis as Redis6 } from 'ioredis6';
import { createClient } from 'redis';

export const host = '127.0.0.1';
export const port = Number(process.env.REDIS_PORT ?? 6379);
export const url = `redis://${host}:${port}`;

const opened = [];

/** A connection by ioredis 5, or by the version that CLIENT names. @returns an object of the client library */
export function connect(options = {}, client = process.env.CLIENT ?? 'ioredis5') {
  const redis =
    client === 'node-redis'
      ? createClient({ url })
      : new (client === 'ioredis6' ? Redis6 : Redis5)({ host, port, maxRetriesPerRequest: null, ...options });
  // What is on its way when a program ends fails, and that is right.
  redis.on('error', () => {});
  opened.push(redis);
  return redis;
}

/** A connection by node-redis, once it is ready. */
export async function connectNodeRedis() {
  const redis = connect({}, 'node-redis');
  await redis.connect();
  return redis;
}

/** Closes all of them: a program ends when nothing is open. */
export function disconnectAll() {
  for (const redis of opened) {
    if (redis.isOpen === undefined) redis.disconnect();
    else if (redis.isOpen) redis.destroy();
  }
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until a condition holds; a program in which it never does is ended from outside. */
export async function until(condition) {
  while (!(await condition())) await pause(5);
}
