/** SPOP and SRANDMEMBER: members by chance, each with the same one. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import type { EffectPart } from '../../../engine/effect.js';
import { oneKey } from '../../../engine/key-specs.js';
import { Slice } from '../../../memory/slice.js';
import * as errors from '../../../protocol/errors.js';
import { Form, openSet, type SetValue } from '../value.js';
import { readSet, timeLong, writeSetRef } from './shared.js';

/** As many members as one SREM names that is propagated. */
const MEMBERS_PER_EFFECT = 1024;
/**
 * Picks below this part of a set are remembered, so as not to be made twice; more are chosen while the set is walked.
 */
const SPARSE_PART = 16;
const INT64_MIN = -(2n ** 63n);

function spop(call: Call): void {
  const { args, reply, db } = call;
  if (args.count > 3) throw errors.SYNTAX;
  if (args.count === 3) {
    popSeveral(call);
    return;
  }
  const ref = writeSetRef(call, 1);
  if (ref === 0) {
    reply.null();
    return;
  }
  const set = openSet(db, ref);
  set.openToRemove();
  set.seekRandom();
  const member = set.memberHere;
  reply.bulk(member);
  if (call.propagating) call.effect('SREM', args.slice(1), member);
  const isGone = set.length === 1;
  if (isGone) db.delete(ref);
  else set.removeHere();
  call.changed(args.slice(1), 'spop');
  if (isGone) call.deleted(args.slice(1), 0);
}

function popSeveral(call: Call): void {
  const { args, reply, db } = call;
  const limit = args.integer(2, errors.NOT_POSITIVE);
  if (limit < 0) throw errors.NOT_POSITIVE;
  const ref = writeSetRef(call, 1);
  if (ref === 0 || limit === 0) {
    reply.set(0);
    return;
  }
  const set = openSet(db, ref);
  if (limit >= set.length) {
    popAll(call, set);
    return;
  }
  const popped: EffectPart[] | null = call.propagating ? [] : null;
  reply.set(limit);
  const pop = (member: Slice): void => {
    reply.bulk(member);
    popped?.push(Slice.of(member.toBuffer()));
  };
  if (set.form === Form.TABLE && limit * SPARSE_PART >= set.length) {
    set.removeSample(limit, pop);
  } else {
    for (let left = limit; left > 0; left--) {
      set.openToRemove();
      set.seekRandom();
      pop(set.memberHere);
      set.removeHere();
    }
  }
  for (let from = 0; popped !== null && from < popped.length; from += MEMBERS_PER_EFFECT) {
    call.effect('SREM', args.slice(1), ...popped.slice(from, from + MEMBERS_PER_EFFECT));
  }
  call.changed(args.slice(1), 'spop', limit);
}

function popAll(call: Call, set: SetValue): void {
  const { args, reply, db } = call;
  const { length } = set;
  reply.set(length);
  set.writeMembers(reply);
  db.delete(set.ref);
  call.effect('DEL', args.slice(1));
  call.changed(args.slice(1), 'spop', length);
  call.deleted(args.slice(1), 0);
}

function srandmember(call: Call): void {
  const { args, reply } = call;
  if (args.count > 3) throw errors.SYNTAX;
  if (args.count === 2) {
    const set = readSet(call, 1);
    if (set === null) {
      reply.null();
      return;
    }
    set.seekRandom();
    reply.bulk(set.memberHere);
    return;
  }
  const count = args.integer(2);
  if (args.integer64(2) === INT64_MIN) throw errors.RANK_OUT_OF_RANGE;
  const set = readSet(call, 1);
  if (set === null || count === 0) {
    reply.array(0);
    return;
  }
  timeLong(call, set);
  if (count < 0) {
    reply.array(-count);
    for (let left = -count; left > 0; left--) {
      set.seekRandom();
      reply.bulk(set.memberHere);
    }
  } else if (count >= set.length) {
    reply.array(set.length);
    set.writeMembers(reply);
  } else {
    reply.array(count);
    if (count * SPARSE_PART < set.length) writeSparseSample(call, set, count);
    else writeSample(call, set, count);
  }
}

/**
 * So many different members, each subset with the same chance: a member is taken with the share that is still wanted.
 */
function writeSample(call: Call, set: SetValue, wanted: number): void {
  const { random } = call.keyspace;
  let left = set.length;
  for (set.rewind(); wanted > 0; left--) {
    set.next();
    if (random.below(left) >= wanted) continue;
    call.reply.bulk(set.memberHere);
    wanted--;
  }
}

/** The same where few are wanted of many, by R. Floyd's algorithm: no pick is thrown away. */
function writeSparseSample(call: Call, set: SetValue, count: number): void {
  const { random } = call.keyspace;
  const picked = new Set<number>();
  for (let last = set.length - count; last < set.length; last++) {
    const pick = random.below(last + 1);
    const index = picked.has(pick) ? last : pick;
    picked.add(index);
    set.seek(index);
    call.reply.bulk(set.memberHere);
  }
}

export const randomCommands: readonly CommandRow[] = [
  {
    name: 'spop',
    summary: 'Removes members of a set at random and replies with them.',
    group: 'set',
    complexity: 'O(1) for each member removed',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [oneKey(1, 'RW', 'access', 'delete')],
    arguments: [arg.key(), arg.optional(arg.integer('count', { since: '3.2.0' }))],
    run: spop,
  },
  {
    name: 'srandmember',
    summary: 'Replies with members of a set at random.',
    group: 'set',
    complexity: 'O(N), N being the members asked for; of a small set or a large part of one, all of its members',
    arity: -2,
    flags: ['readonly'],
    keys: [oneKey(1, 'RO', 'access')],
    arguments: [arg.key(), arg.optional(arg.integer('count', { since: '2.6.0' }))],
    isMostlyBrief: true,
    run: srandmember,
  },
];
