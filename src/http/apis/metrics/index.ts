/** What Prometheus scrapes: the names of redis_exporter, and under `redstart_` what only this server has. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';
import { readReply } from '../../../protocol/reply-reader.js';
import { REDSTART_VERSION } from '../../../version.js';
import { problemReply } from '../../message.js';
import type { Api, ApiContext } from '../../route.js';
import { COUNTERS, type FieldMetric, GAUGES, readField } from './info-metrics.js';

/** Often enough that a stall of some milliseconds shows. */
const DELAY_RESOLUTION_MS = 10;
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

export function metrics(context: ApiContext): Api {
  let exporter: Exporter | undefined;
  return {
    name: 'metrics',
    title: 'Metrics',
    description: "The server's state in the form that Prometheus scrapes, by the names of redis_exporter.",
    mount: '/metrics',
    routes: [
      {
        method: 'GET',
        path: '/',
        summary: 'All metrics',
        replies: { 200: { description: 'The metrics.', type: Registry.PROMETHEUS_CONTENT_TYPE } },
        handle: async () => {
          exporter ??= new Exporter(context);
          return { status: 200, type: Registry.PROMETHEUS_CONTENT_TYPE, body: await exporter.scrape() };
        },
      },
    ],
    refuse: problemReply,
    close: () => exporter?.close(),
  };
}

class Exporter {
  private readonly registry = new Registry();
  private readonly delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  private readonly metrics = new Map<string, Gauge | Counter>();

  constructor(private readonly context: ApiContext) {
    this.delays.enable();
  }

  close(): void {
    this.delays.disable();
  }

  scrape(): Promise<string> {
    const sections = this.info();
    this.set('up', 'Whether the server answers', 1);
    this.setFields(sections);
    this.setNamed(sections);
    this.setServer(sections);
    this.setOwn();
    return this.registry.metrics();
  }

  /** Fields by section, as INFO tells them. */
  private info(): ReadonlyMap<string, ReadonlyMap<string, string>> {
    const text = String(this.ask('INFO', 'everything'));
    const sections = new Map<string, Map<string, string>>();
    let fields = new Map<string, string>();
    for (const line of text.split('\r\n')) {
      if (line.startsWith('# ')) sections.set(line.slice(2), (fields = new Map()));
      const colon = line.indexOf(':');
      if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
    }
    return sections;
  }

  private ask(...command: string[]): unknown {
    return readReply(this.context.gateway.run(command, { database: 0, protocol: 3 }), { buffers: false });
  }

  private setFields(sections: ReadonlyMap<string, ReadonlyMap<string, string>>): void {
    for (const fields of sections.values()) {
      for (const [field, text] of fields) {
        this.setField(GAUGES[field], text, Gauge);
        this.setField(COUNTERS[field], text, Counter);
      }
    }
  }

  private setField(metric: FieldMetric | undefined, text: string, Kind: typeof Gauge | typeof Counter): void {
    const value = metric === undefined ? undefined : readField(text, metric.reading);
    if (metric !== undefined && value !== undefined) this.set(metric.name, metric.help, value, {}, Kind);
  }

  /** Fields whose names are those of commands, errors and databases. */
  private setNamed(sections: ReadonlyMap<string, ReadonlyMap<string, string>>): void {
    for (const [name, text] of sections.get('Commandstats') ?? []) {
      const cmd = name.replace(/^cmdstat_/, '');
      const { calls, usec, rejected_calls, failed_calls } = numbersOf(text);
      this.set('commands_total', 'Calls of a command', calls, { cmd }, Counter);
      const seconds = usec / MICROSECONDS;
      this.set('commands_duration_seconds_total', 'Time in a command', seconds, { cmd }, Counter);
      this.set(
        'commands_rejected_calls_total',
        'Calls before which a command failed',
        rejected_calls,
        { cmd },
        Counter,
      );
      this.set('commands_failed_calls_total', 'Calls in which a command failed', failed_calls, { cmd }, Counter);
    }
    for (const [name, text] of sections.get('Latencystats') ?? []) {
      const cmd = name.replace(/^latency_percentiles_usec_/, '');
      for (const [percentile, usec] of Object.entries(numbersOf(text))) {
        const quantile = String(Number(percentile.replace(/^p/, '')) / 100);
        this.set('latency_percentiles_usec', 'Time of a command', usec, { cmd, quantile });
      }
    }
    for (const [name, text] of sections.get('Errorstats') ?? []) {
      const err = name.replace(/^errorstat_/, '');
      this.set('errors_total', 'Error replies by their code', numbersOf(text).count, { err }, Counter);
    }
    const databases = Number(this.context.config.get('databases'));
    for (let index = 0; index < databases; index++) {
      const db = `db${index}`;
      const { keys = 0, expires = 0, avg_ttl = 0 } = numbersOf(sections.get('Keyspace')?.get(db) ?? '');
      this.set('db_keys', 'Keys of a database', keys, { db });
      this.set('db_keys_expiring', 'Keys of a database that expire', expires, { db });
      this.set('db_avg_ttl_seconds', 'Mean time that they have left', avg_ttl / 1000, { db });
    }
  }

  private setServer(sections: ReadonlyMap<string, ReadonlyMap<string, string>>): void {
    const server = sections.get('Server') ?? new Map<string, string>();
    const { config } = this.context;
    const labels: Record<string, string> = { redis_build_id: server.get('redis_build_id') ?? '' };
    for (const field of ['redis_version', 'redis_mode', 'os', 'run_id', 'tcp_port', 'process_id']) {
      labels[field] = server.get(field) ?? '';
    }
    labels.role = sections.get('Replication')?.get('role') ?? '';
    labels.maxmemory_policy = sections.get('Memory')?.get('maxmemory_policy') ?? '';
    this.set('instance_info', 'What the server is', 1, labels);
    const startedAt = Number(server.get('server_time_usec')) / MICROSECONDS - Number(server.get('uptime_in_seconds'));
    this.set('start_time_seconds', 'When the server started', Math.floor(startedAt));
    this.set('config_maxmemory', 'The directive', Number(config.get('maxmemory')));
    this.set('config_maxclients', 'The directive', config.get('maxclients'));
    const slow = this.ask('SLOWLOG', 'GET', '1') as unknown[][];
    this.set('slowlog_length', 'Commands in the slow log', Number(this.ask('SLOWLOG', 'LEN')));
    this.set('slowlog_last_id', "The slow log's last entry", Number(slow[0]?.[0] ?? 0));
    const seconds = Number(slow[0]?.[2] ?? 0) / MICROSECONDS;
    this.set('last_slow_execution_duration_seconds', 'How long the last slow command took', seconds);
  }

  private setOwn(): void {
    const { gateway, connections } = this.context;
    const { arena } = gateway.engine.keyspace;
    const { delays } = this;
    this.setOurs('build_info', 'Its value is 1', 1, { version: REDSTART_VERSION, node: process.version });
    this.setOurs('arena_pages', 'Pages of 64 KiB that hold data', arena.usedPages);
    this.setOurs('arena_bytes', 'Bytes of live blocks', arena.usedBytes);
    this.setOurs('arena_has_snapshots', 'Whether a snapshot is open', arena.hasSnapshots ? 1 : 0);
    this.setOurs('http_connections', 'Connections of HTTP', connections());
    this.setOurs('http_waiting_requests', 'Requests of HTTP that wait for a key', gateway.waiting);
    const { heapUsed, heapTotal, external } = process.memoryUsage();
    this.setOurs('heap_used_bytes', "JavaScript's heap in use", heapUsed);
    this.setOurs('heap_total_bytes', "JavaScript's heap", heapTotal);
    this.setOurs('external_bytes', "Memory of buffers outside of JavaScript's heap", external);
    for (const percentile of [50, 99, 100]) {
      const seconds = delays.count === 0 ? 0 : delays.percentile(percentile) / NANOSECONDS;
      const quantile = String(percentile / 100);
      this.setOurs('loop_delay_seconds', 'By how much turns of the event loop were late', seconds, { quantile });
    }
    delays.reset();
  }

  private setOurs(name: string, help: string, value: number, labels?: Record<string, string>): void {
    this.set(name, help, value, labels, Gauge, 'redstart_');
  }

  private set(
    name: string,
    help: string,
    value: number,
    labels: Record<string, string> = {},
    Kind: typeof Gauge | typeof Counter = Gauge,
    prefix = 'redis_',
  ): void {
    let metric = this.metrics.get(prefix + name);
    if (metric === undefined) {
      metric = new Kind({ name: prefix + name, help, labelNames: Object.keys(labels), registers: [this.registry] });
      this.metrics.set(prefix + name, metric);
    }
    if (metric instanceof Gauge) metric.set(labels, value);
    else {
      // What is counted elsewhere, and begins anew with CONFIG RESETSTAT.
      metric.remove(labels);
      metric.inc(labels, value);
    }
  }
}

/** `calls=1,usec=2` */
function numbersOf(text: string): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const pair of text.split(',')) {
    const equals = pair.indexOf('=');
    if (equals > 0) numbers[pair.slice(0, equals)] = Number(pair.slice(equals + 1)) || 0;
  }
  return numbers;
}
