/** Memory of clients: what they hold is counted where it is, limited, and goes back to the system when they go. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LimitedProgram, LimitedPrograms } from '../support/limited-program.js';
import { encodeCommand, type RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;

let programs: LimitedPrograms;
const clients: RawClient[] = [];

beforeAll(async () => {
  programs = await LimitedPrograms.create();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await programs.endAll();
});

async function connect(program: LimitedProgram): Promise<RawClient> {
  const client = await program.client();
  clients.push(client);
  return client;
}

/** A field of CLIENT LIST, of each client whose name is given. */
async function field(admin: RawClient, field: string, name: string): Promise<number[]> {
  const lines = String(await admin.call('CLIENT', 'LIST')).split('\n');
  return lines
    .filter((line) => line.includes(` name=${name} `))
    .map((line) => Number(new RegExp(` ${field}=(\\d+)`).exec(line)![1]));
}

async function slowSubscriber(program: LimitedProgram, channel: string): Promise<RawClient> {
  const client = await connect(program);
  await client.call('CLIENT', 'SETNAME', 'slow');
  await client.call('SUBSCRIBE', channel);
  client.pause();
  return client;
}

describe.runIf(process.platform === 'linux')('output', () => {
  test('of clients that are dropped goes back to the system within seconds', async () => {
    const program = programs.start({}, '--save', '');
    const admin = await connect(program);
    await admin.call('SET', 'k', Buffer.alloc(MIB));
    const before = program.residentBytes;
    const slow: RawClient[] = [];
    for (let i = 0; i < 4; i++) {
      const client = await connect(program);
      await client.call('CLIENT', 'SETNAME', 'slow');
      client.pause();
      for (let n = 0; n < 60; n++) client.send(['GET', 'k']);
      slow.push(client);
    }
    await until(async () => (await field(admin, 'omem', 'slow')).every((bytes) => bytes > 40 * MIB));
    expect(program.residentBytes - before).toBeGreaterThan(160 * MIB);
    await Promise.all(slow.map((client) => client.close()));
    const deadline = Date.now() + 5_000;
    await until(() => program.residentBytes - before < 60 * MIB || Date.now() > deadline);
    expect((program.residentBytes - before) / MIB).toBeLessThan(60);
  });

  test('of a slow subscriber is what it is owed and little more, whatever else is published', async () => {
    const program = programs.start({}, '--save', '', '--client-output-buffer-limit', 'pubsub', '0', '0', '0');
    const admin = await connect(program);
    await slowSubscriber(program, 'd');
    const quick = await connect(program);
    await quick.call('SUBSCRIBE', 'e');
    // Until the kernel has taken all it can.
    const filler = encodeCommand(['PUBLISH', 'd', Buffer.alloc(100_000)]);
    for (let i = 0; i < 60; i++) {
      admin.write(filler);
      await admin.read();
    }
    const [before] = await field(admin, 'omem', 'slow');
    expect(before).toBeGreaterThan(0);
    const resident = program.residentBytes;
    const messages = 4_000;
    const one = Buffer.concat([
      encodeCommand(['PUBLISH', 'd', 'x']),
      ...Array.from({ length: 40 }, () => encodeCommand(['PUBLISH', 'e', 'y'.repeat(400)])),
    ]);
    for (let i = 0; i < messages; i += 100) {
      admin.write(Buffer.concat(Array.from({ length: 100 }, () => one)));
      for (let n = 0; n < 4100; n++) await admin.read();
    }
    const [after] = await field(admin, 'omem', 'slow');
    const messageBytes = '*3\r\n$7\r\nmessage\r\n$1\r\nd\r\n$1\r\nx\r\n'.length;
    expect(after! - before!).toBeGreaterThan(messages * messageBytes - 16 * 1024);
    expect(after! - before!).toBeLessThan(messages * messageBytes + 64 * 1024);
    expect((program.residentBytes - resident) / MIB).toBeLessThan(60);
  });
});
