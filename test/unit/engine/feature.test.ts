/** The toy feature of docs/guides/feature.md: its own file and its commands in the table are all that it takes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SeveralClients } from '../../support/several-clients.js';
import { Quotas, quotaCommands } from '../../toys/quota.js';

describe('a feature', () => {
  it('refuses commands, counts calls and forgets clients by hooks, and others do not meet it', () => {
    const room = new SeveralClients(quotaCommands);
    expect(room.lines('a', 'QUOTA 2', 'GET k', 'SET k v', 'GET k')).toBe(
      '+OK\r\n$-1\r\n+OK\r\n-QUOTA no commands are left\r\n',
    );
    expect(room.run('b', 'GET', 'k')).toBe('$1\r\nv\r\n');
    expect(room.engine.table.named('get')!.rejectedCalls).toBe(1);
    room.leave('a');
    expect(room.engine.feature(Quotas).size).toBe(0);
  });

  it('counts what runs inside EXEC, too, and what it refuses breaks a transaction', () => {
    const room = new SeveralClients(quotaCommands);
    expect(room.lines('a', 'QUOTA 4', 'MULTI', 'GET k', 'GET k', 'EXEC', 'MULTI')).toBe(
      '+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$-1\r\n$-1\r\n-QUOTA no commands are left\r\n',
    );
    expect(room.lines('b', 'QUOTA 1', 'MULTI', 'GET k', 'EXEC')).toBe(
      '+OK\r\n+OK\r\n-QUOTA no commands are left\r\n' +
        '-EXECABORT Transaction discarded because of: QUOTA no commands are left\r\n',
    );
  });

  it('stands in one place: nothing in src names it', () => {
    const guide = readFileSync('docs/guides/feature.md', 'utf8');
    expect(guide).toContain('test/toys/quota.ts');
    const own = readFileSync('test/toys/quota.ts', 'utf8');
    expect(own).toContain('engine.register({');
  });
});
