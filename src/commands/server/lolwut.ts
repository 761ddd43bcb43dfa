/**
 * LOLWUT: a drawing of our own, different each time, in Unicode's braille dots. Version 5 (and any that is not known)
 * is a flock of redstarts that turns in the air; version 6 a wood that they live in.
 */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import type { Random } from '../../engine/random.js';
import { REDSTART_VERSION } from '../../version.js';

const MAX_COLUMNS = 500;
const MAX_ROWS = 200;
const MAX_THINGS = 5000;
const BRAILLE = 0x2800;
/** The dot of a braille character at a column (0, 1) and a row (0 to 3). */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];

/** A grid of dots, two by four in each character. */
class Canvas {
  private readonly cells: Uint8Array;

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    this.cells = new Uint8Array(columns * rows);
  }

  dot(x: number, y: number): void {
    const [column, row] = [Math.floor(x / 2), Math.floor(y / 4)];
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return;
    this.cells[row * this.columns + column] |= DOTS[Math.floor(x) & 1][Math.floor(y) & 3];
  }

  line(x: number, y: number, toX: number, toY: number): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(toX - x), Math.abs(toY - y))));
    for (let i = 0; i <= steps; i++) this.dot(x + ((toX - x) * i) / steps, y + ((toY - y) * i) / steps);
  }

  toString(): string {
    let text = '';
    for (let row = 0; row < this.rows; row++) {
      const cells = this.cells.subarray(row * this.columns, (row + 1) * this.columns);
      for (const cell of cells) text += String.fromCharCode(BRAILLE + cell);
      text += '\n';
    }
    return text;
  }
}

function share(random: Random): number {
  return random.below(1 << 30) / (1 << 30);
}

/** Birds on a spiral, each a pair of wings that beats as it goes round. */
function flock(canvas: Canvas, birds: number, random: Random): void {
  const [width, height] = [canvas.columns * 2, canvas.rows * 4];
  const turn = share(random) * Math.PI * 2;
  for (let i = 0; i < birds; i++) {
    const way = (i + 0.5) / birds;
    const angle = turn + way * Math.PI * 5;
    const x = width / 2 + Math.cos(angle) * way * (width / 2 - 4) + (share(random) - 0.5) * 3;
    const y = height / 2 + Math.sin(angle) * way * (height / 2 - 3) + (share(random) - 0.5) * 3;
    const span = 1.5 + way * 3;
    const beat = (share(random) - 0.4) * span;
    canvas.line(x, y, x - span, y - beat);
    canvas.line(x, y, x + span, y - beat);
  }
}

/** Trees that fork until their twigs are too short to see. */
function wood(canvas: Canvas, trees: number, random: Random): void {
  const [width, height] = [canvas.columns * 2, canvas.rows * 4];
  for (let i = 0; i < trees; i++) {
    const x = ((i + 0.3 + share(random) * 0.4) * width) / trees;
    grow(canvas, x, height - 1, -Math.PI / 2, height * (0.2 + share(random) * 0.12), random);
  }
  for (let x = 0; x < width; x++) canvas.dot(x, height - 1);
}

function grow(canvas: Canvas, x: number, y: number, angle: number, length: number, random: Random): void {
  const [toX, toY] = [x + Math.cos(angle) * length, y + Math.sin(angle) * length];
  canvas.line(x, y, toX, toY);
  if (length < 2) return;
  const spread = 0.25 + share(random) * 0.35;
  grow(canvas, toX, toY, angle - spread, length * (0.6 + share(random) * 0.15), random);
  grow(canvas, toX, toY, angle + spread, length * (0.6 + share(random) * 0.15), random);
}

interface Drawing {
  readonly defaults: readonly [columns: number, rows: number, things: number];
  readonly draw: (canvas: Canvas, things: number, random: Random) => void;
  readonly title: string;
}

const FLOCK: Drawing = { defaults: [60, 14, 70], draw: flock, title: 'A flock of redstarts, turning.' };
const DRAWINGS: Readonly<Record<number, Drawing>> = {
  5: FLOCK,
  6: { defaults: [60, 14, 4], draw: wood, title: 'A wood for redstarts, in winter.' },
};

/** LOLWUT [VERSION version] [columns rows things] */
function lolwut({ args, keyspace, reply }: Call): void {
  const hasVersion = args.count >= 3 && args.is(1, 'VERSION');
  const version = hasVersion ? args.integer(2) : 0;
  const { defaults, draw, title } = DRAWINGS[version] ?? FLOCK;
  const first = hasVersion ? 3 : 1;
  const sizes = defaults.map((size, i) => (hasVersion && args.count > first + i ? args.integer(first + i) : size));
  const canvas = new Canvas(within(sizes[0], MAX_COLUMNS), within(sizes[1], MAX_ROWS));
  draw(canvas, within(sizes[2], MAX_THINGS), keyspace.random);
  reply.verbatim('txt', `${canvas}\n${title} redstart ver. ${REDSTART_VERSION}\n`);
}

function within(size: number, limit: number): number {
  return Math.min(Math.max(size, 1), limit);
}

export const lolwutCommands: readonly CommandRow[] = [
  {
    name: 'lolwut',
    summary: 'Draws something, and tells the version.',
    group: 'server',
    complexity: 'O(N), N being the size of the drawing',
    arity: -1,
    flags: ['readonly', 'fast'],
    arguments: [arg.option('VERSION', arg.integer('version'))],
    run: lolwut,
  },
];
