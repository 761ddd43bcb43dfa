/** A compiled text: what messages need to know of the places in it. */

import { chunkIdentifier } from './chunk-name.js';

/** A place in the source, and what messages call the values of the operation there: `local 'x'`. */
export interface Site {
  readonly line: number;
  readonly first: string | undefined;
  readonly second: string | undefined;
  /** It is a call in a return statement: what is called takes the place of its caller. */
  readonly isTail: boolean;
}

export class Chunk {
  readonly identifier: string;
  /** For the stack traces of the host's language, which name the script by it. */
  readonly number: number;
  /** Its code in JavaScript. */
  code = '';
  /** Those that errors have been put down to, by their positions. */
  private readonly calls = new Map<number, CallInLua>();

  constructor(
    chunkName: string,
    readonly sites: readonly Site[],
  ) {
    this.identifier = chunkIdentifier(chunkName);
    this.number = register(this);
  }

  /** What stands in front of a message. */
  position(site: number): string {
    return `${this.identifier}:${this.sites[site]!.line}: `;
  }

  /** The call at a position in the code; undefined if it is none. */
  callAt(position: number): CallInLua | undefined {
    let call = this.calls.get(position);
    if (call === undefined) {
      call = this.readCall(position);
      if (call !== undefined) this.calls.set(position, call);
    }
    return call;
  }

  private readCall(position: number): CallInLua | undefined {
    const { code } = this;
    // An operation: $index($c,12,…
    const operation = OPERATION.exec(code.slice(position, position + 48));
    if (operation !== null) {
      return { chunk: this, site: Number(operation[2]), callee: operation[1] === '$iterate' ? ITERATOR : undefined };
    }
    // A call: $k3(/*12*/… or (… $callable(f,$c,12))(…
    const call =
      LIBRARY_CALL.exec(code.slice(position, position + 48)) ??
      CALL.exec(code.slice(Math.max(0, position - 16), position));
    if (call === null) return undefined;
    const site = Number(call[1]);
    return { chunk: this, site, callee: this.sites[site]!.first };
  }
}

/** A call in progress, and what messages call the function. */
export interface CallInLua {
  readonly chunk: Chunk;
  readonly site: number;
  readonly callee: string | undefined;
}

const OPERATION = /^(\$\w+)\(\$c,(\d+)/;
const LIBRARY_CALL = /^\$\w+\(\/\*(\d+)/;
const CALL = /,(\d+)\)+$/;
const ITERATOR = "local '(for generator)'";

const chunks = new Map<number, WeakRef<Chunk>>();
const forget = new FinalizationRegistry((number: number) => chunks.delete(number));
let count = 0;

function register(chunk: Chunk): number {
  const number = ++count;
  chunks.set(number, new WeakRef(chunk));
  forget.register(chunk, number);
  return number;
}

export function findChunk(number: number): Chunk | undefined {
  return chunks.get(number)?.deref();
}
