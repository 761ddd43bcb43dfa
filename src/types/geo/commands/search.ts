/** GEOSEARCH, GEORADIUS and their relatives: the members within a circle or a box. */

import type { Call } from '../../../engine/call.js';
import { Sorter, stable } from '../../../memory/sorter.js';
import { TOUCHED_AT_ONCE } from '../../../memory/structure.js';
import { build, storeNothing } from '../../zset/commands/building.js';
import { readZSet } from '../../zset/commands/shared.js';
import type { ScoreBound, ZSetValue } from '../../zset/value.js';
import { coverShape } from '../area.js';
import { decode, type Place } from '../geohash.js';
import { putLeastFirst } from '../nearest.js';
import { Order, Query, type Variant } from './query.js';
import { writeDistance, writePlace } from './shared.js';

/** A member that was found, by its place in the set: only those that are told are read. */
class Hit {
  place = 0;
  score = 0;
  distance = 0;
}

const query = new Query();
const sorter = new Sorter();
const position: Place = { longitude: 0, latitude: 0 };
const bound: ScoreBound = { value: 0, isExclusive: false };

/** Those of the last search, the first `found` of them; what a large one needed more is given back. */
let hits: Hit[] = [];
let found = 0;
const KEPT_HITS = 1024;

export function search(call: Call, variant: Variant): void {
  const zset = readZSet(call, variant.stores ? 2 : 1);
  query.read(call, variant, zset);
  if (zset === null) {
    if (query.storeAt > 0) storeNothing(call, query.storeAt);
    else call.reply.array(0);
    return;
  }
  if (!zset.isShort) call.takesLong();
  collect(zset);
  const count = query.count === 0 ? found : Math.min(query.count, found);
  sort(count);
  if (query.storeAt > 0) store(call, zset, count, variant);
  else write(call, zset, count);
  if (hits.length > KEPT_HITS) hits = [];
}

/** Finds the members in the order of the squares and of their scores; with ANY no more than are wanted. */
function collect(zset: ZSetValue): void {
  const limit = query.any ? query.count : Number.POSITIVE_INFINITY;
  found = 0;
  coverShape(query.shape, (from, to) => {
    bound.value = from;
    for (let there = zset.seekScore(bound); there; there = zset.next()) {
      const score = zset.scoreHere;
      if (score >= to) break;
      decode(score, position);
      const distance = query.shape.distanceWithin(position);
      if (Number.isNaN(distance)) continue;
      add(zset.placeHere, score, distance);
      if (found >= limit) return false;
    }
    return true;
  });
}

function add(place: number, score: number, distance: number): void {
  if (found === hits.length) hits.push(new Hit());
  const hit = hits[found++];
  hit.place = place;
  hit.score = score;
  hit.distance = distance;
}

/** Puts the order of the hits into the sorter, of the first `count` at least. */
function sort(count: number): void {
  sorter.begin(found);
  if (query.order === Order.NONE) return;
  const { scores, order } = sorter;
  const sign = query.order === Order.DESCENDING ? -1 : 1;
  for (let i = 0; i < found; i++) scores[i] = sign * hits[i].distance;
  if (count < found) putLeastFirst(order, scores, found, count);
  else sorter.sort(found, false, stable);
}

function store(call: Call, zset: ZSetValue, count: number, variant: Variant): void {
  const { storeAt, storesDistance, unit } = query;
  if (count === 0) {
    storeNothing(call, storeAt);
    return;
  }
  const result = build(call, count, (into) => {
    for (let i = 0; i < count; i++) {
      const { place, score, distance } = hits[sorter.order[i]];
      into.append(zset.memberAt(place), storesDistance ? distance / unit : score);
    }
  });
  result.store(storeAt, variant.stores ? 'geosearchstore' : 'georadiusstore', count);
}

function write(call: Call, zset: ZSetValue, count: number): void {
  const { reply } = call;
  const { withDistance, withHash, withPlace, unit } = query;
  const more = Number(withDistance) + Number(withHash) + Number(withPlace);
  reply.array(count);
  for (let i = 0; i < count; i++) {
    if (i % TOUCHED_AT_ONCE === 0) touchAhead(zset, i, Math.min(count, i + TOUCHED_AT_ONCE));
    const { place, score, distance } = hits[sorter.order[i]];
    if (more > 0) reply.array(more + 1);
    reply.bulk(zset.memberAt(place));
    if (withDistance) writeDistance(call, distance / unit);
    if (withHash) reply.integer(Math.trunc(score));
    if (withPlace) {
      decode(score, position);
      writePlace(call, position);
    }
  }
}

/** The members of hits lie anywhere: they are waited for together, not one by one. */
function touchAhead(zset: ZSetValue, from: number, to: number): void {
  for (let i = from; i < to; i++) zset.touchAt(hits[sorter.order[i]].place);
}
