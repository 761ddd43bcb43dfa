import { describe, expect, test } from 'vitest';
import { FULL_ACCESS } from '../../../src/http/access/access.js';
import { EventStreams } from '../../../src/http/apis/upstash/events.js';
import type { HttpRequest } from '../../../src/http/message.js';
import { Args } from '../../../src/protocol/args.js';

/** A request whose command is answered with these bytes, and what becomes of it. */
class FakeRequest {
  readonly access = FULL_ACCESS;
  sent = '';
  hasStream = false;
  hasEnded = false;
  hasCaller = false;
  /** The client takes no more. */
  isGone = false;
  leave = (): void => {};
  events!: { onBytes(bytes: Buffer): void; onClosed(): void };

  constructor(private readonly reply: string) {}

  header(): undefined {
    return undefined;
  }

  readonly gateway = {
    caller: (events: FakeRequest['events']) => {
      this.events = events;
      this.hasCaller = true;
      return {
        run: () => Buffer.from(this.reply),
        end: () => {
          this.hasCaller = false;
        },
      };
    },
  };

  readonly exchange = {
    onGone: (callback: () => void) => {
      this.leave = callback;
    },
    stream: () => {
      this.hasStream = true;
      return {
        write: (bytes: Buffer) => {
          this.sent += bytes.toString();
          return !this.isGone;
        },
        end: () => {
          this.hasEnded = true;
        },
      };
    },
  };
}

function open(streams: EventStreams, reply = '+OK\r\n'): { fake: FakeRequest; refusal: string | undefined } {
  const fake = new FakeRequest(reply);
  return { fake, refusal: streams.open(fake as unknown as HttpRequest, Args.from(['MONITOR'])) };
}

const turns = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('streams of events', () => {
  test('show that they are alive while nothing happens', async () => {
    const streams = new EventStreams(1);
    const { fake } = open(streams);
    while (!fake.sent.endsWith(': \n\n: \n\n')) await turns(1);
    expect(fake.sent).toMatch(/^data: "OK"\n\n(: \n\n)+$/);
    fake.leave();
    const { sent } = fake;
    await turns(5);
    expect(fake.sent).toBe(sent);
    expect(fake.hasCaller).toBe(false);
  });

  test('do not begin where the command fails', () => {
    const { fake, refusal } = open(new EventStreams(), '-ERR no\r\n');
    expect(refusal).toBe('ERR no');
    expect(fake).toMatchObject({ hasStream: false, hasCaller: false });
  });

  test('end with the client, with its connection, and with the server', () => {
    const streams = new EventStreams();
    const [killed, slow, left] = [open(streams), open(streams), open(streams)].map(({ fake }) => fake);
    killed!.events.onClosed();
    slow!.isGone = true;
    slow!.events.onBytes(Buffer.from('+1 "GET"\r\n'));
    expect([killed, slow, left].map((fake) => fake!.hasCaller)).toEqual([false, false, true]);
    streams.close();
    expect([killed, slow, left].map((fake) => [fake!.hasCaller, fake!.hasEnded])).toEqual(Array(3).fill([false, true]));
  });

  test('take several messages in one piece', () => {
    const { fake } = open(new EventStreams());
    fake.events.onBytes(Buffer.from('*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nb\n\r\n*2\r\n:1\r\n$-1\r\n'));
    expect(fake.sent).toBe('data: "OK"\n\ndata: message,a,b\ndata: \n\ndata: 1,\n\n');
  });
});
