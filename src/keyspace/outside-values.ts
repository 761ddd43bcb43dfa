/**
 * What owners do with values that lie outside of their entry, whatever their structure: free, copy, move, list blocks.
 *
 * The cursors here belong to these operations alone, so they may run while a command has others open.
 */

import type { Arena, Ref } from '../memory/arena.js';
import type { Structure } from '../memory/structure.js';
import type { HashSeeds } from '../memory/table.js';
import { KIND_COUNT, type KindTable } from './kinds.js';

export class OutsideValues {
  /** Two of each kind, made when first needed. */
  private readonly cursors: (Structure | null)[] = new Array(KIND_COUNT).fill(null);
  private readonly sources: (Structure | null)[] = new Array(KIND_COUNT).fill(null);

  constructor(
    private readonly arena: Arena,
    private readonly keyspace: { readonly kinds: KindTable; readonly hashSeeds: HashSeeds },
  ) {}

  /**
   * A cursor over the structure whose root stands `offset` bytes into a block; valid until the next use of the kind.
   */
  open(kind: number, block: Ref, offset: number): Structure {
    return (this.cursors[kind] ??= this.create(kind)).open(block, offset);
  }

  /** Makes the target's root that of a copy. */
  copy(kind: number, from: Ref, fromOffset: number, to: Ref, toOffset: number): void {
    const source = (this.sources[kind] ??= this.create(kind)).open(from, fromOffset);
    this.open(kind, to, toOffset).copyFrom(source);
  }

  private create(kind: number): Structure {
    const { structure } = this.keyspace.kinds.get(kind);
    if (structure === null) throw new Error(`a value of kind ${kind} lies in its entry`);
    return structure(this.arena, this.keyspace.hashSeeds);
  }
}
