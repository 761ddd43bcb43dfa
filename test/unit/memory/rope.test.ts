import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, PAGE_SIZE, type Ref } from '../../../src/memory/arena.js';
import { ROPE_ROOT } from '../../../src/memory/entry-layout.js';
import { MAX_ROPE_LENGTH, Rope } from '../../../src/memory/rope.js';
import { Slice } from '../../../src/memory/slice.js';
import { runs } from '../../support/runs.js';

/** A rope whose root lies in a block of its own, as an entry would keep it; every step ends with settle(). */
class OwnedRope {
  readonly owner: Ref;
  private readonly rope: Rope;

  constructor(readonly arena: Arena) {
    this.rope = new Rope(arena);
    this.owner = arena.allocate(ROPE_ROOT);
    this.change((rope) => rope.reset());
  }

  change(step: (rope: Rope) => void): void {
    step(loaded(this.arena, this.owner, this.rope));
    this.rope.save();
    this.arena.settle();
  }

  get content(): Buffer {
    return loaded(this.arena, this.owner).toBuffer();
  }

  get blocks(): Ref[] {
    return [this.owner, ...loaded(this.arena, this.owner).blocks()];
  }
}

function loaded(arena: Arena, owner: Ref, rope = new Rope(arena)): Rope {
  return rope.open(owner, 0);
}

/** Bytes that differ from place to place, so that a misplaced page shows. */
function pattern(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, state = seed; i < length; i++) bytes[i] = (state = (Math.imul(state, 1103515245) + 12345) | 0) >>> 16;
  return bytes;
}

function readByWindows(rope: Rope, from: number, to: number): Buffer {
  const window = new Slice();
  const parts: Buffer[] = [];
  for (let at = from; at < to; at += window.length) parts.push(rope.window(at, to, window).toBuffer());
  return Buffer.concat(parts);
}

const EDGES = [0, 1, 2, 63, 64, 4095, 32767, 32768, 32769, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE];
const lengths = fc.oneof(
  fc.constantFrom(...EDGES),
  fc.integer({ min: 0, max: 200 }),
  fc.integer({ min: 0, max: 200_000 }),
);
const seeds = fc.integer({ min: 1, max: 1000 });

type Step =
  | { name: 'append'; length: number; seed: number }
  | { name: 'write'; position: number; length: number; seed: number }
  | { name: 'resize'; length: number }
  | { name: 'free' }
  | { name: 'freeSome'; pieces: number }
  | { name: 'neighbour'; size: number }
  | { name: 'openSnapshot' }
  | { name: 'closeSnapshot' }
  | { name: 'restore' }
  | { name: 'evacuate' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ name: fc.constant('append' as const), length: lengths, seed: seeds }) },
  {
    weight: 6,
    arbitrary: fc.record({ name: fc.constant('write' as const), position: lengths, length: lengths, seed: seeds }),
  },
  { weight: 3, arbitrary: fc.record({ name: fc.constant('resize' as const), length: lengths }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constant('free' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ name: fc.constant('freeSome' as const), pieces: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ name: fc.constant('neighbour' as const), size: fc.integer({ min: 1, max: 32768 }) }),
  },
  { weight: 2, arbitrary: fc.record({ name: fc.constant('openSnapshot' as const) }) },
  { weight: 2, arbitrary: fc.record({ name: fc.constant('closeSnapshot' as const) }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constant('restore' as const) }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constant('evacuate' as const) }) },
);

describe('Rope', () => {
  it('agrees with a Buffer through writes, snapshots, restores and compaction', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 30 }), (list) => {
        const arena = new Arena();
        const rope = new OwnedRope(arena);
        let model = Buffer.alloc(0);
        // Blocks of others in the same pages: half of them go again at once, so that pages turn sparse.
        let neighbours: Ref[] = [];
        const snapshots: { arena: Arena; model: Buffer; neighbours: Ref[] }[] = [];

        for (const step of list) {
          switch (step.name) {
            case 'append': {
              const bytes = pattern(step.length, step.seed);
              rope.change((it) => it.append(Slice.of(bytes)));
              model = Buffer.concat([model, bytes]);
              break;
            }
            case 'write': {
              const bytes = pattern(step.length, step.seed);
              rope.change((it) => it.write(step.position, Slice.of(bytes)));
              const grown = Buffer.alloc(Math.max(model.length, step.position + step.length));
              model.copy(grown);
              bytes.copy(grown, step.position);
              model = grown;
              break;
            }
            case 'resize': {
              rope.change((it) => it.resize(step.length));
              const resized = Buffer.alloc(step.length);
              model.copy(resized);
              model = resized;
              break;
            }
            case 'free':
              rope.change((it) => it.free());
              model = Buffer.alloc(0);
              break;
            case 'freeSome':
              rope.change((it) => expect(it.freeSome({ left: step.pieces })).toBe(it.length === 0));
              model = model.subarray(0, Math.max(0, Math.ceil(model.length / PAGE_SIZE) - step.pieces) * PAGE_SIZE);
              break;
            case 'neighbour': {
              const pair = [arena.allocate(step.size), arena.allocate(step.size)];
              arena.free(pair[0]);
              arena.settle();
              neighbours = [...neighbours, pair[1]];
              break;
            }
            case 'openSnapshot':
              snapshots.push({ arena: arena.snapshot(), model: Buffer.from(model), neighbours });
              break;
            case 'closeSnapshot':
              snapshots.shift()?.arena.close();
              break;
            case 'restore': {
              const snapshot = snapshots.at(-1);
              if (snapshot === undefined) break;
              arena.restore(snapshot.arena);
              model = Buffer.from(snapshot.model);
              neighbours = snapshot.neighbours;
              break;
            }
            case 'evacuate':
              arena.beginEvacuation();
              rope.change((it) => it.relocate());
              arena.endEvacuation();
              break;
          }
          expect(rope.content.equals(model)).toBe(true);
          arena.checkIntegrity([...rope.blocks, ...neighbours]);
          for (const snapshot of snapshots) {
            expect(loaded(snapshot.arena, rope.owner).toBuffer().equals(snapshot.model)).toBe(true);
          }
        }

        rope.change((it) => it.free());
        arena.checkIntegrity([rope.owner, ...neighbours]);
      }),
      { numRuns: runs(100) },
    );
  });

  it('reads any range through windows that never cross a page', () => {
    const rope = new OwnedRope(new Arena());
    const bytes = pattern(3 * PAGE_SIZE + 777);
    rope.change((it) => it.append(Slice.of(bytes)));
    const reader = loaded(rope.arena, rope.owner);
    for (const [from, to] of [
      [0, bytes.length],
      [0, 0],
      [PAGE_SIZE - 1, PAGE_SIZE + 1],
      [PAGE_SIZE, 2 * PAGE_SIZE],
      [100, 3 * PAGE_SIZE + 776],
    ]) {
      expect(readByWindows(reader, from, to).equals(bytes.subarray(from, to))).toBe(true);
    }
  });

  it('does not spend pages on a hole', () => {
    const rope = new OwnedRope(new Arena());
    rope.change((it) => it.write(512 * 1024 * 1024 - 1, Slice.of('x')));
    expect(rope.arena.stats.pageBytes).toBeLessThan(8 * PAGE_SIZE);
    const reader = loaded(rope.arena, rope.owner);
    expect(reader.length).toBe(512 * 1024 * 1024);
    expect(readByWindows(reader, reader.length - 2, reader.length)).toEqual(Buffer.from('\0x'));
    rope.change((it) => it.write(5 * PAGE_SIZE + 10, Slice.of('y')));
    expect(readByWindows(loaded(rope.arena, rope.owner), 5 * PAGE_SIZE + 8, 5 * PAGE_SIZE + 13)).toEqual(
      Buffer.from('\0\0y\0\0'),
    );
    rope.arena.checkIntegrity(rope.blocks);
  });

  it('refuses to grow beyond what its directory can list, and stays as it was', () => {
    const rope = new OwnedRope(new Arena());
    rope.change((it) => it.append(Slice.of('abc')));
    expect(() => rope.change((it) => it.resize(MAX_ROPE_LENGTH + 1))).toThrow(RangeError);
    expect(rope.content.toString()).toBe('abc');
  });

  it('copies only the pages that a write touches while a snapshot is open', () => {
    const arena = new Arena();
    const rope = new OwnedRope(arena);
    rope.change((it) => it.append(Slice.of(pattern(100 * PAGE_SIZE))));
    const snapshot = arena.snapshot();
    const shared = (ref: Ref) => arena.bytes[ref >>> 12] === snapshot.bytes[ref >>> 12];
    rope.change((it) => it.write(50 * PAGE_SIZE - 3, Slice.of('across')));
    const pages = new Set(rope.blocks.map((ref) => ref >>> 12));
    expect([...pages].filter((page) => !shared(page << 12)).length).toBeLessThanOrEqual(4);
    snapshot.close();
  });

  it('compares with a slice by bytes, then by length', () => {
    fc.assert(
      fc.property(lengths, lengths, seeds, fc.nat(), (length, otherLength, seed, flip) => {
        const rope = new OwnedRope(new Arena());
        const bytes = pattern(length, seed);
        const other = pattern(otherLength, seed);
        if (otherLength > 0 && flip % 2 === 0) other[flip % otherLength] ^= 1;
        rope.change((it) => it.append(Slice.of(bytes)));
        const reader = loaded(rope.arena, rope.owner);
        expect(Math.sign(reader.compare(Slice.of(other)))).toBe(Math.sign(bytes.compare(other)));
        expect(reader.equals(Slice.of(other))).toBe(bytes.equals(other));
      }),
      { numRuns: runs(30) },
    );
  });

  it('copies another rope, holes included', () => {
    const arena = new Arena();
    const source = new OwnedRope(arena);
    source.change((it) => it.write(10, Slice.of(pattern(PAGE_SIZE * 2))));
    source.change((it) => it.write(100 * PAGE_SIZE + 5, Slice.of('tail')));
    const copy = new OwnedRope(arena);
    const before = arena.stats.pageBytes;
    copy.change((it) => it.appendRope(loaded(arena, source.owner), new Slice()));
    expect(copy.content.equals(source.content)).toBe(true);
    expect(arena.stats.pageBytes - before).toBeLessThan(6 * PAGE_SIZE);
    arena.checkIntegrity([...source.blocks, ...copy.blocks]);
  });

  it('moves its directory and its tail out of pages that compaction empties', () => {
    const arena = new Arena();
    const fill = (size: number) => Array.from({ length: Math.floor(PAGE_SIZE / size) }, () => arena.allocate(size));
    // Full pages of the directory's and the tail's class first, so that the rope's blocks open the sparse ones.
    const neighbours = [...fill(64), ...fill(1024)];
    const rope = new OwnedRope(arena);
    const bytes = pattern(2 * PAGE_SIZE + 1000);
    rope.change((it) => it.append(Slice.of(bytes)));
    const kept = neighbours.filter((ref, index) => {
      if (index % 2 === 0) arena.free(ref);
      return index % 2 === 1;
    });
    arena.settle();
    const before = new Set(rope.blocks);
    expect(arena.beginEvacuation()).toBeGreaterThan(0);
    rope.change((it) => it.relocate());
    arena.endEvacuation();
    expect(rope.blocks.filter((ref) => !before.has(ref)).length).toBe(2);
    expect(rope.content.equals(bytes)).toBe(true);
    arena.checkIntegrity([...rope.blocks, ...kept]);
  });
});
