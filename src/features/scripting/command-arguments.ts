/**
 * The arguments of redis.call() as a command takes them: written one after the other into a buffer that is used again.
 */

import type { Value } from '../../lua/runtime/value.js';
import { viewOf } from '../../memory/slice.js';
import { systemMemory } from '../../memory/system-memory.js';
import { Args } from '../../protocol/args.js';
import { formatDouble17, writeInteger } from '../../text/numbers.js';
import { writeLatin1 } from './latin1.js';

const CAPACITY = 16 * 1024;
/** A buffer that had to be larger is given back after the command. */
const KEPT_CAPACITY = 64 * 1024;
/** So many strings are joined first, and written by one call that leaves JavaScript. */
const MANY = 8;
/** More characters than any number takes. */
const NUMBER_ROOM = 32;

export class CommandArguments {
  readonly args = new Args();
  /** A string that lies at the start of the buffer as the first argument; null if none does. */
  private name: string | null = null;
  private bytes = systemMemory.take(CAPACITY);
  private view = viewOf(this.bytes);

  /** @returns false if one of them is neither a string nor a number */
  fill(values: readonly Value[]): boolean {
    const { args } = this;
    const count = values.length;
    args.resize(count);
    args.count = count;
    const [name] = values;
    // It mostly is that of the command before in loops.
    if (name !== this.name) this.name = null;
    if (count < MANY || !this.fillTogether(values)) {
      if (!this.fillOneByOne(values)) return false;
    }
    if (typeof name === 'string') this.name = name;
    args.bytes = this.bytes;
    args.view = this.view;
    return true;
  }

  /** @returns false if one of them is no string */
  private fillTogether(values: readonly Value[]): boolean {
    const { starts, ends } = this.args;
    let position = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value !== 'string') return false;
      starts[i] = position;
      position += value.length;
      ends[i] = position;
    }
    if (position > this.bytes.length) this.grow(0, position);
    writeLatin1(this.bytes, 0, values.join(''));
    return true;
  }

  private fillOneByOne(values: readonly Value[]): boolean {
    const { starts, ends } = this.args;
    let position = 0;
    let i = 0;
    // To write it again, and look it up, took 5 % of an INCR.
    if (this.name !== null) {
      starts[0] = 0;
      ends[0] = position = this.name.length;
      i = 1;
    }
    for (; i < values.length; i++) {
      const value = values[i];
      const room = typeof value === 'string' ? value.length : NUMBER_ROOM;
      if (position + room > this.bytes.length) this.grow(position, room);
      starts[i] = position;
      if (typeof value === 'string') {
        writeLatin1(this.bytes, position, value);
        position += room;
      } else if (typeof value === 'number') {
        position = this.writeNumber(position, value);
      } else return false;
      ends[i] = position;
    }
    return true;
  }

  /** After the command. */
  release(): void {
    if (this.bytes.length > KEPT_CAPACITY) this.take(CAPACITY);
    this.args.trim();
  }

  private writeNumber(position: number, value: number): number {
    if ((value | 0) === value && !Object.is(value, -0)) return writeInteger(this.bytes, position, value);
    const text = Number.isNaN(value) ? '-nan' : formatDouble17(value);
    writeLatin1(this.bytes, position, text);
    return position + text.length;
  }

  private grow(used: number, room: number): void {
    const { bytes } = this;
    this.take(Math.max(bytes.length * 2, used + room));
    bytes.copy(this.bytes, 0, 0, used);
  }

  private take(capacity: number): void {
    this.bytes = systemMemory.take(capacity);
    this.view = viewOf(this.bytes);
    this.name = null;
  }
}
