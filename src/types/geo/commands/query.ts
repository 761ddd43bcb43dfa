/** What GEOSEARCH, GEORADIUS and their relatives read of their arguments: the same options in several orders. */

import type { Call } from '../../../engine/call.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import type { ZSetValue } from '../../zset/value.js';
import { Shape } from '../area.js';
import { decode } from '../geohash.js';
import { placeAt, unitAt } from './shared.js';

/** Which of the commands it is. */
export interface Variant {
  /** GEOSEARCH and GEOSEARCHSTORE, where options tell all. */
  readonly isSearch?: boolean;
  /** GEORADIUSBYMEMBER and its relative. */
  readonly byMember?: boolean;
  /** GEORADIUS and GEORADIUSBYMEMBER take STORE and STOREDIST. */
  readonly takesStore?: boolean;
  /** GEOSEARCHSTORE, whose first key is the target. */
  readonly stores?: boolean;
}

export const Order = { NONE: 0, ASCENDING: 1, DESCENDING: 2 } as const;
export type Order = (typeof Order)[keyof typeof Order];

/** One query for all calls. */
export class Query {
  readonly shape = new Shape();
  /** Meters of the unit that distances are told in. */
  unit = 1;
  withDistance = false;
  withHash = false;
  withPlace = false;
  /** 0: all. */
  count = 0;
  any = false;
  order: Order = Order.NONE;
  /** Argument of the key that is written, 0 if none is. */
  storeAt = 0;
  storesDistance = false;

  private hasCenter = false;
  private fromMember = false;
  private hasCircle = false;
  private hasBox = false;

  /** Reads all arguments; `zset` is null if the key is missing, of which some errors speak later than others. */
  read(call: Call, variant: Variant, zset: ZSetValue | null): void {
    this.reset();
    const { args } = call;
    const { shape } = this;
    let from: number;
    if (variant.isSearch) {
      from = variant.stores ? 3 : 2;
      if (variant.stores) this.storeAt = 1;
    } else if (variant.byMember) {
      from = 5;
      if (zset !== null) {
        this.centerOn(zset, args, 2);
        this.readCircle(args, 3);
      }
    } else {
      from = 6;
      placeAt(args, 2, shape);
      this.readCircle(args, 4);
    }
    this.readOptions(args, from, variant, zset);
    this.check(args, variant);
  }

  private reset(): void {
    this.unit = 1;
    this.withDistance = this.withHash = this.withPlace = false;
    this.count = 0;
    this.any = false;
    this.order = Order.NONE;
    this.storeAt = 0;
    this.storesDistance = false;
    this.hasCenter = this.fromMember = this.hasCircle = this.hasBox = false;
    this.shape.isBox = false;
  }

  private readOptions(args: Args, from: number, variant: Variant, zset: ZSetValue | null): void {
    for (let i = from; i < args.count; i++) {
      const left = args.count - i - 1;
      if (args.is(i, 'WITHDIST')) this.withDistance = true;
      else if (args.is(i, 'WITHHASH')) this.withHash = true;
      else if (args.is(i, 'WITHCOORD')) this.withPlace = true;
      else if (args.is(i, 'ANY')) this.any = true;
      else if (args.is(i, 'ASC')) this.order = Order.ASCENDING;
      else if (args.is(i, 'DESC')) this.order = Order.DESCENDING;
      else if (args.is(i, 'COUNT') && left > 0) this.readCount(args, ++i);
      else if (variant.isSearch) i = this.readSearchOption(args, i, variant, zset);
      else if (variant.takesStore && left > 0 && (args.is(i, 'STORE') || args.is(i, 'STOREDIST'))) {
        this.storesDistance = args.is(i, 'STOREDIST');
        this.storeAt = ++i;
      } else throw errors.SYNTAX;
    }
  }

  private readCount(args: Args, i: number): void {
    this.count = args.integer(i);
    if (this.count <= 0) throw errors.COUNT_ZERO;
  }

  /** Returns the option's last argument. */
  private readSearchOption(args: Args, i: number, { stores }: Variant, zset: ZSetValue | null): number {
    const left = args.count - i - 1;
    if (args.is(i, 'FROMMEMBER') && left > 0 && !this.hasCenter) {
      this.fromMember = true;
      if (zset !== null) this.centerOn(zset, args, i + 1);
      return i + 1;
    }
    if (args.is(i, 'FROMLONLAT') && left > 1 && !this.fromMember) {
      placeAt(args, i + 1, this.shape);
      this.hasCenter = true;
      return i + 2;
    }
    if (args.is(i, 'BYRADIUS') && left > 1 && !this.hasBox) {
      this.readCircle(args, i + 1);
      this.hasCircle = true;
      return i + 2;
    }
    if (args.is(i, 'BYBOX') && left > 2 && !this.hasCircle) {
      this.readBox(args, i + 1);
      this.hasBox = true;
      return i + 3;
    }
    if (stores && args.is(i, 'STOREDIST')) {
      this.storesDistance = true;
      return i;
    }
    throw errors.SYNTAX;
  }

  private centerOn(zset: ZSetValue, args: Args, i: number): void {
    if (!zset.find(args.slice(i))) throw errors.NO_SUCH_PLACE;
    decode(zset.score, this.shape);
  }

  private readCircle(args: Args, i: number): void {
    const radius = args.double(i, errors.NEED_RADIUS);
    if (radius < 0) throw errors.RADIUS_NEGATIVE;
    this.unit = unitAt(args, i + 1);
    this.shape.radius = radius * this.unit;
  }

  private readBox(args: Args, i: number): void {
    const width = args.double(i, errors.NEED_WIDTH);
    const height = args.double(i + 1, errors.NEED_HEIGHT);
    if (width < 0 || height < 0) throw errors.BOX_NEGATIVE;
    this.unit = unitAt(args, i + 2);
    this.shape.isBox = true;
    this.shape.width = width * this.unit;
    this.shape.height = height * this.unit;
  }

  private check(args: Args, { isSearch, stores }: Variant): void {
    if (this.storeAt > 0 && (this.withDistance || this.withHash || this.withPlace)) {
      throw errors.storesPlainly(stores ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS');
    }
    if (isSearch) {
      const name = args.latin1(0);
      if (!this.fromMember && !this.hasCenter) throw errors.exactlyOne('FROMMEMBER or FROMLONLAT', name);
      if (!this.hasCircle && !this.hasBox) throw errors.exactlyOne('BYRADIUS and BYBOX', name);
    }
    if (this.any && this.count === 0) throw errors.ANY_WITHOUT_COUNT;
    // Which places they are would be a matter of chance.
    if (this.count > 0 && this.order === Order.NONE && !this.any) this.order = Order.ASCENDING;
  }
}
