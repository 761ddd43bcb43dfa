/**
 * Commands inside a command, as scripts will run them: the outer one's call, reply, effects, errors and counts stay its
 * own.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { SeveralClients } from '../../support/several-clients.js';
import { twiceCommands } from '../../toys/twice.js';

let room: SeveralClients;

beforeEach(() => {
  room = new SeveralClients(twiceCommands);
});

const callsOf = (name: string) => {
  const { calls, failedCalls, rejectedCalls } = room.engine.table.named(name)!;
  return [calls, failedCalls, rejectedCalls];
};

describe('a command inside a command', () => {
  it('replies after what the outer one has written, to any depth', () => {
    expect(room.run('a', 'TWICE', 'INCR', 'n')).toBe('*2\r\n:1\r\n:2\r\n');
    expect(room.run('a', 'TWICE', 'TWICE', 'TWICE', 'INCR', 'n')).toBe(
      `*2\r\n${[3, 7].map((i) => `*2\r\n*2\r\n:${i}\r\n:${i + 1}\r\n*2\r\n:${i + 2}\r\n:${i + 3}\r\n`).join('')}`,
    );
    expect(callsOf('incr')).toEqual([10, 0, 0]);
    expect(callsOf('twice')).toEqual([8, 0, 0]);
  });

  it('fails alone', () => {
    room.run('a', 'SET', 'text', 'x');
    const error = '-ERR value is not an integer or out of range\r\n';
    expect(room.run('a', 'TWICE', 'INCR', 'text')).toBe(`*2\r\n${error}${error}`);
    expect(callsOf('incr')).toEqual([2, 2, 0]);
    expect(callsOf('twice')).toEqual([1, 0, 0]);
  });

  it('is propagated with all the others, once, in place of the outer one', () => {
    room.run('a', 'TWICE', 'TWICE', 'INCR', 'n');
    expect(room.takeEffects()).toEqual(['0: MULTI', ...Array(4).fill('0: INCR n'), '0: EXEC']);
    room.run('a', 'TWICE', 'GETDEL', 'n');
    expect(room.takeEffects()).toEqual(['0: DEL n']);
  });

  it('inside EXEC is one of its commands, and serves who waits when all is over', () => {
    room.run('w', 'BLPOP', 'l', '0');
    room.lines('a', 'MULTI', 'TWICE RPUSH l x', 'LLEN l');
    expect(room.run('a', 'EXEC')).toBe('*2\r\n*2\r\n:1\r\n:2\r\n:2\r\n');
    expect(room.takeSent()).toEqual(['w *2\r\n$1\r\nl\r\n$1\r\nx\r\n']);
    expect(room.takeEffects()).toEqual(['0: MULTI', '0: RPUSH l x', '0: RPUSH l x', '0: EXEC', '0: LPOP l']);
  });

  it('sends its messages to its own client after the whole reply', () => {
    room.run('a3', 'SUBSCRIBE', 'c');
    expect(room.run('a3', 'TWICE', 'PUBLISH', 'c', 'm')).toBe(
      `*2\r\n:1\r\n:1\r\n${'>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n'.repeat(2)}`,
    );
  });

  it('must not come by execute()', () => {
    const { engine } = room;
    const observer = {
      keyChanged: () => room.run('b', 'GET', 'k'),
      databaseChanged() {},
    };
    engine.keyspace.observe(observer);
    expect(() => room.run('a', 'SET', 'k', 'v')).toThrow('execute() was called from inside a command');
  });
});
