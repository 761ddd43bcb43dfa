/**
 * What the rest of the server asks of a data type, and the registry of all types.
 *
 * A type is a folder in types/ and one line in types/index.ts. Code that needs to know what a key holds (TYPE, OBJECT,
 * DUMP, snapshots, DEBUG, SORT, COPY, compaction, …) asks the registry, so a new type changes no other file. A property
 * without `?` is one that every type has: leaving it out does not compile. Numbers that two types share fail at the
 * start.
 */

import { type Binding, bind, defaultOf } from '../config/binding.js';
import type { DirectiveName } from '../config/directives.js';
import type { RdbValueInput } from '../format/rdb-value-input.js';
import type { RdbValueOutput } from '../format/rdb-value-output.js';
import type { Ref } from '../memory/arena.js';
import type { ByteSink } from '../memory/byte-sink.js';
import type { Slice } from '../memory/slice.js';
import type { Database, ElementExpiry, KeyspaceLimits } from './database.js';
import type { EventClass } from './events.js';
import { type Kind, KindTable } from './kinds.js';

/** A value that comes out of a snapshot or a payload, and where it goes. */
export interface LoadTarget {
  readonly database: Database;
  /** The key, which is not there. Its bytes stay until the value is read. */
  readonly key: Slice;
  readonly deadline: number;
  /** The value is to be read and thrown away: it is due. May become true while it is read. */
  isExpired: boolean;
}

/** How values of a type stand in snapshots and in the payloads of DUMP. */
export interface RdbForms {
  /** The type numbers of the format that are read. */
  readonly reads: readonly number[];
  /** The type number that is written for a value. */
  typeOf(db: Database, ref: Ref): number;
  /**
   * Writes a value: at once (null), or, if it is long, by a generator that stops wherever `output.isSpent()`. Nothing
   * changes the value meanwhile.
   */
  write(db: Database, ref: Ref, output: RdbValueOutput): Generator<void, void> | null;
  /**
   * Reads a value: at once (null), or by a generator that stops when the input ends. What throws NEED_MORE before it
   * returns is called again, from the beginning of the value, when there is more. An error may leave a part under the
   * key.
   */
  read(rdbType: number, input: RdbValueInput, target: LoadTarget): Generator<void, void> | null;
}

/**
 * What ZUNION and its like need of a collection: members with scores, or with 1 each. It is read only, and valid until
 * a change.
 */
export interface ScoredMembers {
  readonly length: number;
  /** NaN if the member is not there. */
  scoreOf(member: Slice): number;
  /** Hands over all members, each valid during the call, until the visitor returns false. */
  visit(visitor: (member: Slice, score: number) => boolean): void;
}

/** What SORT needs of a collection: `count` elements from an index on; backwards, towards the beginning. */
export type SortSource = (
  db: Database,
  ref: Ref,
  from: number,
  count: number,
  backwards: boolean,
  sink: ByteSink,
) => void;

export interface DataType {
  /** 0 … 127, unique: what typeOf() says. */
  readonly id: number;
  /** What TYPE says. */
  readonly name: string;
  /** The class of its keyspace events. */
  readonly eventClass: EventClass;
  readonly kinds: readonly Kind[];
  readonly rdb: RdbForms;
  /** Bulk strings that make up an element: 2 where elements are pairs. */
  readonly elementParts: number;
  /** Whether the order of the elements is a part of the value, rather than a matter of how it came to be. */
  readonly isOrdered: boolean;
  /** Writes all elements: for DEBUG, digests and tests. A value that is no collection is one element. */
  writeElements(db: Database, ref: Ref, sink: ByteSink): void;

  /** How many elements a collection has. What has no length is no collection. */
  length?(db: Database, ref: Ref): number;
  /** Throws unless the value's books agree. Who owns which block is proved without it. */
  checkIntegrity?(db: Database, ref: Ref): void;
  /** The directives that set its limits. */
  readonly limits?: { readonly [Name in keyof KeyspaceLimits]?: DirectiveName };
  /** What OBJECT REFCOUNT says, where that is not 1. */
  referenceCount?(db: Database, ref: Ref): number;
  /** Where elements expire by themselves. */
  readonly expiry?: ElementExpiry;
  /** Where SORT takes the type. */
  readonly writeRange?: SortSource;
  /** What SORT leaves behind in a value that it reads; the entry stays where it is. */
  beforeSort?(db: Database, ref: Ref): void;
  /** Where sorted sets may be made of the type; leased, for the length of the command. */
  readonly scored?: (db: Database, ref: Ref) => ScoredMembers;
  /** Writes the whole value as one string, where it is one: SORT BY and GET. */
  writeText?(db: Database, ref: Ref, sink: ByteSink): void;
  /** Writes the value of a field, or returns false: SORT BY and GET of key->field. */
  writeField?(db: Database, ref: Ref, field: Slice, sink: ByteSink): boolean;
}

/** All data types of a server. A keyspace is given them as an engine is given its commands. */
export class DataTypes {
  readonly kinds = new KindTable();
  private readonly byId: (DataType | undefined)[] = [];
  private readonly byRdbType: (DataType | undefined)[] = [];

  constructor(readonly all: readonly DataType[]) {
    for (const type of all) this.add(type);
  }

  private add(type: DataType): void {
    const { id, name } = type;
    if (this.byId[id] !== undefined) throw new Error(`the types ${this.byId[id].name} and ${name} have one id, ${id}`);
    if (this.named(name) !== undefined) throw new Error(`two types have the name ${name}`);
    this.byId[id] = type;
    for (const kind of type.kinds) this.kinds.add(kind, id);
    for (const rdbType of type.rdb.reads) {
      if (this.byRdbType[rdbType] !== undefined) throw new Error(`two types read the RDB type ${rdbType}`);
      this.byRdbType[rdbType] = type;
    }
  }

  /** The type of an entry. */
  of(db: Database, ref: Ref): DataType {
    return this.byId[db.typeOf(ref)] as DataType;
  }

  /** What OBJECT ENCODING says of an entry. */
  encodingOf(db: Database, ref: Ref): string {
    return this.kinds.get(db.kindOf(ref)).encoding;
  }

  /** The type of this name, whatever its case. */
  named(name: string): DataType | undefined {
    const wanted = name.toLowerCase();
    return this.byId.find((type) => type?.name.toLowerCase() === wanted);
  }

  /** The type that reads a type number of the RDB format. */
  readerOf(rdbType: number): DataType | undefined {
    return this.byRdbType[rdbType];
  }

  expiryOf(id: number): ElementExpiry | undefined {
    return this.byId[id]?.expiry;
  }

  /** What values may grow to before configuration says otherwise. */
  newLimits(): KeyspaceLimits {
    return Object.fromEntries(
      this.limits().map(([name, directive]) => [name, defaultOf(directive)]),
    ) as unknown as KeyspaceLimits;
  }

  /** What puts directives into the limits of a keyspace. */
  get settings(): readonly Binding<{ limits: KeyspaceLimits }>[] {
    return this.limits().map(([name, directive]) =>
      bind([directive], (get, { limits }: { limits: KeyspaceLimits }) => {
        Object.assign(limits, { [name]: get(directive) });
      }),
    );
  }

  private limits(): [name: keyof KeyspaceLimits, directive: DirectiveName][] {
    return this.all.flatMap(({ limits = {} }) => Object.entries(limits) as [keyof KeyspaceLimits, DirectiveName][]);
  }
}
