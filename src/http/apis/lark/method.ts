/** A method of lark as a row, and the words of the command that it runs. */
import type { Field, Word } from './fields.js';
import type { Conversion } from './replies.js';

export type Verb = 'GET' | 'POST' | 'DELETE';

export type ScopeGroup = 'basic' | 'key' | 'list' | 'sort' | 'scan' | 'sets' | 'sorted_sets' | 'hashes';

/** What the fields have become. */
export type Values = ReadonlyMap<string, Word | readonly Word[]>;

export interface Method {
  /** As scopes name it. */
  readonly name: string;
  readonly verbs: readonly Verb[];
  /** `{name}` stands for a segment; in any case, with and without a slash at the end. */
  readonly paths: readonly string[];
  /** Other spellings of them, which the documents need not tell. */
  readonly aliases?: readonly string[];
  readonly fields: Readonly<Record<string, Field>>;
  /** The body as a whole is this field. */
  readonly bodyIs?: string;
  /**
   * The command: words, `{field}` for a field's words, `WORD?field` for a word that a flag sets, `[…]` for what stands
   * there if all of its fields were given.
   */
  readonly command: string | ((values: Values) => string);
  readonly reply: Conversion;
  /** What is wrong with the fields together; undefined: nothing. */
  readonly check?: (values: Values) => string | undefined;
  readonly group?: ScopeGroup;
  readonly access?: 'read' | 'write';
  /** Runs on a client of the access's own, whose name stays. */
  readonly isPersonal?: boolean;
  /** Waits for elements. */
  readonly mayWait?: boolean;
  /** What the command table does not tell of it. */
  readonly note?: string;
}

/** One of these allows a method: the administrator's, its group's, all of its kind, its own. */
export function scopesOf({ name, group, access }: Method): readonly string[] {
  const scopes = ['admin'];
  if (group !== undefined) scopes.push(`${group}:*`);
  if (access !== undefined) scopes.push(`${access}:*`, `${access}:${name}`);
  return scopes.sort();
}

// ---- Commands

interface Part {
  readonly word: string;
  readonly kind: 'word' | 'field' | 'flag';
  readonly field: string;
}

/** Parts that stand there together or not at all. */
interface Stretch {
  readonly parts: readonly Part[];
  readonly isOptional: boolean;
}

const templates = new Map<string, readonly Stretch[]>();

/** The words of a command, of which fields that were not given are left out. */
export function wordsOf({ command }: Method, values: Values): Word[] {
  const text = typeof command === 'string' ? command : command(values);
  let template = templates.get(text);
  if (template === undefined) {
    template = parseTemplate(text);
    templates.set(text, template);
  }
  const words: Word[] = [];
  for (const { parts, isOptional } of template) {
    if (isOptional && parts.some(({ kind, field }) => kind === 'field' && !isGiven(values.get(field)))) continue;
    for (const part of parts) append(part, values, words);
  }
  return words;
}

function append({ word, kind, field }: Part, values: Values, words: Word[]): void {
  if (kind === 'word') words.push(word);
  else if (kind === 'flag') {
    if (values.get(field) === '1') words.push(word);
  } else {
    const value = values.get(field);
    if (Array.isArray(value)) words.push(...value);
    else if (value !== undefined) words.push(value as Word);
  }
}

export function isGiven(value: Word | readonly Word[] | undefined): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function parseTemplate(text: string): Stretch[] {
  return (text.match(/\[[^\]]*\]|\S+/g) ?? []).map((piece) => {
    const isOptional = piece.startsWith('[');
    const words = isOptional ? piece.slice(1, -1).split(' ') : [piece];
    return { isOptional, parts: words.map(parsePart) };
  });
}

function parsePart(word: string): Part {
  if (word.startsWith('{')) return { word: '', kind: 'field', field: word.slice(1, -1) };
  const question = word.indexOf('?');
  if (question < 0) return { word, kind: 'word', field: '' };
  return { word: word.slice(0, question), kind: 'flag', field: word.slice(question + 1) };
}

/** The names of a path's segments that are parameters, by where they stand. */
export function parametersOf(path: string): Map<string, number> {
  const found = new Map<string, number>();
  path.split('/').forEach((segment, index) => {
    if (segment.startsWith('{')) found.set(segment.slice(1, -1), index);
  });
  return found;
}

/** A part of a list is told by both its start and its length. */
export function bothOrNeither(values: Values): string | undefined {
  return values.has('start') === values.has('num') ? undefined : '``start`` and ``num`` must both be specified';
}
