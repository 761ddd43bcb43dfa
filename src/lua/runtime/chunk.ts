/** A compiled text: what messages need to know of the places in it. */

import { chunkIdentifier, LONGEST_WHEN_RUN } from './chunk-name.js';

/** A place in the source, and what messages call the values of the operation there: `local 'x'`. */
export interface Site {
  readonly line: number;
  readonly first: string | undefined;
  readonly second: string | undefined;
  /** It is a call in a return statement: what is called takes the place of its caller. */
  readonly isTail: boolean;
}

/** A chunk takes whole blocks of numbers, so that a number tells the chunk, too. */
const PLACES_PER_BLOCK = 64;
let nextPlace = PLACES_PER_BLOCK;

export class Chunk {
  readonly identifier: string;
  readonly firstPlace = nextPlace;
  readonly sites: Site[] = [];
  /** Its code in JavaScript. */
  code = '';
  /** What messages began with so far, by site. */
  private readonly positions: string[] = [];
  /** Those that were looked for in stack traces, by their positions. */
  private readonly calls = new Map<number, number>();

  constructor(chunkName: string) {
    this.identifier = chunkIdentifier(chunkName, LONGEST_WHEN_RUN);
  }

  /** One block is. */
  get isFull(): boolean {
    return this.sites.length >= PLACES_PER_BLOCK;
  }

  /** Adds a place. No other chunk may be begun before register(); afterwards one block can be filled. */
  add(site: Site): number {
    return this.firstPlace + this.sites.push(site) - 1;
  }

  /** All places are there. */
  register(): void {
    const reference = new WeakRef(this);
    const first = this.firstPlace / PLACES_PER_BLOCK;
    const blocks = Math.max(1, Math.ceil(this.sites.length / PLACES_PER_BLOCK));
    for (let block = first; block < first + blocks; block++) chunks.set(block, reference);
    nextPlace += blocks * PLACES_PER_BLOCK;
    forget.register(this, { first, blocks });
  }

  /** The same for a chunk of one block that nobody asks for after forgetPassing(). */
  registerInPassing(): void {
    passing.set(this.firstPlace / PLACES_PER_BLOCK, this);
    nextPlace += PLACES_PER_BLOCK;
  }

  siteAt(place: number): Site {
    return this.sites[place - this.firstPlace]!;
  }

  /** What stands in front of a message that is put down to a place. */
  positionAt(place: number): string {
    const i = place - this.firstPlace;
    this.positions[i] ??= `${this.identifier}:${this.sites[i]!.line}: `;
    return this.positions[i]!;
  }

  /** The place of the call at a position in the code; 0 if it is none. */
  callAt(position: number): number {
    let place = this.calls.get(position);
    if (place === undefined) {
      place = this.readCall(position);
      this.calls.set(position, place);
    }
    return place;
  }

  private readCall(position: number): number {
    const { code } = this;
    // An operation: $index(1234,…
    const operation = OPERATION.exec(code.slice(position, position + LONGEST_CALL));
    if (operation !== null) return operation[1] === '$iterate' ? Number(operation[2]) : -Number(operation[2]);
    // A call: (… $callable(f,1234))(… or $at($k[3],1234)(… or ($s.place=1234,$k3)(…
    const call = CALL.exec(code.slice(Math.max(0, position - LONGEST_CALL), position));
    return call === null ? 0 : Number(call[1]);
  }
}

const LONGEST_CALL = 48;
const OPERATION = /^(\$\w+)\((\d+)/;
const CALL = /(?:\$s\.place=|,)(\d+)(?:,[$L]\w+)?\)+$/;

const chunks = new Map<number, WeakRef<Chunk>>();
/** To be told when a chunk is collected costs more than to keep it until the run is over. */
const passing = new Map<number, Chunk>();
const forget = new FinalizationRegistry(({ first, blocks }: { first: number; blocks: number }) => {
  for (let block = first; block < first + blocks; block++) chunks.delete(block);
});

/** The one that was looked for last. */
let recent: Chunk | undefined;

/** The chunk of a place, if it is still there. */
export function chunkOf(place: number): Chunk | undefined {
  if (recent !== undefined && place >= recent.firstPlace && place < recent.firstPlace + recent.sites.length) {
    return recent;
  }
  const block = Math.floor(place / PLACES_PER_BLOCK);
  recent = passing.get(block) ?? chunks.get(block)?.deref();
  return recent;
}

/** The run is over whose texts' chunks are registered in passing. */
export function forgetPassing(): void {
  if (passing.size === 0) return;
  passing.clear();
  recent = undefined;
}

export function siteOf(place: number): Site | undefined {
  return chunkOf(place)?.siteAt(place);
}

/** What stands in front of a message that is put down to a place, or by its negative to the operation there. */
export function positionOf(place: number): string {
  const at = Math.abs(place);
  const chunk = chunkOf(at);
  return chunk === undefined ? '' : chunk.positionAt(at);
}
