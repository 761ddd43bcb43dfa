/**
 * Sends the same bytes to redis-server and to redstart, and compares the raw bytes of every reply.
 *
 * Some replies differ by nature (times, ids, unordered sets). `comparatorFor` names them; everything else must be equal
 * to the byte. Where redstart follows Redis 7.4 and the installed server is older, the comparator says so.
 */
import type { Pair } from './pair.js';
import { PATIENCE_MS } from './patience.js';
import { type Command, encodeCommands, RawClient } from './raw-client.js';
import { elementsOf, firstDifference, isError, showCommand, showReply, textOf } from './reply-text.js';

/** True when both replies say the same; used for replies that can't be equal to the byte. */
export type Comparator = (oracle: Buffer, subject: Buffer) => boolean;

export interface CompareOptions {
  protocol?: 2 | 3;
  /** Keep what the servers hold; otherwise both are flushed first. */
  keepData?: boolean;
  comparators?: Record<string, Comparator>;
}

export interface Mismatch {
  index: number;
  oracle: Buffer | undefined;
  subject: Buffer | undefined;
  /** Whose replies these are, when not redis-server's and redstart's. */
  labels?: [string, string];
}

/** Aggregates whose elements may come in any order. */
export const unordered: Comparator = (oracle, subject) => {
  const [a, b] = [elementsOf(oracle), elementsOf(subject)];
  if (a === undefined || b === undefined) return oracle.equals(subject);
  return oracle[0] === subject[0] && sorted(a) === sorted(b);
};

/** SORT with ALPHA: the order of what differs only after a NUL, to which C strings are compared, is by chance. */
export const sortedText: Comparator = (oracle, subject) => {
  const [a, b] = [elementsOf(oracle), elementsOf(subject)];
  if (a === undefined || b === undefined || !unordered(oracle, subject)) return false;
  return a.every((element, at) => upToNul(element) === upToNul(b[at]!));
};

function upToNul(reply: Buffer): string | undefined {
  return textOf(reply)?.split('\0', 1)[0];
}

/** Pairs in any order: a hash as a whole. */
const unorderedPairs: Comparator = (oracle, subject) => {
  const [a, b] = [elementsOf(oracle), elementsOf(subject)];
  if (a === undefined || b === undefined) return oracle.equals(subject);
  return oracle[0] === subject[0] && sorted(paired(a)) === sorted(paired(b));
};

/** HSCAN: as scan, of pairs. */
const pairScan: Comparator = (oracle, subject) => {
  const [a, b] = [elementsOf(oracle), elementsOf(subject)];
  if (a?.length !== 2 || b?.length !== 2) return oracle.equals(subject);
  return a[0]!.equals(b[0]!) && unorderedPairs(a[1]!, b[1]!);
};

function paired(elements: Buffer[]): Buffer[] {
  const pairs: Buffer[] = [];
  for (let at = 0; at < elements.length; at += 2) pairs.push(Buffer.concat(elements.slice(at, at + 2)));
  return pairs;
}

/** SCAN: equal cursors, elements in any order. Only full scans (one call, large COUNT) can be compared. */
const scan: Comparator = (oracle, subject) => {
  const [a, b] = [elementsOf(oracle), elementsOf(subject)];
  if (a?.length !== 2 || b?.length !== 2) return oracle.equals(subject);
  return a[0]!.equals(b[0]!) && unordered(a[1]!, b[1]!);
};

/** Numbers at most `tolerance` apart; negative ones (no key, no deadline) must be equal. */
function near(tolerance: number): Comparator {
  return (oracle, subject) => {
    if (oracle.equals(subject)) return true;
    const [a, b] = [Number(textOf(oracle)), Number(textOf(subject))];
    return oracle[0] === subject[0] && a >= 0 && b >= 0 && Math.abs(a - b) <= tolerance;
  };
}

/** Replies of the same type whose contents say something about the server itself. */
export const sameType: Comparator = (oracle, subject) => {
  if (isError(oracle) || isError(subject)) return oracle.equals(subject);
  return oracle[0] === subject[0];
};

/** Redis 7.2 and later keep small lists in one listpack; 7.0 calls every list a quicklist. */
const listEncoding: Comparator = (oracle, subject) => asQuicklist(oracle) === asQuicklist(subject);

function asQuicklist(reply: Buffer): string {
  const text = reply.toString('latin1');
  return text === '$8\r\nlistpack\r\n' ? '$9\r\nquicklist\r\n' : text;
}

/** Redis 7.2 and later keep small sets in a listpack; 7.0 calls every set that is no intset a hashtable. */
export const setEncoding: Comparator = (oracle, subject) => asHashtable(oracle) === asHashtable(subject);

function asHashtable(reply: Buffer): string {
  const text = reply.toString('latin1');
  return text === '$8\r\nlistpack\r\n' ? '$9\r\nhashtable\r\n' : text;
}

// The servers read their own clocks; a busy machine may put seconds between them, and a long run may be stopped.
const SLACK_SECONDS = process.env['FUZZ_COMMANDS'] === undefined ? 10 : 600;

/** Both null, or both payloads: how a value is packed differs from version to version. */
const payload: Comparator = (oracle, subject) => oracle.length > 5 && subject.length > 5 && sameType(oracle, subject);

const COMPARATORS: Record<string, Comparator> = {
  keys: unordered,
  smembers: unordered,
  sinter: unordered,
  sunion: unordered,
  sdiff: unordered,
  sscan: scan,
  hgetall: unorderedPairs,
  hkeys: unordered,
  hvals: unordered,
  hscan: pairScan,
  zscan: pairScan,
  hrandfield: sameType,
  dump: payload,
  scan,
  randomkey: sameType,
  time: sameType,
  lastsave: near(SLACK_SECONDS),
  ttl: near(SLACK_SECONDS),
  expiretime: near(SLACK_SECONDS),
  pttl: near(SLACK_SECONDS * 1000),
  pexpiretime: near(SLACK_SECONDS * 1000),
  info: sameType,
  hello: sameType,
  // The order of a hash table.
  'config get': unordered,
  'client id': sameType,
  'client info': sameType,
  'client list': sameType,
  'debug object': sameType,
  'object idletime': near(SLACK_SECONDS),
  'object encoding': listEncoding,
};

export function comparatorFor(command: Command, extra: Record<string, Comparator> = {}): Comparator | undefined {
  const name = String(command[0]).toLowerCase();
  const full = `${name} ${String(command[1]).toLowerCase()}`;
  return extra[full] ?? extra[name] ?? COMPARATORS[full] ?? COMPARATORS[name];
}

export function agree(
  command: Command,
  oracle: Buffer | undefined,
  subject: Buffer | undefined,
  extra?: Record<string, Comparator>,
): boolean {
  if (oracle === undefined || subject === undefined) return oracle === subject;
  if (oracle.equals(subject)) return true;
  return comparatorFor(command, extra)?.(oracle, subject) ?? false;
}

/** The connections of one comparison, one to each server. */
export class ClientPair {
  private constructor(
    readonly oracle: RawClient,
    readonly subject: RawClient,
  ) {}

  static async connect(pair: Pair, protocol: 2 | 3 = 2, timeoutMs = PATIENCE_MS): Promise<ClientPair> {
    const options = { timeoutMs, ...(protocol === 3 ? { protocol } : {}) };
    const oracle = await RawClient.connect(pair.oracle, options);
    try {
      return new ClientPair(oracle, await RawClient.connect(pair.subject, options));
    } catch (error) {
      await oracle.close();
      throw error;
    }
  }

  /** Pipelines the commands to both servers at once. */
  async pipeline(commands: readonly Command[]): Promise<{ oracle: Buffer[]; subject: Buffer[] }> {
    const bytes = encodeCommands(commands);
    const [oracle, subject] = await Promise.all([
      this.oracle.pipeline(commands, bytes).catch(prefixed('redis-server')),
      this.subject.pipeline(commands, bytes).catch(prefixed('redstart')),
    ]);
    return { oracle, subject };
  }

  async close(): Promise<void> {
    await Promise.all([this.oracle.close(), this.subject.close()]);
  }
}

function prefixed(name: string): (error: Error) => never {
  return (error) => {
    throw new Error(`${name}: ${error.message}`);
  };
}

/** The first command whose replies differ, or undefined; both servers' replies come back in `replies`. */
export async function runBoth(
  clients: ClientPair,
  commands: readonly Command[],
  options: CompareOptions = {},
): Promise<{ mismatch: Mismatch | undefined; replies: Buffer[] }> {
  const { oracle, subject } = await clients.pipeline(commands);
  for (let index = 0; index < commands.length; index++) {
    if (!agree(commands[index]!, oracle[index], subject[index], options.comparators)) {
      return { mismatch: { index, oracle: oracle[index], subject: subject[index] }, replies: oracle };
    }
    // Both closed the connection here, so there is nothing to compare any more.
    if (oracle[index] === undefined) break;
  }
  return { mismatch: undefined, replies: oracle };
}

/**
 * Runs one script on both servers; throws with the command, both replies and the commands before it when they differ.
 */
export async function compareScript(
  pair: Pair,
  commands: readonly Command[],
  options: CompareOptions = {},
): Promise<void> {
  const clients = await ClientPair.connect(pair, options.protocol);
  try {
    if (!options.keepData) await clients.pipeline([['FLUSHALL']]);
    const { mismatch } = await runBoth(clients, commands, options);
    if (mismatch !== undefined) throw new Error(describeMismatch(commands, mismatch));
  } finally {
    await clients.close();
  }
}

export function describeMismatch(commands: readonly Command[], { index, oracle, subject, labels }: Mismatch): string {
  const [first, second] = labels ?? ['redis-server', 'redstart'];
  const from = oracle && subject ? firstDifference(oracle, subject) : 0;
  const before = commands.slice(Math.max(0, index - 30), index);
  return [
    `replies differ: ${showCommand(commands[index]!)}`,
    `  ${first}: ${showReply(oracle, from)}`,
    `  ${second}: ${showReply(subject, from)}`,
    `after${before.length < index ? ` (${index - before.length} more before)` : ''}:`,
    ...before.map((command) => `  ${showCommand(command)}`),
  ].join('\n');
}

/** As text: buffers take several times as long to compare. */
function sorted(elements: Buffer[]): string {
  const texts = elements.map((element) => element.toString('latin1'));
  return texts.sort().join('');
}
