/** The rows of the commands that search. */

import * as arg from '../../../engine/arguments.js';
import type { ArgumentDoc, CommandRow, KeySpec } from '../../../engine/command.js';
import { oneKey } from '../../../engine/key-specs.js';
import { READ_KEY } from '../../zset/commands/shared.js';
import type { Variant } from './query.js';
import { search } from './search.js';
import { UNIT } from './shared.js';

const COMPLEXITY =
  'O(N+log(M)), N being the members in the squares around the shape, M those of the set; sorting takes O(F*log(F)), ' +
  'F being the members found';

const WITHS = [
  arg.optional(arg.token('WITHCOORD')),
  arg.optional(arg.token('WITHDIST')),
  arg.optional(arg.token('WITHHASH')),
];

const ORDER = arg.optional(arg.oneOf('order', [arg.token('ASC'), arg.token('DESC')]));

function count(any: Partial<ArgumentDoc> = {}): ArgumentDoc {
  return arg.optional(
    arg.block('count-block', [arg.integer('count', { token: 'COUNT' }), arg.optional(arg.token('ANY', any))]),
  );
}

const ANY_SINCE = { since: '6.2.0' };

const STORE = arg.optional(
  arg.oneOf('store', [
    arg.key('storekey', { displayText: 'key', keySpec: 1, token: 'STORE' }),
    arg.key('storedistkey', { displayText: 'key', keySpec: 2, token: 'STOREDIST' }),
  ]),
);

/** The key behind a word, from an argument on. */
function keyAfter(keyword: string, from: number): KeySpec {
  return { flags: ['OW', 'update'], begin: { keyword, from }, find: { lastKey: 0, step: 1, limit: 0 } };
}

const SEARCH: Variant = { isSearch: true };
const SEARCH_STORE: Variant = { isSearch: true, stores: true };
const RADIUS: Variant = { takesStore: true };
const RADIUS_RO: Variant = {};
const BY_MEMBER: Variant = { byMember: true, takesStore: true };
const BY_MEMBER_RO: Variant = { byMember: true };

const CENTER: readonly ArgumentDoc[] = [arg.double('longitude'), arg.double('latitude')];

const FROM = arg.oneOf('from', [
  arg.string('member', { token: 'FROMMEMBER' }),
  arg.block('fromlonlat', CENTER, { token: 'FROMLONLAT' }),
]);

const BY = arg.oneOf('by', [
  arg.block('circle', [arg.double('radius', { token: 'BYRADIUS' }), UNIT]),
  arg.block('box', [arg.double('width', { token: 'BYBOX' }), arg.double('height'), UNIT]),
]);

export const searchCommands: readonly CommandRow[] = [
  {
    name: 'geosearch',
    summary: 'Finds the members within a circle or a box.',
    group: 'geo',
    complexity: COMPLEXITY,
    arity: -7,
    flags: ['readonly'],
    keys: [READ_KEY],
    arguments: [arg.key(), FROM, BY, ORDER, count(), ...WITHS],
    isMostlyBrief: true,
    run: (call) => search(call, SEARCH),
  },
  {
    name: 'geosearchstore',
    summary: 'Stores the members within a circle or a box, with their places or distances.',
    group: 'geo',
    complexity: COMPLEXITY,
    arity: -8,
    flags: ['write', 'denyoom'],
    keys: [oneKey(1, 'OW', 'update'), oneKey(2, 'RO', 'access')],
    arguments: [
      arg.key('destination'),
      arg.key('source', { keySpec: 1 }),
      FROM,
      BY,
      ORDER,
      count(),
      arg.optional(arg.token('STOREDIST')),
    ],
    run: (call) => search(call, SEARCH_STORE),
  },
  {
    name: 'georadius',
    summary: 'Finds, or stores, the members within a circle around a place.',
    group: 'geo',
    complexity: COMPLEXITY,
    arity: -6,
    flags: ['write', 'denyoom', 'movablekeys'],
    keys: [READ_KEY, keyAfter('STORE', 6), keyAfter('STOREDIST', 6)],
    arguments: [arg.key(), ...CENTER, arg.double('radius'), UNIT, ...WITHS, count(ANY_SINCE), ORDER, STORE],
    run: (call) => search(call, RADIUS),
  },
  {
    name: 'georadius_ro',
    summary: 'Finds the members within a circle around a place.',
    group: 'geo',
    complexity: COMPLEXITY,
    arity: -6,
    flags: ['readonly'],
    keys: [READ_KEY],
    arguments: [arg.key(), ...CENTER, arg.double('radius'), UNIT, ...WITHS, count(ANY_SINCE), ORDER],
    isMostlyBrief: true,
    run: (call) => search(call, RADIUS_RO),
  },
  {
    name: 'georadiusbymember',
    summary: 'Finds, or stores, the members within a circle around a member.',
    group: 'geo',
    complexity: COMPLEXITY,
    arity: -5,
    flags: ['write', 'denyoom', 'movablekeys'],
    keys: [READ_KEY, keyAfter('STORE', 5), keyAfter('STOREDIST', 5)],
    arguments: [arg.key(), arg.string('member'), arg.double('radius'), UNIT, ...WITHS, count(), ORDER, STORE],
    run: (call) => search(call, BY_MEMBER),
  },
  {
    name: 'georadiusbymember_ro',
    summary: 'Finds the members within a circle around a member.',
    group: 'geo',
    complexity: COMPLEXITY,
    arity: -5,
    flags: ['readonly'],
    keys: [READ_KEY],
    arguments: [arg.key(), arg.string('member'), arg.double('radius'), UNIT, ...WITHS, count(), ORDER],
    isMostlyBrief: true,
    run: (call) => search(call, BY_MEMBER_RO),
  },
];
