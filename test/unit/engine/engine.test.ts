import { describe, expect, it } from 'vitest';
import { allCommands } from '../../../src/commands/index.js';
import { ClientGate } from '../../../src/engine/client.js';
import type { CommandRow } from '../../../src/engine/command.js';
import { EngineGate } from '../../../src/engine/gate.js';
import { EventClass } from '../../../src/keyspace/events.js';
import { Args } from '../../../src/protocol/args.js';
import { wordsOf } from '../../support/effect-words.js';
import { setServer, TestClock, testClient, testEngine } from '../../support/test-engine.js';

const FAULTY: CommandRow = {
  name: 'faulty',
  summary: 'Fails after half a reply.',
  group: 'generic',
  complexity: 'O(1)',
  arity: 1,
  flags: [],
  run: (call) => {
    call.reply.array(3);
    call.reply.integer(1);
    throw new TypeError('a bug');
  },
};

function setUp(extra: readonly CommandRow[] = []) {
  const clock = new TestClock(1_000_000);
  const bugs: string[] = [];
  const engine = testEngine([...allCommands, ...extra], {
    clock,
    onInternalError: (error, command) => bugs.push(`${command}: ${error}`),
  });
  let ids = 0;
  const connect = () => {
    const sent: string[] = [];
    const sink = {
      send: (bytes: Buffer) => void sent.push(bytes.toString('latin1')),
      unblocked: () => void sent.push('unblocked'),
    };
    const client = testClient(engine, sink, { id: ++ids });
    const run = (...parts: (string | number)[]): string => {
      engine.execute(client, Args.from(parts));
      const reply = engine.reply.since(0).toString('latin1');
      engine.reply.clear();
      return reply;
    };
    return { client, run, sent };
  };
  const effects: string[] = [];
  const listen = () => {
    engine.effects.listen((effect) => void effects.push(`${effect.databaseIndex}: ${wordsOf(effect).join(' ')}`));
    return effects;
  };
  return { engine, clock, bugs, connect, listen };
}

describe('Engine', () => {
  it('answers a bug with an internal error in place of the half reply, and goes on', () => {
    const { bugs, connect, engine } = setUp([FAULTY]);
    const { run } = connect();
    expect(run('FAULTY')).toBe('-ERR internal error\r\n');
    expect(bugs).toEqual(['faulty: TypeError: a bug']);
    expect(run('SET', 'a', 1)).toBe('+OK\r\n');
    expect(engine.errorCounts.get('ERR')).toBe(1);
    engine.keyspace.checkIntegrity();
  });

  it('finds commands and subcommands in any case, and names them in arity errors', () => {
    const { run } = setUp().connect();
    expect(run('gEt', 'a')).toBe('$-1\r\n');
    expect(run('get')).toBe("-ERR wrong number of arguments for 'get' command\r\n");
    expect(run('oBject', 'Encoding')).toBe("-ERR wrong number of arguments for 'object|encoding' command\r\n");
    expect(run('object', 'nope')).toBe("-ERR unknown subcommand 'nope'. Try OBJECT HELP.\r\n");
    expect(run('nope', 'x', 'y')).toBe("-ERR unknown command 'nope', with args beginning with: 'x' 'y' \r\n");
    expect(run('')).toBe("-ERR unknown command '', with args beginning with: \r\n");
  });

  it('lets through what its flags allow while a client has to authenticate or the server is loading', () => {
    const { connect, engine } = setUp();
    const { client, run } = connect();
    client.gate = ClientGate.NEEDS_AUTH;
    setServer(engine, { authentication: { isRequired: true } });
    expect(run('GET', 'a')).toBe('-NOAUTH Authentication required.\r\n');
    expect(run('QUIT')).toBe('+OK\r\n');
    client.gate = 0;
    engine.gate = EngineGate.LOADING;
    expect(run('GET', 'a')).toBe('-LOADING Redis is loading the dataset in memory\r\n');
    expect(run('SELECT', 0)).toBe('+OK\r\n');
  });

  it('says nothing to a client that wants no replies, and skips one when asked to', () => {
    const { run } = setUp().connect();
    expect(run('CLIENT', 'REPLY', 'OFF')).toBe('');
    expect(run('SET', 'a', 1)).toBe('');
    expect(run('CLIENT', 'REPLY', 'ON')).toBe('+OK\r\n');
    expect(run('CLIENT', 'REPLY', 'SKIP')).toBe('');
    expect(run('GET', 'a')).toBe('');
    expect(run('GET', 'a')).toBe('$1\r\n1\r\n');
  });

  it('propagates effects in a form that does the same at any time', () => {
    const { clock, connect, listen } = setUp();
    const { run } = connect();
    const effects = listen();
    run('SET', 'a', 1, 'EX', 100);
    run('GET', 'a');
    run('EXPIRE', 'a', 50);
    run('INCR', 'a');
    run('SELECT', 3);
    run('SET', 'b', 'x', 'PX', 10);
    clock.nowMs += 10;
    run('GET', 'b');
    run('EXPIRE', 'b', -1);
    run('SET', 'c', 'x');
    run('EXPIRE', 'c', -1);
    run('INCRBYFLOAT', 'f', '1.5');
    run('SET', 'f', 'y', 'NX');
    expect(effects).toEqual([
      '0: SET a 1 PXAT 1100000',
      '0: PEXPIREAT a 1050000',
      '0: INCR a',
      '3: SET b x PXAT 1000010',
      '3: DEL b',
      '3: SET c x',
      '3: DEL c',
      '3: SET f 1.5 KEEPTTL',
    ]);
  });

  it('tells every change of a key to whoever observes, and expiry once', () => {
    const { clock, connect, engine } = setUp();
    const events: string[] = [];
    engine.keyspace.observe({
      keyChanged: (db, key, event, eventClass) =>
        void events.push(`${db.index} ${key} ${event}${eventClass === EventClass.EXPIRED ? '!' : ''}`),
      databaseChanged: (db) => void events.push(`${db.index} all`),
    });
    const { run } = connect();
    run('SET', 'a', 1, 'PX', 5);
    clock.nowMs += 5;
    run('GET', 'a');
    run('GET', 'a');
    run('RENAME', 'a', 'b');
    run('SET', 'a', 1);
    run('RENAME', 'a', 'b');
    run('DEL', 'b', 'b');
    expect(events).toEqual([
      '0 a set',
      '0 a expire',
      '0 a expired!',
      '0 a set',
      '0 a rename_from',
      '0 b rename_to',
      '0 b del',
    ]);
  });
});
