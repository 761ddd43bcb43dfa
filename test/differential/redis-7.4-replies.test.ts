import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/index.js';
import { agree } from '../support/compare.js';
import { idleTimes } from '../support/group-replies.js';
import { RawClient } from '../support/raw-client.js';
import { elementsOf, isError, showCommand, showReply } from '../support/reply-text.js';

/**
 * Replies that were recorded from a Redis of the compatibility level, for what the redis-server on PATH may be too old
 * to show. Commands that redstart does not have yet are left out, with what depends on them.
 */
interface Script {
  name: string;
  protocol: 2 | 3;
  log: [command: string[], reply: string][];
}

const fixture = new URL('../fixtures/redis-7.4-replies.json', import.meta.url);
const scripts = JSON.parse(readFileSync(fixture, 'utf8')) as Script[];

const KEYSPACE_WIDE = ['SCAN', 'KEYS', 'DBSIZE', 'RANDOMKEY'];

/** The part of a script that can run: a skipped command that did something also takes away what looks at its key. */
async function playable(client: RawClient, script: Script): Promise<[command: string[], reply: string][]> {
  const missingKeys = new Set<string>();
  const steps: [string[], string][] = [];
  for (const [command, reply] of script.log) {
    const readsMissing =
      missingKeys.has(command[1]!) ||
      missingKeys.has(command[2]!) ||
      (missingKeys.size > 0 && KEYSPACE_WIDE.includes(command[0]!) && !reply.startsWith('-'));
    if (!readsMissing && (await exists(client, command, reply))) {
      steps.push([command, reply]);
    } else if (!reply.startsWith('-')) {
      missingKeys.add(command[1]!);
    }
  }
  return steps;
}

async function exists(client: RawClient, command: string[], reply: string): Promise<boolean> {
  if (reply.startsWith('-ERR unknown command')) return true;
  const [name, sub] = command as [string, string | undefined];
  const rows = elementsOf(await client.call('COMMAND', 'INFO', name, `${name}|${sub}`))!;
  const [row, subRow] = rows.map((bytes) => elementsOf(bytes));
  if (row === undefined || row.length === 0) return false;
  // The tenth field of a row lists its subcommands; those that the recording did not know are answered with an error.
  const isContainer = (elementsOf(row[9]!) ?? []).length > 0;
  if (!isContainer || sub === undefined || reply.startsWith('-ERR unknown subcommand')) return true;
  return subRow !== undefined && subRow.length > 0;
}

describe('redstart answers as Redis 7.4 did', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start({ port: 0, enableDebugCommand: 'yes' });
  });

  afterAll(() => server.stop());

  test.each(scripts)('$name, RESP$protocol', async (script) => {
    const client = await RawClient.connect({ port: server.port }, { protocol: script.protocol });
    try {
      const steps = await playable(client, script);
      await client.call('FLUSHALL');
      const differences: string[] = [];
      for (const [command, recorded] of steps) {
        const reply = await client.call(...command);
        // Of these the recording let the time pass.
        if (command[0] === 'HPEXPIRE' && command[2] === '20') await setTimeout(60);
        const wanted = Buffer.from(recorded, 'latin1');
        if (agree(command, wanted, reply, idleTimes)) continue;
        // HELP texts and the like are summaries of our own.
        if (command[1] === 'HELP' && !isError(reply)) continue;
        differences.push(
          `${showCommand(command)}\n  Redis 7.4: ${showReply(wanted)}\n  redstart:  ${showReply(reply)}`,
        );
      }
      expect(differences.join('\n')).toBe('');
    } finally {
      await client.close();
    }
  });
});
