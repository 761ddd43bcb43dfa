import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  closeHole,
  extendBack,
  extendFront,
  fits,
  initRun,
  MAX_PACKED,
  nextPosition,
  openHole,
  PackedCursor,
  packedSize,
  positionOf,
  RUN_HEADER,
  runCount,
  runEnd,
  runStart,
  slide,
  writeReference,
  writeString,
} from '../../../src/memory/packed.js';
import { Slice, viewOf } from '../../../src/memory/slice.js';

const ROOM = 65_535;
/** The run does not begin where its memory does. */
const AT = 24;

class Run {
  readonly bytes = Buffer.alloc(AT + ROOM, 0xee);
  readonly view = viewOf(this.bytes);
  readonly cursor = new PackedCursor();

  constructor(start = RUN_HEADER) {
    initRun(this.view, AT, start, 7);
  }

  pushBack(value: string): void {
    const slice = Slice.of(value);
    writeString(this.view, this.bytes, AT, extendBack(this.view, AT, packedSize(slice.length)), slice);
  }

  pushFront(value: string): void {
    const slice = Slice.of(value);
    writeString(this.view, this.bytes, AT, extendFront(this.view, AT, packedSize(slice.length)), slice);
  }

  insert(index: number, value: string): void {
    const slice = Slice.of(value);
    const size = packedSize(slice.length);
    if (!fits(this.view, AT, ROOM, size)) slide(this.view, this.bytes, AT, RUN_HEADER);
    const position = positionOf(this.view, this.bytes, AT, index);
    writeString(this.view, this.bytes, AT, openHole(this.view, this.bytes, AT, ROOM, position, size), slice);
  }

  remove(index: number): void {
    const position = positionOf(this.view, this.bytes, AT, index);
    closeHole(this.view, this.bytes, AT, position, nextPosition(this.bytes, AT, position) - position);
  }

  forwards(): string[] {
    const found: string[] = [];
    this.cursor.open(this.view, this.bytes, AT, runStart(this.view, AT));
    while (this.cursor.next()) found.push(this.cursor.value.toString());
    return found;
  }

  backwards(): string[] {
    const found: string[] = [];
    this.cursor.open(this.view, this.bytes, AT, runEnd(this.view, AT));
    while (this.cursor.previous()) found.push(this.cursor.value.toString());
    return found;
  }

  indexOf(value: string, from: number): number {
    this.cursor.open(this.view, this.bytes, AT, positionOf(this.view, this.bytes, AT, from));
    const passed = this.cursor.findNext(Slice.of(value));
    if (passed >= 0) expect(this.cursor.value.toString()).toBe(value);
    return passed < 0 ? -1 : from + passed;
  }
}

const EDGE_LENGTHS = [0, 1, 61, 62, 63, 64, 65, 124, 125, 126, 127, 128, 4095, 4096, MAX_PACKED - 1, MAX_PACKED];

describe('Packed', () => {
  it('keeps strings of every length at which its format changes', () => {
    const values = EDGE_LENGTHS.map((length, i) => String.fromCharCode(97 + i).repeat(length));
    const run = new Run();
    for (const value of values) run.pushBack(value);
    expect(run.forwards()).toEqual(values);
    expect(run.backwards()).toEqual(values.toReversed());
    expect(runEnd(run.view, AT)).toBe(RUN_HEADER + values.reduce((sum, value) => sum + packedSize(value.length), 0));
  });

  it('yields references as their 16 bytes, and never finds them as strings', () => {
    const run = new Run();
    run.pushBack('a');
    const payload = writeReference(run.bytes, AT, extendBack(run.view, AT, 18));
    run.bytes.fill('r', payload, payload + 16);
    run.pushBack('b');
    run.cursor.open(run.view, run.bytes, AT, runEnd(run.view, AT));
    run.cursor.previous();
    expect(run.cursor.reference).toBe(false);
    run.cursor.previous();
    expect(run.cursor.reference).toBe(true);
    expect(run.cursor.value.toString()).toBe('r'.repeat(16));
    expect(run.indexOf('r'.repeat(16), 0)).toBe(-1);
    expect(run.forwards()).toEqual(['a', 'r'.repeat(16), 'b']);
  });

  it('turns around in the middle of a walk', () => {
    const run = new Run();
    for (const value of ['a', 'b', 'c']) run.pushBack(value);
    run.cursor.open(run.view, run.bytes, AT, runStart(run.view, AT));
    const steps = [run.cursor.previous(), run.cursor.next(), run.cursor.next(), run.cursor.previous()];
    expect(steps).toEqual([false, true, true, true]);
    expect(run.cursor.value.toString()).toBe('a');
    run.cursor.next();
    expect(run.cursor.value.toString()).toBe('b');
  });

  it('behaves as an array', () => {
    const value = fc.oneof(
      { weight: 8, arbitrary: fc.string({ maxLength: 4 }) },
      { weight: 1, arbitrary: fc.constantFrom(...EDGE_LENGTHS.slice(0, 12)).map((length) => 'x'.repeat(length)) },
    );
    const step = fc.oneof(
      fc.record({ name: fc.constantFrom('pushBack' as const, 'pushFront' as const), value }),
      fc.record({ name: fc.constant('insert' as const), at: fc.nat(), value }),
      fc.record({ name: fc.constant('remove' as const), at: fc.nat() }),
      fc.record({ name: fc.constant('find' as const), at: fc.nat(), value }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const run = new Run(ROOM / 2);
        const model: string[] = [];
        for (const s of steps) {
          if (s.name === 'pushBack') {
            run.pushBack(s.value);
            model.push(s.value);
          } else if (s.name === 'pushFront') {
            run.pushFront(s.value);
            model.unshift(s.value);
          } else if (s.name === 'insert') {
            const index = s.at % (model.length + 1);
            run.insert(index, s.value);
            model.splice(index, 0, s.value);
          } else if (s.name === 'remove' && model.length > 0) {
            run.remove(s.at % model.length);
            model.splice(s.at % model.length, 1);
          } else if (s.name === 'find') {
            const from = s.at % (model.length + 1);
            expect(run.indexOf(s.value, from)).toBe(model.indexOf(s.value, from));
          }
          expect(runCount(run.view, AT)).toBe(model.length);
        }
        expect(run.forwards()).toEqual(model);
        expect(run.backwards()).toEqual(model.toReversed());
      }),
    );
  });
});
