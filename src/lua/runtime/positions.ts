/** Where in the Lua code a call comes from. */

import { type Chunk, chunkOf, positionOf, siteOf } from './chunk.js';
import { counters } from './counters.js';
import { threads } from './threads.js';

/** A function further up: where it stands, as messages begin with it, and what it calls the function that it called. */
export interface Caller {
  readonly position: string;
  readonly name: string | undefined;
}

const SCRIPT = 'lua-chunk-';
/** Mostly the caller is found among the first few frames. */
const FEW_FRAMES = 6;
const MANY_FRAMES = 2000;

/** The name of the script in which a chunk's code is. */
export function scriptName(chunk: Chunk): string {
  return SCRIPT + chunk.firstPlace;
}

/** What called the library's function that asks. */
export function caller(): Caller {
  const { place } = counters;
  return { position: positionOf(place), name: place > 0 ? siteOf(place)?.first : undefined };
}

/** The same, its position only. Empty if that is native. */
export function callerPosition(): string {
  return positionOf(counters.place);
}

/** Where a function was called; `place` is what counters had as it was entered. A tail call leaves nothing of that. */
export function entryPosition(place: number): string {
  return place > 0 && siteOf(place)?.isTail === true ? '' : positionOf(place);
}

/**
 * The position of the function at a level, as the host's stack tells it: 1 is what called the library's function that
 * asks. Takes 10 µs. Empty if it is native, or has been left by a tail call.
 */
export function positionAtLevel(level: number): string {
  const levels = levelsOf(captureFrames(FEW_FRAMES), level);
  return positionIn(levels.length < level ? levelsOf(captureFrames(MANY_FRAMES), level) : levels, level);
}

/** Where Lua was as an error of the host's was thrown. */
export function positionOfFailure(error: Error): string {
  const frames = framesOf(error);
  return positionIn(Array.isArray(frames) ? levelsOf(frames, 1) : [], 1);
}

function positionIn(levels: readonly number[], level: number): string {
  const found = levels[level - 1] ?? 0;
  // A tail call of Lua code leaves nothing of its caller.
  return level > 1 && levels[level - 2] !== 0 ? entryPosition(found) : positionOf(found);
}

/** Places as counters have them, from the innermost on. */
function levelsOf(frames: readonly NodeJS.CallSite[], most: number): number[] {
  const levels: number[] = [];
  let thread = threads.innermost;
  let { activation } = counters;
  for (const frame of frames) {
    if (levels.length === most) break;
    const script = frame.getScriptNameOrSourceURL();
    if (script?.startsWith(SCRIPT)) {
      const chunk = chunkOf(Number(script.slice(SCRIPT.length)));
      const place = chunk?.callAt((frame as NodeJS.CallSite & { getPosition(): number }).getPosition()) ?? 0;
      if (place !== 0) levels.push(place);
    } else if (frame.getFunctionName() === 'runSteps' && thread !== null) {
      for (const place of thread.waiting()) if (levels.length < most) levels.push(place);
      if (thread.isCoroutine) break;
      thread = thread.outer;
    } else if (frame.getFunctionName() === 'walkFunction' && activation !== null) {
      if (activation.place !== 0) levels.push(activation.place);
      activation = activation.outer;
    } else if (isBorder(frame)) levels.push(0);
  }
  return levels;
}

/** Whether a frame is that of what calls Lua in calls.ts. */
function isBorder(frame: NodeJS.CallSite): boolean {
  const name = frame.getFunctionName();
  return name === 'callFromNative' || name === 'callForOne';
}

function captureFrames(limit: number): NodeJS.CallSite[] {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = limit;
  const holder = {} as Error;
  Error.captureStackTrace(holder, positionAtLevel);
  const frames = framesOf(holder);
  Error.stackTraceLimit = before;
  return frames;
}

function framesOf(holder: Error): NodeJS.CallSite[] {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, frames) => frames;
  const frames = holder.stack as unknown as NodeJS.CallSite[];
  // To delete what was not there would take 3 µs.
  (Error as { prepareStackTrace?: unknown }).prepareStackTrace = before;
  return frames;
}
