/** MAXLEN and MINID, which XADD and XTRIM have in common, and what becomes of references (8.2). */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { ArgumentDoc } from '../../../engine/command.js';
import type { EffectPart } from '../../../engine/effect.js';
import { Id } from '../../../memory/id-tree.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { idString, readId } from '../id.js';
import type { Stream } from '../stream.js';
import { removeNodesBefore } from '../value.js';
import { type References, referencesAt } from './references.js';

const base = new Id();

const MOST_PER_TRIM = 1_000_000;
const NODES_PER_TRIM = 100;
const LIMIT_WITHOUT_NODES = 10_000;

/** What was parsed last. */
export class Trimming {
  strategy: 'MAXLEN' | 'MINID' | null = null;
  isApproximate = false;
  /** The most entries, and the least id. */
  length = 0;
  readonly id: Id = new Id();
  private references: References = 'KEEPREF';
  /** How many entries may go at most, where only whole nodes go; 0: any number, -1: not said. */
  private limit = -1;

  begin(): void {
    this.strategy = null;
    this.isApproximate = false;
    this.limit = -1;
    this.references = 'KEEPREF';
  }

  /** Takes the option at i; returns the index after it, or i if it is another. */
  take(args: Args, i: number): number {
    const hasMore = i + 1 < args.count;
    if (hasMore && args.is(i, 'MAXLEN')) return this.takeStrategy(args, i, 'MAXLEN');
    if (hasMore && args.is(i, 'MINID')) return this.takeStrategy(args, i, 'MINID');
    const references = referencesAt(args, i);
    if (references !== undefined) {
      this.references = references;
      return i + 1;
    }
    if (!hasMore || !args.is(i, 'LIMIT')) return i;
    this.limit = args.integer(i + 1);
    if (this.limit < 0) throw errors.STREAM_LIMIT_NEGATIVE;
    return i + 2;
  }

  private takeStrategy(args: Args, i: number, strategy: 'MAXLEN' | 'MINID'): number {
    if (this.strategy !== null) throw errors.STREAM_TWO_STRATEGIES;
    this.isApproximate = false;
    let at = i + 1;
    if (at + 1 < args.count && (args.equals(at, '~') || args.equals(at, '='))) {
      this.isApproximate = args.equals(at, '~');
      at++;
    }
    if (strategy === 'MAXLEN') {
      this.length = args.integer(at);
      if (this.length < 0) throw errors.STREAM_MAXLEN_NEGATIVE;
    } else {
      readId(args, at, this.id);
    }
    this.strategy = strategy;
    return at + 1;
  }

  /** After all options. */
  check(): void {
    if (this.limit >= 0 && this.strategy === null) throw errors.STREAM_LIMIT_ALONE;
    if (this.limit >= 0 && !this.isApproximate) throw errors.STREAM_LIMIT_EXACT;
  }

  /** Trims; returns how many entries went. */
  run(call: Call, stream: Stream): number {
    if (this.strategy === null) return 0;
    const isById = this.strategy === 'MINID';
    if (!isById && stream.length <= this.length) return 0;
    const limit = this.limitFor(call);
    if (this.references !== 'KEEPREF' && stream.groups.size > 0) return this.runByReferences(stream, limit);
    const whole = isById
      ? stream.seekNodeAround(this.id, limit)
      : stream.seekNodePast(Math.min(stream.length - this.length, limit));
    if (whole > 0) removeNodesBefore(call.keyspace.staging, stream, whole);
    const left = limit - whole;
    return isById
      ? whole + stream.trimNodeToId(this.id, this.isApproximate, left)
      : whole + stream.trimNodeToLength(this.length, this.isApproximate, left);
  }

  /** How many entries may go at most. */
  private limitFor(call: Call): number {
    if (!this.isApproximate || this.limit === 0) return Number.POSITIVE_INFINITY;
    return this.limit > 0 ? this.limit : defaultLimit(call.keyspace.limits.streamNodeMaxEntries);
  }

  /**
   * The same where references matter. ACKED goes past entries that may not go, to the first that a group still has to
   * read; an approximate run ends at the first node that can not go as a whole, so that it never walks far in vain.
   */
  private runByReferences(stream: Stream, limit: number): number {
    const { groups } = stream;
    const isById = this.strategy === 'MINID';
    const keepsReferred = this.references === 'ACKED';
    const mayGo = (id: Id) => (!isById || id.compare(this.id) < 0) && !(keepsReferred && groups.referTo(id));
    const forget = (id: Id) => void groups.forget(id);
    let removed = 0;
    for (let there = stream.enterFirstNode(); there; there = stream.enterNodeAfter(base)) {
      base.setFrom(stream.entry.base);
      const { live } = stream.entry;
      const most = isById ? live : stream.length - this.length;
      if (most <= 0 || (isById && base.compare(this.id) >= 0) || (keepsReferred && groups.areToRead(base))) break;
      const found = stream.findRemovable(most, mayGo);
      if (this.isApproximate && (found < live || removed + live > limit)) break;
      stream.removeFound(forget);
      removed += found;
    }
    return removed;
  }

  /** What has the same effect where nodes are others. */
  effectParts(stream: Stream): EffectPart[] {
    if (this.strategy === null) return [];
    const references = this.references === 'KEEPREF' ? [] : [this.references];
    const { strategy, isApproximate } = this;
    if (strategy === 'MAXLEN') return [strategy, '=', isApproximate ? stream.length : this.length, ...references];
    return [strategy, '=', idString(isApproximate ? stream.firstId(new Id()) : this.id), ...references];
  }
}

function defaultLimit(nodeEntries: number): number {
  const limit = nodeEntries * NODES_PER_TRIM;
  return limit <= 0 ? LIMIT_WITHOUT_NODES : Math.min(limit, MOST_PER_TRIM);
}

export const trimming: Trimming = new Trimming();

export const trimmingArgument: ArgumentDoc = arg.block('trim', [
  arg.oneOf('strategy', [arg.token('MAXLEN'), arg.token('MINID', { since: '6.2.0' })]),
  arg.optional(arg.oneOf('operator', [arg.token('=', { name: 'equal' }), arg.token('~', { name: 'approximately' })])),
  arg.string('threshold'),
  arg.option('LIMIT', arg.integer('count', { since: '6.2.0' })),
]);
