/** What the routes of Upstash's REST do: commands in, one by one or as lists, and results out. */
import { isRefusedMemory } from '../../../memory/system-memory.js';
import { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { ERROR } from '../../../protocol/reply-types.js';
import { databaseOf } from '../../database.js';
import { type HttpReply, type HttpRequest, JSON_TYPE } from '../../message.js';
import { type ApiContext, STREAMING, type Streaming } from '../../route.js';
import type { Turn } from '../../turn.js';
import { CommandAvailability, noPermission } from './availability.js';
import { EventStreams } from './events.js';
import { JsonCommands, UnreadableBody } from './json-commands.js';
import { readPathCommand, withoutToken } from './path-command.js';
import { RestTokens } from './rest-tokens.js';
import { Results } from './results.js';

/** Clients send back what they got; of one server every read sees all writes before it. */
const HEADERS = 'Upstash-Sync-Token: redstart\r\n';
const RESP_TYPE = 'application/octet-stream';
const OPEN_BRACKET = 0x5b;
const CLOSED_BRACKET = 0x5d;

const MULTI = Args.from(['MULTI']);
const EXEC = Args.from(['EXEC']);
const DISCARD = Args.from(['DISCARD']);
/** So much is collected before it becomes JSON. */
const MOST_REPLY_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

const ENCODING = 'ERR Upstash-Encoding can only be base64';
const FORMAT = 'ERR Upstash-Response-Format can only be json or resp2';
const ENCODING_OF_RESP = 'ERR Upstash-Encoding can not be used with Upstash-Response-Format: resp2';
const NO_EVENTS = 'ERR messages come as events: the request needs the header Accept: text/event-stream';

/** Answered in the place of a result. */
class Refusal extends Error {
  override name = 'Refusal';
}

export class UpstashHandlers {
  readonly tokens: RestTokens;
  private readonly availability: CommandAvailability;
  private readonly results = new Results();
  private readonly commands = new JsonCommands();
  private readonly args = new Args();
  private readonly events = new EventStreams();
  private isResp = false;

  constructor({ config, gateway: { engine } }: ApiContext) {
    this.availability = new CommandAvailability(engine.table);
    this.tokens = new RestTokens(engine.server.authentication, () => config.get('requirepass'));
  }

  /** `["SET", "key", "value"]` as the body. */
  readonly command = (request: HttpRequest): HttpReply =>
    this.answer(request, true, () => {
      this.commands.readOne(request.body);
      this.commands.next(this.args);
      return this.runOne(request);
    });

  /** `/set/key/value`. */
  readonly path = (request: HttpRequest): HttpReply | Streaming => {
    const segments = request.pathValues['command'];
    const slash = segments.indexOf('/');
    const first = (slash < 0 ? segments : segments.slice(0, slash)).toLowerCase();
    if (STREAMING_COMMANDS.has(first)) return this.stream(request, first, slash < 0 ? '' : segments.slice(slash + 1));
    return this.answer(request, true, () => {
      readPathCommand(this.args, segments, request.body, request.query);
      return this.runOne(request);
    });
  };

  /** A list of commands, each of which is answered by itself. */
  readonly pipeline = (request: HttpRequest): HttpReply =>
    this.answer(request, true, () => {
      this.commands.readAll(request.body);
      this.turn(request, (turn) => this.runAll(request, turn));
      return 200;
    });

  /** A list of commands that run as one transaction. */
  readonly transaction = (request: HttpRequest): HttpReply =>
    this.answer(request, false, () => {
      this.commands.readAll(request.body);
      this.turn(request, (turn) => this.runTransaction(request, turn));
      return 200;
    });

  /** SUBSCRIBE, PSUBSCRIBE, MONITOR; `names`: what follows in the path. */
  stream(request: HttpRequest, command: string, names: string): HttpReply | Streaming {
    let refusal: string | undefined;
    if (!/text\/event-stream/i.test(request.header('accept') ?? '')) refusal = NO_EVENTS;
    else if (command === 'monitor' && request.access.isReadOnly) refusal = noPermission(command);
    if (refusal === undefined) {
      // Clients put patterns into the path as they are: what comes after a question mark is one more part of it.
      const rest = withoutToken(request.query);
      const path = [command, ...(names === '' ? [] : [names])].join('/');
      readPathCommand(this.args, rest === '' ? path : `${path}?${rest}`, NOTHING, '');
      refusal = this.events.open(request, this.args);
    }
    return refusal === undefined ? STREAMING : this.refused(400, refusal);
  }

  /** The answer to what went wrong; `text` in latin1. */
  refused(status: number, text: string): HttpReply {
    this.results.clear();
    this.results.error(text);
    return { status, type: JSON_TYPE, body: this.results.json.take(), headers: HEADERS };
  }

  close(): void {
    this.events.close();
  }

  // ---- Inside

  /** Runs what fills `results`, in the form that the request asks for. */
  private answer(request: HttpRequest, mayBeResp: boolean, work: () => number): HttpReply {
    const { results } = this;
    results.clear();
    try {
      this.readForm(request, mayBeResp);
      const status = work();
      return { status, type: this.isResp ? RESP_TYPE : JSON_TYPE, body: results.json.take(), headers: HEADERS };
    } catch (error) {
      if (error instanceof Refusal || error instanceof UnreadableBody) return this.refused(400, error.message);
      if (isRefusedMemory(error)) return this.refused(503, errors.OOM.message);
      throw error;
    } finally {
      this.commands.clear();
      this.args.bytes = NOTHING;
    }
  }

  private readForm(request: HttpRequest, mayBeResp: boolean): void {
    const encoding = request.header('upstash-encoding');
    const format = mayBeResp ? request.header('upstash-response-format') : undefined;
    this.results.isBase64 = encoding !== undefined && encoding !== '';
    this.isResp = format === 'resp2';
    if (this.results.isBase64 && encoding !== 'base64') throw new Refusal(ENCODING);
    if (format !== undefined && format !== 'resp2' && format !== 'json') throw new Refusal(FORMAT);
    if (this.isResp && this.results.isBase64) throw new Refusal(ENCODING_OF_RESP);
  }

  private turn(request: HttpRequest, work: (turn: Turn) => void): void {
    const { gateway, access } = request;
    gateway.turn({ database: databaseOf(request), protocol: 2, access }, work);
  }

  private runOne(request: HttpRequest): number {
    let isError = false;
    this.turn(request, (turn) => {
      this.runNext(request, turn);
      turn.read();
      isError = errorIn(turn) !== undefined;
      this.write(turn);
    });
    return isError ? 400 : 200;
  }

  private runAll(request: HttpRequest, turn: Turn): void {
    const { json } = this.results;
    const { count } = this.commands;
    if (!this.isResp) json.byte(OPEN_BRACKET);
    for (let i = 0; i < count; i++) {
      this.commands.next(this.args);
      this.runNext(request, turn);
      if (i + 1 < count && turn.length < MOST_REPLY_BYTES) continue;
      turn.read();
      this.write(turn);
      turn.clear();
    }
    if (!this.isResp) json.byte(CLOSED_BRACKET);
  }

  private write({ bytes, view, start, end }: Turn): void {
    if (this.isResp) this.results.json.raw(bytes, view, start, end);
    else this.results.add(bytes, view, start, end);
  }

  /** Runs the command in `args`, if it may. */
  private runNext(request: HttpRequest, turn: Turn): void {
    const objection = this.objection(request);
    if (objection !== undefined) turn.reply.errorText(objection);
    else if (RestTokens.isAsked(this.args)) this.giveToken(turn);
    else turn.run(this.args);
  }

  /** In Upstash's words where it gives none. */
  private giveToken({ reply }: Turn): void {
    const user = this.args.text(2);
    const token = this.tokens.make(user, this.args.buffer(3));
    if (token === undefined) reply.error(`ERR Wrong password or user "${this.args.latin1(2)}" does not exist`);
    else reply.bulkLatin1(token);
  }

  /** @throws Refusal: nothing has run */
  private runTransaction(request: HttpRequest, turn: Turn): void {
    const { count } = this.commands;
    let problem = reply(turn, MULTI);
    for (let i = 0; i < count && problem === undefined; i++) {
      this.commands.next(this.args);
      problem = this.objection(request) ?? reply(turn, this.args);
    }
    if (problem !== undefined) {
      turn.run(DISCARD);
      throw new Refusal(errors.execAborted(errors.commandError(problem)).message);
    }
    problem = reply(turn, EXEC);
    if (problem !== undefined) throw new Refusal(problem);
    this.results.json.byte(OPEN_BRACKET);
    this.results.addElements(turn.bytes, turn.view, turn.start, turn.end);
    this.results.json.byte(CLOSED_BRACKET);
  }

  private objection({ access }: HttpRequest): string | undefined {
    if (access.isReadOnly && RestTokens.isAsked(this.args)) return noPermission('acl|resttoken');
    return this.availability.objection(this.args, access.isReadOnly);
  }
}

const STREAMING_COMMANDS = new Set(['subscribe', 'psubscribe', 'monitor']);

/** Runs a command and finds its reply. @returns the text of the error that it answered, in latin1 */
function reply(turn: Turn, args: Args): string | undefined {
  turn.clear();
  turn.run(args);
  turn.read();
  return errorIn(turn);
}

function errorIn({ bytes, start, end }: Turn): string | undefined {
  return bytes[start] === ERROR ? bytes.toString('latin1', start + 1, end - 2) : undefined;
}
