import { describe, expect, it } from 'vitest';
import { Effects } from '../../../src/engine/effects.js';
import { wordsOf } from '../../support/effect-words.js';
import { SeveralClients } from '../../support/several-clients.js';

describe('Effects', () => {
  it('of commands that ran while nobody listened do not reach into the first one that somebody hears', () => {
    const { engine, run } = silentRoom();
    // Replaces its effect, suppresses it, runs others inside.
    for (const command of ['SET k v PX 100', 'MULTI', 'SET j v', 'EXEC', 'RPUSH l a', 'BLPOP l 0']) run(command);
    const heard: string[] = [];
    engine.effects.listen((effect) => void heard.push(wordsOf(effect).join(' ')));
    run('SET k v');
    expect(heard).toEqual(['SET k v']);
  });

  it('are encoded once for all who read them', () => {
    const { engine, run } = silentRoom();
    const heard: Buffer[] = [];
    for (let i = 0; i < 3; i++) engine.effects.listen(({ bytes }) => void heard.push(bytes));
    run('SET k v');
    expect(heard.map(String)).toEqual(Array(3).fill('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n'));
    expect(new Set(heard).size).toBe(1);
  });

  it('of commands inside commands inside a command go out together, at its end', () => {
    const effects = new Effects();
    const heard: string[] = [];
    effects.listen((effect) => void heard.push(wordsOf(effect).join(' ')));
    effects.begin();
    effects.emit(0, ['DEL', 'a']);
    effects.begin();
    effects.emit(0, ['DEL', 'b']);
    effects.end();
    expect(heard).toEqual([]);
    effects.end();
    expect(heard).toEqual(['MULTI', 'DEL a', 'DEL b', 'EXEC']);
  });
});

/** A room whose own ears are closed. */
function silentRoom() {
  const room = new SeveralClients();
  room.stopListening();
  return { engine: room.engine, run: (line: string) => room.lines('a', line) };
}
