/**
 * Cursors over the values of one type in one database, leased to commands, so that several values can be open at once.
 *
 * A lease ends with the command, when its frees take effect (arena.settle()); nobody gives anything back. The rules:
 * - At most one cursor writes to a value, and while it does, no other is open on it. A handler of two keys asks first
 *   whether they are one.
 * - A cursor serves one command. In tests (isStrict), one that is used after its command throws.
 */

import type { Arena } from '../memory/arena.js';

export class CursorPool<Cursor extends object> {
  /** Set by tests: cursors whose command is over are replaced, and throw when used. */
  static isStrict = false;

  private cursors: Cursor[] = [];
  private leased = 0;
  private epoch = 0;
  private own: Cursor | null = null;

  constructor(
    private readonly arena: Arena,
    private readonly create: () => Cursor,
  ) {}

  lease(): Cursor {
    if (this.epoch !== this.arena.epoch) this.takeBack();
    return this.leased < this.cursors.length ? this.cursors[this.leased++] : this.grow();
  }

  /** For what is over when one call returns, in which nobody else can ask for it. It costs less than a lease. */
  get brief(): Cursor {
    return (this.own ??= this.create());
  }

  private takeBack(): void {
    this.epoch = this.arena.epoch;
    this.leased = 0;
    if (CursorPool.isStrict) this.replaceAll();
  }

  private replaceAll(): void {
    for (const cursor of this.cursors) Object.setPrototypeOf(cursor, RETURNED);
    this.cursors = [];
  }

  private grow(): Cursor {
    const cursor = this.create();
    this.cursors.push(cursor);
    this.leased++;
    return cursor;
  }
}

const RETURNED = new Proxy(
  {},
  {
    get(_, name) {
      throw new Error(`${String(name)} of a cursor whose command is over`);
    },
  },
);
