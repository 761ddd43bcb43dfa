/** LMOVE and RPOPLPUSH: taking an element from one list to another, or around one. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import type { Ref } from '../../../memory/arena.js';
import { equalBytes } from '../../../memory/slice.js';
import { HeldElement, openList } from '../value.js';
import { announce, announceDeletion, isLeft, reserve, writeListRef } from './shared.js';

const held = new HeldElement();

/** Moves an element from the list of argument 1 to that of argument 2; false, and no reply, if there is none. */
export function moveElement(call: Call, fromLeft: boolean, toLeft: boolean): boolean {
  const { args, db } = call;
  const source = writeListRef(call, 1);
  if (source === 0) return false;
  const target = writeListRef(call, 2);
  const list = openList(db, source);
  list.seek(fromLeft ? 0 : list.length - 1);
  reserve(call, list.lengthHere, 1);
  list.writeHere(call.reply);
  if (equalBytes(args.slice(1), args.slice(2))) rotate(call, source, fromLeft, toLeft);
  else transfer(call, source, target, fromLeft, toLeft);
  return true;
}

function rotate(call: Call, ref: Ref, fromLeft: boolean, toLeft: boolean): void {
  const list = openList(call.db, ref);
  if (list.length > 1 && fromLeft !== toLeft) {
    list.seek(fromLeft ? 0 : list.length - 1);
    list.holdHere(held);
    list.drop(1, fromLeft);
    list.makeReady(held.length, 1);
    list.pushHeld(held, toLeft);
  }
  announceMove(call, fromLeft, toLeft, false);
}

function transfer(call: Call, source: Ref, target: Ref, fromLeft: boolean, toLeft: boolean): void {
  const { args, db } = call;
  const list = openList(db, source);
  list.seek(fromLeft ? 0 : list.length - 1);
  list.holdHere(held);
  const emptied = list.length === 1;
  if (emptied) db.delete(source);
  else list.drop(1, fromLeft);
  list.openToGrow(args.slice(2), target, held.length, 1).pushHeld(held, toLeft);
  announceMove(call, fromLeft, toLeft, emptied);
}

/** In Redis's order, the arrival before the departure; both are one change. */
function announceMove(call: Call, fromLeft: boolean, toLeft: boolean, emptied: boolean): void {
  announce(call, 2, toLeft ? 'lpush' : 'rpush', 0);
  announce(call, 1, fromLeft ? 'lpop' : 'rpop', 1);
  if (emptied) announceDeletion(call, 1);
}

function lmove(call: Call): void {
  const { args } = call;
  const fromLeft = isLeft(args, 3);
  const toLeft = isLeft(args, 4);
  if (!moveElement(call, fromLeft, toLeft)) call.reply.null();
}

function rpoplpush(call: Call): void {
  if (!moveElement(call, false, true)) call.reply.null();
}

export const moveCommands: readonly CommandRow[] = [
  {
    name: 'lmove',
    summary: 'Takes an element from an end of a list to an end of another, or of the same, and replies with it.',
    group: 'list',
    complexity: 'O(1)',
    arity: 5,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'RW', 'access', 'delete'), oneKey(2, 'RW', 'insert')],
    arguments: [
      arg.key('source'),
      arg.key('destination', { keySpec: 1 }),
      arg.oneOf('wherefrom', [arg.token('LEFT'), arg.token('RIGHT')]),
      arg.oneOf('whereto', [arg.token('LEFT'), arg.token('RIGHT')]),
    ],
    run: lmove,
  },
  {
    name: 'rpoplpush',
    summary: 'Takes the last element of a list to the left end of another and replies with it.',
    group: 'list',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'RW', 'access', 'delete'), oneKey(2, 'RW', 'insert')],
    arguments: [arg.key('source'), arg.key('destination', { keySpec: 1 })],
    run: rpoplpush,
  },
];
