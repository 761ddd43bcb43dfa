/** Where in the Lua code a call comes from, as the host's stack tells it. */

import { type CallInLua, type Chunk, findChunk } from './chunk.js';
import { threads } from './threads.js';

/** A function further up: where it stands, as messages begin with it, and what it calls the function that it called. */
export interface Caller {
  readonly position: string;
  readonly name: string | undefined;
}

const NOWHERE: Caller = { position: '', name: undefined };
const SCRIPT = 'lua-chunk-';
/** Mostly the caller is found among the first few frames. */
const FEW_FRAMES = 6;
const MANY_FRAMES = 2000;

/** A place in compiled code, or the border at which native code calls Lua. */
type Level = CallInLua | 'native';

/** The name of the script in which a chunk's code is. */
export function scriptName(chunk: Chunk): string {
  return SCRIPT + chunk.number;
}

/**
 * The caller at a level: 0 is the library's function that asks, 1 is what called that. Its position is empty if it is
 * native, or has been left by a tail call.
 */
export function findCaller(level: number): Caller {
  const levels = levelsOf(captureFrames(FEW_FRAMES), level);
  const found = levels.length < level ? levelsOf(captureFrames(MANY_FRAMES), level) : levels;
  return callerOf(found, level);
}

function callerOf(levels: readonly Level[], level: number): Caller {
  const found = levels[level - 1];
  if (found === undefined || found === 'native') return NOWHERE;
  const { chunk, site, callee } = found;
  // A tail call of Lua code leaves nothing of its caller.
  if (chunk.sites[site]!.isTail && levels[level - 2] !== undefined && levels[level - 2] !== 'native') return NOWHERE;
  return { position: chunk.position(site), name: callee };
}

/** Where Lua was as an error of the host's was thrown. */
export function positionOfFailure(error: Error): string {
  const frames = framesOf(error);
  return callerOf(Array.isArray(frames) ? levelsOf(frames, 1) : [], 1).position;
}

function levelsOf(frames: readonly NodeJS.CallSite[], most: number): Level[] {
  const levels: Level[] = [];
  let thread = threads.innermost;
  for (const frame of frames) {
    if (levels.length === most) break;
    const script = frame.getScriptNameOrSourceURL();
    if (script?.startsWith(SCRIPT)) {
      const chunk = findChunk(Number(script.slice(SCRIPT.length)));
      const call = chunk?.callAt((frame as NodeJS.CallSite & { getPosition(): number }).getPosition());
      if (call !== undefined) levels.push(call);
    } else if (frame.getFunctionName() === 'runSteps' && thread !== null) {
      for (const place of thread.waiting()) {
        if (levels.length < most) levels.push({ ...place, callee: place.chunk.sites[place.site]!.first });
      }
      if (thread.isCoroutine) break;
      thread = thread.outer;
    } else if (isBorder(frame)) levels.push('native');
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
  Error.captureStackTrace(holder, findCaller);
  const frames = framesOf(holder);
  Error.stackTraceLimit = before;
  return frames;
}

function framesOf(holder: Error): NodeJS.CallSite[] {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, frames) => frames;
  const frames = holder.stack as unknown as NodeJS.CallSite[];
  if (before === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
  else Error.prepareStackTrace = before;
  return frames;
}
