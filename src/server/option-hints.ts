/** What somebody may have meant by an option that is not there. */
import { directiveNamed } from '../config/config.js';
import { type DirectiveName, directiveRows } from '../config/directives.js';

/** Names that other libraries and tools use, and those that Redis itself has for something else. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  host: 'bind',
  hostname: 'bind',
  address: 'bind',
  password: 'requirepass',
  pass: 'requirepass',
  auth: 'requirepass',
  path: 'unixsocket',
  socket: 'unixsocket',
  db: 'databases',
  persist: 'dir',
  persistence: 'dir',
  datadir: 'dir',
  filename: 'dbfilename',
  log: 'logger',
  silent: 'logger',
  unref: 'keepAlive',
  ref: 'keepAlive',
  memory: 'maxmemory',
  memorylimit: 'maxmemory',
};

const OWN_OPTIONS = ['logger', 'keepAlive', 'transport'];
/** So many letters may be wrong in a name for it to be recognized. */
const MOST_MISTAKES = 2;

/** The option that was probably meant, as a program writes it; undefined for no idea. */
export function optionLike(name: string): string | undefined {
  const plain = plainName(name);
  const other = OTHER_NAMES[plain];
  if (other !== undefined) return other;
  const known = [...OWN_OPTIONS, ...(Object.keys(directiveRows) as DirectiveName[]).map(optionName)];
  const exact = known.find((each) => plainName(each) === plain);
  if (exact !== undefined) return exact;
  const [nearest] = known
    .map((each) => ({ each, mistakes: distance(plainName(each), plain) }))
    .filter(({ each, mistakes }) => mistakes <= MOST_MISTAKES && mistakes <= each.length / 2)
    .sort((a, b) => a.mistakes - b.mistakes);
  return nearest?.each;
}

/** `protoMaxBulkLen` for `proto-max-bulk-len`. */
export function optionName(directive: string): string {
  return directive.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The directive of an option's name in either spelling. */
export function directiveOf(option: string): DirectiveName | undefined {
  return directiveNamed(option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** How many letters must be put in, taken out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(changed, (previous[j] as number) + 1, (current[j - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[b.length] as number;
}
