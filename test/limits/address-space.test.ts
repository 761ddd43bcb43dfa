/**
 * The data has taken all that the system gives: who asks for more is refused, and all others are served and can
 * save.
 */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { drive, endSockets, expectAlive, expectAnswers, names, openSocket } from '../support/exhaustion.js';
import { type LimitedProgram, LimitedPrograms } from '../support/limited-program.js';
import { encodeCommand, type RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;

let programs: LimitedPrograms;

beforeAll(async () => {
  programs = await LimitedPrograms.create();
});

afterEach(async () => {
  endSockets();
  await programs.endAll();
});

describe.runIf(process.platform === 'linux')('an address space that the data has filled', () => {
  async function filled(): Promise<[LimitedProgram, RawClient]> {
    const program = programs.start({ ulimit: '-v 1300000' }, '--save', '');
    const admin = await program.client();
    const value = Buffer.alloc(100_000, 'x');
    for (let i = 0, reply = ''; !reply.startsWith('-OOM'); i += 50) {
      const replies = await admin.pipeline(Array.from({ length: 50 }, (_, n) => ['SET', `key:${i + n}`, value]));
      if (replies.length < 50) throw new Error(`the server answered ${replies.length} of 50 SETs, then nothing`);
      reply = String(replies.at(-1));
    }
    return [program, admin];
  }

  test('requests, output, connections and subscriptions are refused, one after the other, and it can still save', async () => {
    const [program, admin] = await filled();
    await expectAlive(program, admin);
    // One request of 200 MB.
    const large = await openSocket(program);
    large.socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${200 * MIB}\r\n`);
    for (let i = 0; i < 200 && !large.closed(); i++) {
      large.socket.write(Buffer.alloc(MIB));
      if (i % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => large.closed() || large.received().includes('-OOM'));
    large.socket.destroy();
    await expectAnswers(program, admin);
    // 200 unfinished ones.
    for (let i = 0; i < 200; i++) {
      const { socket } = await openSocket(program);
      socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1200000\r\n`);
      socket.write(Buffer.alloc(1_100_000));
    }
    await expectAnswers(program, admin);
    endSockets();
    // Slow readers.
    for (let i = 0; i < 20; i++) {
      const { socket } = await openSocket(program);
      socket.pause();
      for (let n = 0; n < 100; n++) socket.write(encodeCommand(['GET', 'key:0']));
    }
    await expectAnswers(program, admin);
    endSockets();
    // Connections.
    for (let i = 0; i < 1200; i++) await openSocket(program);
    await expectAnswers(program, admin);
    endSockets();
    // Subscriptions.
    await drive(program, 80, (i) => ['SUBSCRIBE', ...names('channel', i, 5000)]);
    await expectAlive(program, admin);
    await admin.call('FLUSHALL');
    await until(async () => String(await admin.call('SET', 'k', 'v')) === '+OK\r\n');
    expect(await program.signal('SIGTERM')).toBe(0);
  });
});
