/** GEOADD, GEODIST, GEOHASH and GEOPOS: places one by one. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import * as errors from '../../../protocol/errors.js';
import { addScored, options, scoresFor } from '../../zset/commands/adding.js';
import { READ_KEY, readZSet } from '../../zset/commands/shared.js';
import { distance } from '../distance.js';
import { decode, type Place, scoreOf, textOf } from '../geohash.js';
import { placeAt, UNIT, unitAt, writeDistance, writePlace } from './shared.js';

const place: Place = { longitude: 0, latitude: 0 };
const other: Place = { longitude: 0, latitude: 0 };

function geoAdd(call: Call): void {
  const { args } = call;
  parseOptions(call);
  const { first, stride } = options;
  const count = (args.count - first) / stride;
  if (!Number.isInteger(count) || (options.onlyNew && options.onlyThere)) throw errors.SYNTAX;
  const scores = scoresFor(count);
  for (let i = 0; i < count; i++) {
    placeAt(args, first + i * stride, place);
    scores[i] = scoreOf(place.longitude, place.latitude);
  }
  if (count === 0) throw errors.SYNTAX;
  const { dirty } = call.keyspace;
  addScored(call, count);
  if (call.propagating && call.keyspace.dirty !== dirty) propagateAsZadd(call, scores, count);
}

function parseOptions({ args }: Call): void {
  options.onlyNew = options.onlyThere = options.onlyGreater = options.onlyLess = false;
  options.countsChanges = options.increments = false;
  options.stride = 3;
  let i = 2;
  for (; i < args.count; i++) {
    if (args.is(i, 'NX')) options.onlyNew = true;
    else if (args.is(i, 'XX')) options.onlyThere = true;
    else if (args.is(i, 'CH')) options.countsChanges = true;
    else break;
  }
  options.first = i;
}

function propagateAsZadd(call: Call, scores: Float64Array, count: number): void {
  const { args } = call;
  const { first, stride } = options;
  const parts: Parameters<Call['effect']> = ['zadd'];
  for (let i = 1; i < first; i++) parts.push(args.slice(i));
  for (let i = 0; i < count; i++) parts.push(scores[i], args.slice(first + i * stride + 2));
  call.effect(...parts);
}

function geoDist(call: Call): void {
  const { args, reply } = call;
  if (args.count > 5) throw errors.SYNTAX;
  const unit = args.count === 5 ? unitAt(args, 4) : 1;
  const zset = readZSet(call, 1);
  if (!zset?.find(args.slice(2))) {
    reply.null();
    return;
  }
  decode(zset.score, place);
  if (!zset.find(args.slice(3))) {
    reply.null();
    return;
  }
  decode(zset.score, other);
  writeDistance(call, distance(place.longitude, place.latitude, other.longitude, other.latitude) / unit);
}

function geoHash(call: Call): void {
  const { args, reply } = call;
  const zset = readZSet(call, 1);
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    if (zset?.find(args.slice(i))) {
      decode(zset.score, place);
      reply.bulkLatin1(textOf(place));
    } else {
      reply.null();
    }
  }
}

function geoPos(call: Call): void {
  const { args, reply } = call;
  const zset = readZSet(call, 1);
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    if (zset?.find(args.slice(i))) {
      decode(zset.score, place);
      writePlace(call, place);
    } else {
      reply.nullArray();
    }
  }
}

export const placeCommands: readonly CommandRow[] = [
  {
    name: 'geoadd',
    summary: 'Adds members with their places, creating the sorted set if need be, or moves them.',
    group: 'geo',
    complexity: 'O(log(N)) for each member, N being the members of the set',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'RW', 'update')],
    arguments: [
      arg.key(),
      arg.optional(arg.oneOf('condition', [arg.token('NX'), arg.token('XX')], { since: '6.2.0' })),
      arg.optional(arg.token('CH', { name: 'change', since: '6.2.0' })),
      arg.multiple(arg.block('data', [arg.double('longitude'), arg.double('latitude'), arg.string('member')])),
    ],
    elementsAt: [4],
    run: geoAdd,
  },
  {
    name: 'geodist',
    summary: 'Tells how far apart two members are.',
    group: 'geo',
    complexity: 'O(1)',
    arity: -4,
    flags: ['readonly'],
    keys: [READ_KEY],
    arguments: [arg.key(), arg.string('member1'), arg.string('member2'), arg.optional(UNIT)],
    isMostlyBrief: true,
    elementsAt: [2, 3],
    run: geoDist,
  },
  {
    name: 'geohash',
    summary: 'Writes the places of members as geohashes of eleven characters.',
    group: 'geo',
    complexity: 'O(1) for each member',
    arity: -2,
    flags: ['readonly'],
    keys: [READ_KEY],
    arguments: [arg.key(), arg.optional(arg.multiple(arg.string('member')))],
    isMostlyBrief: true,
    run: geoHash,
  },
  {
    name: 'geopos',
    summary: 'Tells longitude and latitude of members.',
    group: 'geo',
    complexity: 'O(1) for each member',
    arity: -2,
    flags: ['readonly'],
    keys: [READ_KEY],
    arguments: [arg.key(), arg.optional(arg.multiple(arg.string('member')))],
    isMostlyBrief: true,
    elementsAt: [2],
    run: geoPos,
  },
];
