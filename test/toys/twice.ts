/** A toy command that runs another twice, inside itself, as a script does: TWICE INCR n. */
import type { Call } from '../../src/engine/call.js';
import type { CommandRow } from '../../src/engine/command.js';
import { CommandTable } from '../../src/engine/command-table.js';
import { Engine } from '../../src/engine/engine.js';
import { Args } from '../../src/protocol/args.js';

function twice(call: Call): void {
  const { args, client, command, db, now, reply } = call;
  const inner = call.feature(CommandTable).find(args, 1)!;
  const words = Args.from(Array.from({ length: args.count - 1 }, (_, i) => args.buffer(i + 1)));
  const engine = call.feature(Engine);
  engine.effects.begin();
  reply.array(2);
  for (let i = 0; i < 2; i++) engine.runInside(call, inner, words);
  engine.effects.end();
  call.noEffect();
  const isUntouched =
    call.args === args &&
    call.client === client &&
    call.command === command &&
    call.db === db &&
    call.now === now &&
    args.is(0, 'TWICE');
  if (!isUntouched) throw new Error('a command inside TWICE changed its call');
}

export const twiceCommands: readonly CommandRow[] = [
  {
    name: 'twice',
    summary: 'Runs a command twice.',
    group: 'scripting',
    complexity: 'Depends on the command',
    arity: -2,
    flags: [],
    run: twice,
  },
];
