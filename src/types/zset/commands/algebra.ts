/** ZUNION, ZINTER, ZDIFF and their relatives: sorted sets made of several, and of sets, whose members count 1 each. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { ArgumentDoc, CommandRow } from '../../../engine/command.js';
import { countedKeys, oneKey } from '../../../engine/key-specs.js';
import type { ScoredMembers } from '../../../keyspace/data-type.js';
import type { EventName } from '../../../keyspace/events.js';
import * as errors from '../../../protocol/errors.js';
import { build, type Result } from './building.js';

const Operation = { UNION: 0, INTERSECTION: 1, DIFFERENCE: 2 } as const;
type Operation = (typeof Operation)[keyof typeof Operation];

type Aggregate = (a: number, b: number) => number;

/** Infinities of both signs come to 0. */
const sum: Aggregate = (a, b) => {
  const result = a + b;
  return Number.isNaN(result) ? 0 : result;
};
const least: Aggregate = (a, b) => (b < a ? b : a);
const greatest: Aggregate = (a, b) => (b > a ? b : a);

interface Source {
  /** null: the key is not there. */
  readonly members: ScoredMembers | null;
  readonly length: number;
  weight: number;
}

interface Plan {
  readonly operation: Operation;
  readonly sources: Source[];
  aggregate: Aggregate;
  withScores: boolean;
  /** Of ZINTERCARD; 0: none. */
  limit: number;
}

/** What may stand behind the keys. */
interface Options {
  readonly aggregates?: boolean;
  readonly scores?: boolean;
  readonly limit?: boolean;
}

/** Reads numkeys at argument `at`, the keys and what follows them. */
function parsePlan(call: Call, at: number, operation: Operation, options: Options): Plan {
  const { args } = call;
  const count = args.integer(at);
  if (count < 1) throw errors.noInputKey(call.command.fullName);
  if (count > args.count - at - 1) throw errors.SYNTAX;
  const sources: Source[] = [];
  for (let i = at + 1; i <= at + count; i++) sources.push(sourceAt(call, i));
  const plan: Plan = { operation, sources, aggregate: sum, withScores: false, limit: 0 };
  parseOptions(call, at + count + 1, plan, options);
  return plan;
}

function sourceAt(call: Call, i: number): Source {
  const { db, keyspace } = call;
  const ref = db.lookup(call.args.slice(i));
  if (ref === 0) return { members: null, length: 0, weight: 1 };
  const { scored } = keyspace.types.of(db, ref);
  if (scored === undefined) throw errors.WRONGTYPE;
  const members = scored(db, ref);
  return { members, length: members.length, weight: 1 };
}

function parseOptions(call: Call, from: number, plan: Plan, options: Options): void {
  const { args } = call;
  const { sources } = plan;
  for (let i = from; i < args.count; i++) {
    const left = args.count - i - 1;
    if (options.aggregates && left >= sources.length && args.is(i, 'WEIGHTS')) {
      for (const source of sources) source.weight = args.double(++i, errors.WEIGHT_NOT_FLOAT);
    } else if (options.aggregates && left >= 1 && args.is(i, 'AGGREGATE')) {
      plan.aggregate = aggregateAt(call, ++i);
    } else if (options.scores && args.is(i, 'WITHSCORES')) {
      plan.withScores = true;
    } else if (options.limit && left >= 1 && args.is(i, 'LIMIT')) {
      plan.limit = args.integer(++i, errors.LIMIT_NEGATIVE);
      if (plan.limit < 0) throw errors.LIMIT_NEGATIVE;
    } else {
      throw errors.SYNTAX;
    }
  }
}

function aggregateAt({ args }: Call, i: number): Aggregate {
  if (args.is(i, 'SUM')) return sum;
  if (args.is(i, 'MIN')) return least;
  if (args.is(i, 'MAX')) return greatest;
  throw errors.SYNTAX;
}

/** The score that a source gives a member; an infinity of weight 0 is 0. */
function weighted(score: number, weight: number): number {
  const product = score * weight;
  return Number.isNaN(product) ? 0 : product;
}

/** Sums come out as Redis's do only in its order, the smallest source first. */
function bySize(sources: readonly Source[]): Source[] {
  return [...sources].sort((a, b) => a.length - b.length);
}

function execute(call: Call, plan: Plan): Result {
  switch (plan.operation) {
    case Operation.UNION:
      return unite(call, plan);
    case Operation.INTERSECTION:
      return intersect(call, plan);
    default:
      return subtract(call, plan);
  }
}

function unite(call: Call, { sources, aggregate }: Plan): Result {
  const total = sources.reduce((most, { length }) => most + length, 0);
  return build(call, total, (result) => {
    for (const { members, weight } of bySize(sources)) {
      members?.visit((member, score) => {
        result.merge(member, weighted(score, weight), aggregate);
        return true;
      });
    }
  });
}

function intersect(call: Call, { sources, aggregate }: Plan): Result {
  const [first, ...others] = bySize(sources);
  return build(call, first.length, (result) => {
    first.members?.visit((member, score) => {
      let total = weighted(score, first.weight);
      for (const { members, weight } of others) {
        const other = members!.scoreOf(member);
        if (Number.isNaN(other)) return true;
        total = aggregate(total, other * weight);
      }
      result.append(member, total);
      return true;
    });
  });
}

function subtract(call: Call, { sources }: Plan): Result {
  const [first, ...others] = sources;
  return build(call, first.length, (result) => {
    first.members?.visit((member, score) => {
      if (!others.some(({ members }) => members !== null && !Number.isNaN(members.scoreOf(member)))) {
        result.append(member, score);
      }
      return true;
    });
  });
}

function answer(call: Call, operation: Operation, options: Options): void {
  const plan = parsePlan(call, 1, operation, options);
  execute(call, plan).write(plan.withScores);
}

function store(call: Call, operation: Operation, options: Options, event: EventName): void {
  execute(call, parsePlan(call, 2, operation, options)).store(1, event);
}

function intersectionSize(call: Call): void {
  const { sources, limit } = parsePlan(call, 1, Operation.INTERSECTION, { limit: true });
  const [first, ...others] = bySize(sources);
  let count = 0;
  first.members?.visit((member) => {
    if (others.every(({ members }) => !Number.isNaN(members!.scoreOf(member)))) count++;
    return count !== limit || limit === 0;
  });
  call.reply.integer(count);
}

// --- rows

const DESTINATION = oneKey(1, 'OW', 'update');

const AGGREGATES: readonly ArgumentDoc[] = [
  arg.option('WEIGHTS', arg.multiple(arg.integer('weight'))),
  arg.option('AGGREGATE', arg.oneOf('aggregate', [arg.token('SUM'), arg.token('MIN'), arg.token('MAX')])),
];
const WITHSCORES = arg.optional(arg.token('WITHSCORES'));

const COMPLEXITY = {
  [Operation.UNION]: 'O(N)+O(M*log(M)), N being all members of the sources, M those of the result',
  [Operation.INTERSECTION]:
    'O(N*K)+O(M*log(M)), N being the members of the smallest source, K the sources, M the members of the result',
  [Operation.DIFFERENCE]:
    'O(N*K)+O(M*log(M)), N being the members of the first source, K the sources, M the members of the result',
};

function answering(name: string, summary: string, operation: Operation): CommandRow {
  const aggregates = operation !== Operation.DIFFERENCE;
  return {
    name,
    summary,
    group: 'sorted-set',
    complexity: COMPLEXITY[operation],
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    keys: [countedKeys(1, 'RO', 'access')],
    arguments: [arg.integer('numkeys'), arg.multiple(arg.key()), ...(aggregates ? AGGREGATES : []), WITHSCORES],
    run: (call) => answer(call, operation, { aggregates, scores: true }),
  };
}

function storing(
  name: 'zunionstore' | 'zinterstore' | 'zdiffstore',
  summary: string,
  operation: Operation,
): CommandRow {
  const aggregates = operation !== Operation.DIFFERENCE;
  return {
    name,
    summary,
    group: 'sorted-set',
    complexity: COMPLEXITY[operation],
    arity: -4,
    flags: ['write', 'denyoom', 'movablekeys'],
    keys: [DESTINATION, countedKeys(2, 'RO', 'access')],
    arguments: [
      arg.key('destination'),
      arg.integer('numkeys'),
      arg.multiple(arg.key('key', { keySpec: 1 })),
      ...(aggregates ? AGGREGATES : []),
    ],
    run: (call) => store(call, operation, { aggregates }, name),
  };
}

export const algebraCommands: readonly CommandRow[] = [
  answering('zunion', 'Replies with the union of sorted sets.', Operation.UNION),
  storing('zunionstore', 'Stores the union of sorted sets.', Operation.UNION),
  answering('zinter', 'Replies with the intersection of sorted sets.', Operation.INTERSECTION),
  storing('zinterstore', 'Stores the intersection of sorted sets.', Operation.INTERSECTION),
  answering('zdiff', 'Replies with the members of a sorted set that are in none of others.', Operation.DIFFERENCE),
  storing('zdiffstore', 'Stores the members of a sorted set that are in none of others.', Operation.DIFFERENCE),
  {
    name: 'zintercard',
    summary: 'Counts the members that sorted sets have in common.',
    group: 'sorted-set',
    complexity: 'O(N*K), N being the members of the smallest source, K the sources',
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    keys: [countedKeys(1, 'RO', 'access')],
    arguments: [arg.integer('numkeys'), arg.multiple(arg.key()), arg.option('LIMIT', arg.integer('limit'))],
    run: intersectionSize,
  },
];
