/** /health, /ready, /metrics, /openapi.json and /docs, the last in a real browser. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';
import { describeWithPrograms, findProgram } from '../support/programs.js';

let server: RedisServer;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0, http: { port: 0 } });
});

afterAll(() => server.stop());

const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${server.httpUrl}${path}`, init);

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly in: string; readonly name: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

const openApi = async (): Promise<OpenApi> => (await (await get('/openapi.json')).json()) as OpenApi;

test('/health and /ready tell that the server is there', async () => {
  expect(await (await get('/health')).json()).toEqual({ status: 'ok' });
  expect(await (await get('/ready')).json()).toEqual({ status: 'ready' });
});

test('/redoc is the page of /docs', async () => {
  expect(await (await get('/redoc')).text()).toBe(await (await get('/docs')).text());
});

describe('/metrics', () => {
  const scrape = async (): Promise<ReadonlyMap<string, number>> => {
    const reply = await get('/metrics');
    expect(reply.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = (await reply.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
  };

  test('has the names that dashboards for redis_exporter ask for', async () => {
    await server.execute('SET', 'with-expiry', 'v', 'PX', 100_000);
    await server.execute('SET', 'without', 'v');
    await server.execute('LPUSH', 'without', 'x').catch(() => {});
    const metrics = await scrape();
    for (const name of [
      'redis_up',
      'redis_uptime_in_seconds',
      'redis_connected_clients',
      'redis_blocked_clients',
      'redis_memory_used_bytes',
      'redis_memory_max_bytes',
      'redis_commands_processed_total',
      'redis_keyspace_hits_total',
      'redis_keyspace_misses_total',
      'redis_net_input_bytes_total',
      'redis_net_output_bytes_total',
      'redis_expired_keys_total',
      'redis_evicted_keys_total',
      'redis_connected_slaves',
      'redis_rdb_changes_since_last_save',
      'redis_slowlog_length',
      'redis_start_time_seconds',
      'redstart_loop_delay_seconds{quantile="0.99"}',
    ]) {
      expect([name, metrics.get(name)]).toEqual([name, expect.any(Number)]);
    }
    expect(metrics.get('redis_db_keys{db="db0"}')).toBe(2);
    expect(metrics.get('redis_db_keys_expiring{db="db0"}')).toBe(1);
    expect(metrics.get('redis_commands_total{cmd="set"}')).toBe(2);
    expect(metrics.get('redis_commands_failed_calls_total{cmd="lpush"}')).toBe(1);
    expect(metrics.get('redis_errors_total{err="WRONGTYPE"}')).toBe(1);
  });

  test('counts on from scrape to scrape, and begins anew with CONFIG RESETSTAT', async () => {
    const count = async (): Promise<number> => (await scrape()).get('redis_commands_total{cmd="set"}') ?? 0;
    const before = await count();
    await server.execute('SET', 'k', 'v');
    expect(await count()).toBe(before + 1);
    await server.execute('CONFIG', 'RESETSTAT');
    await server.execute('SET', 'k', 'v');
    expect(await count()).toBe(1);
  });
});

describe('/openapi.json', () => {
  test('describes every path with what OpenAPI 3.1 wants to know', async () => {
    const document = await openApi();
    expect(document.openapi).toBe('3.1.0');
    const ids = new Set<string>();
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const { operationId, summary, parameters, responses } of Object.values(methods)) {
        expect(summary, path).not.toBe('');
        expect(Object.keys(responses), path).not.toEqual([]);
        expect(ids.has(operationId), operationId).toBe(false);
        ids.add(operationId);
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        const inPath = parameters.filter((each) => each.in === 'path');
        expect(inPath.map(({ name }) => name)).toEqual(named);
      }
    }
    expect(document.paths['/health'].get.summary).toBe('Whether the server is alive');
  });

  test('has the schemas of the cache by their names, and refers to no others', async () => {
    const document = await openApi();
    const names = Object.keys(document.components.schemas).sort();
    const commands = ['DEL', 'GET', 'HGET', 'HSET', 'HSETList', 'KEYS', 'LGET', 'LSET', 'RLPUSH', 'SAVE', 'SET', 'TTL'];
    expect(names).toEqual(['Auth', ...commands, 'HTTPValidationError', 'Register', 'ValidationError'].sort());
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
    expect([...new Set([...references].map(([, name]) => name))].sort()).toEqual(names);
  });
});

describeWithPrograms(['chromium'], '/docs', () => {
  test('shows all operations in a browser, and makes a call from it', { timeout: 60_000 }, async () => {
    const profile = mkdtempSync(join(tmpdir(), 'redstart-browser-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: String(findProgram('chromium')),
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    });
    try {
      const page = context.pages()[0] ?? (await context.newPage());
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(`${server.httpUrl}/docs`);
      await page.waitForSelector('body[data-ready=true]');
      const { paths } = await openApi();
      expect(await page.locator('details').count()).toBe(
        Object.values(paths).flatMap((each) => Object.keys(each)).length,
      );
      const operation = page.locator('details[id="get/health"]');
      await operation.locator('summary').click();
      await operation.locator('button').click();
      await operation.locator('.output', { hasText: '200 OK' }).waitFor();
      expect(await operation.locator('.output').textContent()).toBe('200 OK\n{"status":"ok"}');
      expect(errors.filter((error) => !error.includes('favicon'))).toEqual([]);
    } finally {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    }
  });
});
