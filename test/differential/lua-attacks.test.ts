/**
 * What has broken the Lua of Redis, by the numbers under which it became known, and what is of that kind: each is an
 * error or a right value, as in redis-server, never the end of the server; and the next script finds everything as
 * the first one did.
 *
 * In the fixture stand titles, with `#`, and scripts, one a line. Of one with `!` redis-server 7.0 dies: `=` in the
 * next line is what we answer.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClientPair } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { showReply } from '../support/reply-text.js';

const FIXTURE = readFileSync(new URL('../fixtures/lua-attacks.txt', import.meta.url), 'utf8');
const SECTIONS = FIXTURE.trimEnd()
  .split(/^# /m)
  .slice(1)
  .map((section) => section.split('\n').filter((line) => line !== ''));

/** Everything that can be reached from the global variables, and what the types without names of their own do. */
const HOUSE = `
local seen, out = {}, {}
local function walk(name, value)
  out[#out + 1] = name .. ' ' .. (type(value) == 'table' and 'table' or tostring(value))
  if type(value) ~= 'table' or seen[value] then return end
  seen[value] = true
  for k, v in pairs(value) do walk(name .. '.' .. tostring(k), v) end
  walk(name .. '()', getmetatable(value))
end
walk('_G', _G)
walk('string', getmetatable(''))
for _, value in ipairs({1, true, type, coroutine.create(function() end)}) do walk(type(value), getmetatable(value)) end
walk('reply', redis.call('hgetall', 'nothing'))
walk('error', redis.pcall('nope'))
return out`;

describeWithOracle('Attacks on Lua', () => {
  let pair: Pair;
  let clients: ClientPair;
  let house: string;

  const look = async () => {
    const { oracle, subject } = await clients.pipeline([['EVAL', HOUSE, 1, 'key', 'argument']]);
    expect(oracle[0]!.length).toBeGreaterThan(1000);
    return subject[0]!.toString('latin1');
  };

  beforeAll(async () => {
    pair = await startPair();
    clients = await ClientPair.connect(pair);
    house = await look();
  });

  afterAll(async () => {
    await clients?.close();
    await pair?.stop();
  });

  test.each(SECTIONS)('%s', async (_title, ...lines) => {
    const differences: string[] = [];
    for (const [i, line] of lines.entries()) {
      if (line.startsWith('= ')) continue;
      const isFatal = line.startsWith('!');
      const script = isFatal ? line.slice(1) : line;
      const expected = isFatal
        ? Buffer.from(JSON.parse(`"${lines[i + 1]!.slice(2)}"`))
        : await reply(clients.oracle, script);
      const actual = await reply(clients.subject, script);
      if (withoutAddresses(expected) === withoutAddresses(actual)) continue;
      differences.push(`${script}\n  redis-server ${showReply(expected)}\n  redstart     ${showReply(actual)}`);
    }
    expect(differences.join('\n')).toBe('');
    expect(await look()).toBe(house);
  });
});

function reply(client: ClientPair['subject'], script: string): Promise<Buffer> {
  return client.call('EVAL', script, 0);
}

function withoutAddresses(text: Buffer): string {
  return text.toString('latin1').replace(/0x[0-9a-f]{6,}/g, '0x');
}
