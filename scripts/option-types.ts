/**
 * src/server/directive-options.ts: the options of the library, with their types and what they mean; `npm run gen`
 * writes it.
 */
import { type Directive, directiveGroups } from '../src/config/directives.js';
import { optionName } from '../src/server/option-hints.js';

const WIDTH = 120;

const HEAD = `/**
 * Every directive of redis.conf that works in a library or is taken without effect, as an option. Generated from the
 * table of directives by \`npm run gen\`; do not edit.
 */

type Integer = number | bigint | \`\${number}\`;
/** Bytes, or a size with a unit: \`'64mb'\`. */
type Size = number | bigint | string;
type YesNo = boolean | 'yes' | 'no';

/** Directives by their names in camel case: \`maxmemoryPolicy\` for \`maxmemory-policy\`. */
export interface CamelCaseDirectives {`;

const TAIL = `}

type KebabCase<Name extends string> = Name extends \`\${infer First}\${infer Rest}\`
  ? \`\${First extends Lowercase<First> ? First : \`-\${Lowercase<First>}\`}\${KebabCase<Rest>}\`
  : Name;

type KebabCaseDirectives = { [Name in keyof CamelCaseDirectives as KebabCase<Name>]?: CamelCaseDirectives[Name] };

/** Any directive, by its name in redis.conf (\`'maxmemory-policy'\`) or in camel case (\`maxmemoryPolicy\`). */
export interface DirectiveOptions extends CamelCaseDirectives, KebabCaseDirectives {}
`;

export function optionTypes(): string {
  const members = Object.values(directiveGroups).flatMap((rows) =>
    Object.entries(rows)
      .filter(([, row]) => row.effect !== 'refused' && row.programOnly === undefined)
      .map(([name, row]) => `${comment(name, row)}\n${member(optionName(name), [...typesOf(row), 'undefined'])}`),
  );
  return `${HEAD}\n${members.join('\n')}\n${TAIL}`;
}

/** Of these a library has defaults of its own. */
const OWN_DEFAULTS: readonly string[] = ['bind', 'save', 'dir'];

function comment(name: string, row: Directive): string {
  const effect = row.effect === 'works' ? '' : ` No effect: ${row.why}.`;
  const hasDefault = row.default !== '' && !OWN_DEFAULTS.includes(name);
  const text = `${row.doc}${effect}${hasDefault ? ` Default: \`${row.default}\`.` : ''}`;
  const line = `  /** ${text} */`;
  if (line.length <= WIDTH) return line;
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    if (last < 0 || lines[last]!.length + word.length + 1 > WIDTH - '   * '.length) lines.push(word);
    else lines[last] += ` ${word}`;
  }
  return ['  /**', ...lines.map((each) => `   * ${each}`), '   */'].join('\n');
}

/** As biome formats it. */
function member(name: string, types: readonly string[]): string {
  const line = `  ${name}?: ${types.join(' | ')};`;
  return line.length <= WIDTH ? line : `  ${name}?:\n${types.map((type) => `    | ${type}`).join('\n')};`;
}

function typesOf({ type }: Directive): string[] {
  const choices = type.choices?.map((choice) => `'${choice}'`);
  switch (type.input) {
    case 'boolean':
      return ['YesNo'];
    case 'integer':
      return ['Integer'];
    case 'size':
      return ['Size'];
    case 'octal':
      return ['number', 'string'];
    case 'text':
      return choices ?? ['string'];
    case 'words':
      return choices === undefined
        ? ['string', 'readonly (string | number)[]']
        : [...choices, `readonly (${choices.join(' | ')})[]`];
    case 'numbers':
      return ['string', 'readonly number[]'];
  }
}
