/** Commands as requests name them, with what is known of each beforehand. */
import { CommandFlag, type CommandTable, type CompiledCommand } from '../../../engine/command-table.js';
import { NEVER_ALLOWED } from './acl.js';
import { jsonHead } from './json-format.js';
import { type Shape, shapeOf } from './reply-shapes.js';

/** How a command answers. */
export type AnswerMode = 'at-once' | 'waits' | 'streams';

export interface Verb {
  /** As it was sent, one character a byte. */
  readonly text: string;
  readonly capitals: string;
  /** `{"GET":` */
  readonly jsonHead: string;
  readonly shape: Shape | undefined;
  readonly mode: AnswerMode;
  readonly isNeverAllowed: boolean;
}

/** Commands whose replies go on. */
const STREAMS: ReadonlySet<string> = new Set(['subscribe', 'psubscribe', 'ssubscribe', 'monitor']);
/** More than there are commands, and so few that nobody fills the memory with misspelt ones. */
const MAX_KNOWN = 1024;

export class Verbs {
  private readonly known = new Map<string, Verb>();

  constructor(private readonly table: CommandTable) {}

  of(text: string): Verb {
    return this.known.get(text) ?? this.look(text);
  }

  private look(text: string): Verb {
    const command = this.table.named(text.toLowerCase());
    const capitals = text.toUpperCase();
    const verb: Verb = {
      text,
      capitals,
      jsonHead: jsonHead(text),
      shape: command === undefined ? undefined : shapeOf(command.name),
      mode: command === undefined ? 'at-once' : modeOf(command),
      isNeverAllowed: NEVER_ALLOWED.has(capitals),
    };
    if (command !== undefined && this.known.size < MAX_KNOWN) this.known.set(text, verb);
    return verb;
  }
}

function modeOf({ name, flags }: CompiledCommand): AnswerMode {
  if (STREAMS.has(name)) return 'streams';
  return (flags & CommandFlag.BLOCKING) !== 0 ? 'waits' : 'at-once';
}
