/** Waiting until what clients of this process have sent is there and done with. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { isLoopbackAllowed, isNode } from '../net/runtime.js';
import { nextTurn, performanceNow, setTimer } from '../net/timers.js';

/**
 * What a client library is asked to send passes through its own queues first, and what arrives is one turn of the event
 * loop later readable: node-redis takes two turns, a connection that is being made some more, each with something that
 * arrives.
 */
const QUIET_TURNS = 6;
/** Where not even an echo can be had, each turn is given some time. */
const TURN_MS = 5;

export interface QuietOptions {
  isOver: () => boolean;
  /** Something that has arrived is still to be run or answered. */
  isBusy: () => boolean;
  /** Counts what arrives. */
  arrived: () => number;
  /** Gives up after so long. */
  mostMs: number;
}

export async function untilQuiet({ isOver, isBusy, arrived, mostMs }: QuietOptions): Promise<void> {
  const endsAtMs = performanceNow() + mostMs;
  const echo = isNode || !isLoopbackAllowed() ? undefined : await Echo.open();
  let before = arrived();
  for (let quietTurns = 0; quietTurns < QUIET_TURNS && !isOver(); quietTurns++) {
    if (isNode) await nextTurn();
    else await (echo?.turn() ?? someTime());
    const now = arrived();
    if (now !== before || isBusy()) quietTurns = -1;
    before = now;
    if (performanceNow() > endsAtMs) break;
  }
  echo?.close();
}

function someTime(): Promise<void> {
  return new Promise((resolve) => setTimer(resolve, TURN_MS));
}

/**
 * A connection of the process with itself. On Bun and Deno a turn of the event loop does not look at every socket, and
 * on a busy machine no time is long enough; but when a byte of ours has arrived, so has what was sent before it.
 */
class Echo {
  private returned: () => void = () => {};

  private constructor(
    private readonly listener: Server,
    private readonly socket: Socket,
  ) {
    socket.on('data', () => this.returned()).on('close', () => this.returned());
  }

  /** Undefined where the system refuses it. */
  static open(): Promise<Echo | undefined> {
    return new Promise((resolve) => {
      const listener = createServer((far) => far.on('error', () => {}).pipe(far));
      const refused = () => {
        listener.close();
        resolve(undefined);
      };
      listener.on('error', refused).listen(0, '127.0.0.1', () => {
        const { port } = listener.address() as AddressInfo;
        const socket: Socket = connect(port, '127.0.0.1', () => resolve(new Echo(listener, socket)));
        socket.setNoDelay(true).on('error', refused);
      });
    });
  }

  turn(): Promise<void> {
    if (this.socket.destroyed) return someTime();
    return new Promise((resolve) => {
      this.returned = resolve;
      this.socket.write('.');
    });
  }

  close(): void {
    this.socket.destroy();
    this.listener.close();
  }
}
