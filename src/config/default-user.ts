/**
 * `user default` lines, which redis-server writes at the end of every file that it rewrites: they are taken as long as
 * they ask for what is so anyway, a user who may do everything with the password of `requirepass`. Other users are
 * refused.
 *
 * They are looked at when everything is loaded, as in Redis, where the password may come after them.
 */
import { bytesOf } from '../text/byte-text.js';
import type { Config } from './config.js';

const MORE = 'the default user may do everything, with the password of requirepass or with none';

interface Rights {
  isOn: boolean;
  isFree: boolean;
  passwords: string[];
  hashes: string[];
  keys: boolean;
  channels: boolean;
  commands: boolean;
}

/** Why the rules of a line can't be had, or null; a password that no `requirepass` has named becomes that. */
export function applyDefaultUser(config: Config, rules: readonly string[]): string | null {
  // Channels have every right until a rule takes it: files of Redis 6.0 do not speak of them.
  const rights: Rights = {
    isOn: false,
    isFree: false,
    passwords: [],
    hashes: [],
    keys: false,
    channels: true,
    commands: false,
  };
  for (const rule of rules) if (!applyRule(rights, rule)) return MORE;
  const { isOn, isFree, passwords, hashes, keys, channels, commands } = rights;
  if (!(isOn && keys && channels && commands)) return MORE;
  const password = config.get('requirepass');
  if (isFree) return password === '' ? null : MORE;
  const [only] = passwords;
  if (password === '' && passwords.length === 1 && hashes.length === 0) {
    config.load('requirepass', [only]);
    return null;
  }
  const isSame = passwords.every((each) => each === password) && hashes.every((each) => each === sha256(password));
  return password !== '' && passwords.length + hashes.length > 0 && isSame ? null : MORE;
}

/** @returns whether the rule is one of those that may be so anyway */
function applyRule(rights: Rights, rule: string): boolean {
  if (rule.startsWith('>')) {
    rights.passwords.push(rule.slice(1));
    rights.isFree = false;
    return true;
  }
  if (/^#[0-9a-f]{64}$/.test(rule)) {
    rights.hashes.push(rule.slice(1));
    rights.isFree = false;
    return true;
  }
  const change = RULES[rule.toLowerCase()];
  change?.(rights);
  return change !== undefined;
}

const everyKey = (rights: Rights) => {
  rights.keys = true;
};
const everyChannel = (rights: Rights) => {
  rights.channels = true;
};
const everyCommand = (rights: Rights) => {
  rights.commands = true;
};
const nothing = () => {};

const RULES: Readonly<Record<string, (rights: Rights) => void>> = {
  on: (rights) => {
    rights.isOn = true;
  },
  off: (rights) => {
    rights.isOn = false;
  },
  nopass: (rights) => Object.assign(rights, { isFree: true, passwords: [], hashes: [] }),
  resetpass: (rights) => Object.assign(rights, { isFree: false, passwords: [], hashes: [] }),
  '~*': everyKey,
  '%rw~*': everyKey,
  allkeys: everyKey,
  resetkeys: (rights) => {
    rights.keys = false;
  },
  '&*': everyChannel,
  allchannels: everyChannel,
  resetchannels: (rights) => {
    rights.channels = false;
  },
  '+@all': everyCommand,
  allcommands: everyCommand,
  '-@all': (rights) => {
    rights.commands = false;
  },
  nocommands: (rights) => {
    rights.commands = false;
  },
  // What is loaded and restored is always checked in full; there are no selectors.
  'sanitize-payload': nothing,
  'skip-sanitize-payload': nothing,
  clearselectors: nothing,
};

function sha256(text: string): string {
  // Loaded when first needed: it would cost every start 5 ms.
  const crypto = process.getBuiltinModule('node:crypto');
  return crypto.createHash('sha256').update(bytesOf(text)).digest('hex');
}
