/**
 * The sections of INFO: all fields of Redis 7.4, in its order, and a few of our own.
 *
 * What counts a feature that is not there yet counts 0, truly, and so does what counts work that never has to be done
 * here: nothing forks, rehashes or defragments, and replies have no buffer of each client's to grow or shrink.
 */

import type { Call } from '../../engine/call.js';
import { CommandTable, everyCommand } from '../../engine/command-table.js';
import { Engine } from '../../engine/engine.js';
import type { PersistenceFacts, ServerFacts } from '../../engine/server.js';
import { Pause } from '../../features/clients/pause.js';
import { Timing } from '../../features/observing/timing.js';
import { PubSub } from '../../features/pubsub/pub-sub.js';
import { Functions } from '../../features/scripting/functions.js';
import { Scripting } from '../../features/scripting/scripting.js';
import { Transactions } from '../../features/transactions/transactions.js';
import type { Database } from '../../keyspace/database.js';
import { REDIS_VERSION, REDSTART_VERSION } from '../../version.js';
import { memoryFigures } from './memory.js';

type Field = readonly [name: string, value: string | number];

/** What sections draw on, each asked for once per INFO and only if a section needs it. */
export class InfoSource {
  private facts: ServerFacts | undefined;
  private saving: PersistenceFacts | undefined;

  constructor(readonly call: Call) {}

  get server(): ServerFacts {
    this.facts ??= this.call.server.serverFacts();
    return this.facts;
  }

  get persistence(): PersistenceFacts {
    this.saving ??= this.call.server.persistence.facts();
    return this.saving;
  }
}

export interface InfoSection {
  readonly name: string;
  readonly title: string;
  /** Whether INFO shows it when no section is asked for. */
  readonly isDefault: boolean;
  readonly fields: (source: InfoSource) => Iterable<Field>;
}

export const infoSections: readonly InfoSection[] = [
  { name: 'server', title: 'Server', isDefault: true, fields: server },
  { name: 'clients', title: 'Clients', isDefault: true, fields: clients },
  { name: 'memory', title: 'Memory', isDefault: true, fields: memory },
  { name: 'persistence', title: 'Persistence', isDefault: true, fields: persistence },
  { name: 'stats', title: 'Stats', isDefault: true, fields: stats },
  { name: 'replication', title: 'Replication', isDefault: true, fields: replication },
  { name: 'cpu', title: 'CPU', isDefault: true, fields: cpu },
  { name: 'modules', title: 'Modules', isDefault: true, fields: () => [] },
  { name: 'commandstats', title: 'Commandstats', isDefault: false, fields: commandStats },
  { name: 'errorstats', title: 'Errorstats', isDefault: true, fields: errorStats },
  { name: 'latencystats', title: 'Latencystats', isDefault: false, fields: latencyStats },
  { name: 'cluster', title: 'Cluster', isDefault: true, fields: () => [['cluster_enabled', 0]] },
  { name: 'keyspace', title: 'Keyspace', isDefault: true, fields: keyspace },
];

function server({ call, server: facts }: InfoSource): Field[] {
  const { config } = call.server;
  const uptimeSeconds = Math.max(0, Math.floor((call.now - facts.startedAtMs) / 1000));
  return [
    // The level of compatibility, which clients and tools go by.
    ['redis_version', REDIS_VERSION],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', REDSTART_VERSION],
    ['redstart_version', REDSTART_VERSION],
    ['node_version', facts.nodeVersion],
    ['redis_mode', 'standalone'],
    ['os', facts.os],
    ['arch_bits', /64|s390x/.test(facts.arch) ? 64 : 32],
    ['monotonic_clock', 'performance.now'],
    ['multiplexing_api', 'libuv'],
    ['atomicvar_api', 'none'],
    ['gcc_version', '0.0.0'],
    ['process_id', facts.pid],
    ['process_supervised', 'no'],
    ['run_id', facts.runId],
    ['tcp_port', facts.port],
    ['server_time_usec', call.server.microseconds()],
    ['uptime_in_seconds', uptimeSeconds],
    ['uptime_in_days', Math.floor(uptimeSeconds / 86400)],
    ['hz', 10],
    ['configured_hz', config.text('hz')],
    ['lru_clock', call.keyspace.lruClock],
    ['executable', facts.executable],
    ['config_file', config.file ?? ''],
    ['io_threads_active', 0],
    ...facts.listeners.map((listener, index): Field => [`listener${index}`, listener]),
  ];
}

function clients({ call, server: facts }: InfoSource): Field[] {
  const { blocking } = call.feature(Engine);
  const { watches } = call.feature(Transactions);
  let connected = 0;
  let timed = 0;
  for (const { waiter } of call.server.clients.all()) {
    connected++;
    if (waiter !== null && waiter.timer !== null) timed++;
  }
  return [
    ['connected_clients', connected],
    ['cluster_connections', 0],
    ['maxclients', call.server.config.text('maxclients')],
    ['client_recent_max_input_buffer', facts.largestInputBuffer],
    ['client_recent_max_output_buffer', facts.largestOutputBuffer],
    ['blocked_clients', blocking.blockedClients + call.feature(Pause).heldClients],
    ['tracking_clients', 0],
    ['pubsub_clients', call.feature(PubSub).subscribedClients],
    ['watching_clients', watches.watchingClients],
    ['clients_in_timeout_table', timed],
    ['total_watched_keys', watches.watchedKeys],
    ['total_blocking_keys', blocking.blockingKeys],
    ['total_blocking_keys_on_nokey', 0],
  ];
}

/** The data set is what the data takes, of all that is used. */
function memory({ call, server: facts }: InfoSource): Field[] {
  const { process, usedBytes, pageBytes, heldBytes, overhead, used, beyondStart, peak } = memoryFigures(call, facts);
  const { config } = call.server;
  return [
    ...sized('used_memory', used),
    ...sized('used_memory_rss', process.residentBytes),
    ...sized('used_memory_peak', peak),
    ['used_memory_peak_perc', percent(used / peak)],
    ['used_memory_overhead', overhead],
    ['used_memory_startup', process.startupBytes],
    ['used_memory_dataset', usedBytes],
    ['used_memory_dataset_perc', percent(usedBytes / beyondStart)],
    ['allocator_allocated', usedBytes],
    ['allocator_active', pageBytes],
    ['allocator_resident', heldBytes],
    ['allocator_muzzy', 0],
    ...sized('total_system_memory', process.systemBytes),
    ...scriptMemory(call),
    ...sized('maxmemory', config.get('maxmemory')),
    ['maxmemory_policy', config.text('maxmemory-policy')],
    ['allocator_frag_ratio', ratio(pageBytes, usedBytes)],
    ['allocator_frag_bytes', pageBytes - usedBytes],
    ['allocator_rss_ratio', ratio(heldBytes, pageBytes)],
    ['allocator_rss_bytes', heldBytes - pageBytes],
    ['rss_overhead_ratio', ratio(process.residentBytes, heldBytes)],
    ['rss_overhead_bytes', process.residentBytes - heldBytes],
    ['mem_fragmentation_ratio', ratio(process.residentBytes, used)],
    ['mem_fragmentation_bytes', process.residentBytes - used],
    ['mem_not_counted_for_evict', used - call.keyspace.eviction.usedBytes],
    ['mem_replication_backlog', 0],
    ['mem_total_replication_buffers', 0],
    ['mem_clients_slaves', 0],
    ['mem_clients_normal', facts.connectionBytes],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', 0],
    ['mem_allocator', 'redstart'],
    ['mem_overhead_db_hashtable_rehashing', 0],
    ['active_defrag_running', call.keyspace.arena.isEvacuating ? 1 : 0],
    ['lazyfree_pending_objects', call.keyspace.reclaimer.pendingObjects],
    ['lazyfreed_objects', call.keyspace.reclaimer.freedObjects],
  ];
}

/** Scripts run on JavaScript's heap, where nothing tells their memory from others'. */
function scriptMemory(call: Call): Field[] {
  const { cache } = call.feature(Scripting);
  const functions = call.feature(Functions);
  return [
    ['used_memory_lua', 0],
    ['used_memory_vm_eval', 0],
    ['used_memory_lua_human', '0B'],
    ['used_memory_scripts_eval', cache.bytes],
    ['number_of_cached_scripts', cache.size],
    ['number_of_functions', functions.set.functions.size],
    ['number_of_libraries', functions.set.libraries.size],
    ['used_memory_vm_functions', 0],
    ...sized('used_memory_vm_total', 0),
    ['used_memory_functions', functions.bytes],
    ...sized('used_memory_scripts', cache.bytes + functions.bytes),
  ];
}

function persistence({ call, persistence: facts }: InfoSource): Field[] {
  return [
    ['loading', facts.isLoading ? 1 : 0],
    ['async_loading', 0],
    ['current_cow_peak', facts.copiedBytes],
    ['current_cow_size', facts.copiedBytes],
    ['current_cow_size_age', 0],
    [
      'current_fork_perc',
      (facts.currentSaveKeysTotal === 0 ? 0 : (facts.currentSaveKeysDone / facts.currentSaveKeysTotal) * 100).toFixed(
        2,
      ),
    ],
    ['current_save_keys_processed', facts.currentSaveKeysDone],
    ['current_save_keys_total', facts.currentSaveKeysTotal],
    ['rdb_changes_since_last_save', call.keyspace.dirty],
    ['rdb_bgsave_in_progress', facts.isSaving ? 1 : 0],
    ['rdb_last_save_time', facts.lastSaveAt],
    ['rdb_last_bgsave_status', facts.lastSaveFailed ? 'err' : 'ok'],
    ['rdb_last_bgsave_time_sec', facts.lastSaveSeconds],
    ['rdb_current_bgsave_time_sec', facts.currentSaveSeconds],
    ['rdb_saves', facts.saves],
    ['rdb_last_cow_size', facts.lastCopiedBytes],
    ['rdb_last_load_keys_expired', facts.lastLoadKeysExpired],
    ['rdb_last_load_keys_loaded', facts.lastLoadKeysLoaded],
    ['aof_enabled', 0],
    ['aof_rewrite_in_progress', 0],
    ['aof_rewrite_scheduled', 0],
    ['aof_last_rewrite_time_sec', -1],
    ['aof_current_rewrite_time_sec', -1],
    ['aof_last_bgrewrite_status', 'ok'],
    ['aof_rewrites', 0],
    ['aof_rewrites_consecutive_failures', 0],
    ['aof_last_write_status', 'ok'],
    ['aof_last_cow_size', 0],
    ['module_fork_in_progress', 0],
    ['module_fork_last_cow_size', 0],
    ...(facts.loading === null ? [] : loadingFields(facts.loading, call.now)),
  ];
}

type LoadingFacts = NonNullable<PersistenceFacts['loading']>;

function loadingFields({ startedAt, totalBytes, loadedBytes }: LoadingFacts, nowMs: number): Field[] {
  const elapsed = Math.max(nowMs / 1000 - startedAt, 0);
  const left = loadedBytes === 0 ? 1 : (elapsed * (totalBytes - loadedBytes)) / loadedBytes;
  return [
    ['loading_start_time', startedAt],
    ['loading_total_bytes', totalBytes],
    ['loading_loaded_bytes', loadedBytes],
    ['loading_loaded_perc', ((loadedBytes / Math.max(totalBytes, 1)) * 100).toFixed(2)],
    ['loading_eta_seconds', Math.ceil(left)],
  ];
}

function stats({ call, server: facts, persistence: saving }: InfoSource): Field[] {
  const { keyspace: keys } = call;
  const engine = call.feature(Engine);
  const timing = call.feature(Timing);
  const pubSub = call.feature(PubSub);
  return [
    ['total_connections_received', facts.connectionsReceived],
    ['total_commands_processed', engine.table.calls],
    ['instantaneous_ops_per_sec', facts.commandsPerSecond],
    ['total_net_input_bytes', facts.inputBytes],
    ['total_net_output_bytes', facts.outputBytes],
    ['total_net_repl_input_bytes', 0],
    ['total_net_repl_output_bytes', 0],
    ['instantaneous_input_kbps', facts.inputKilobytesPerSecond.toFixed(2)],
    ['instantaneous_output_kbps', facts.outputKilobytesPerSecond.toFixed(2)],
    ['instantaneous_input_repl_kbps', '0.00'],
    ['instantaneous_output_repl_kbps', '0.00'],
    ['rejected_connections', facts.connectionsRejected],
    ['sync_full', 0],
    ['sync_partial_ok', 0],
    ['sync_partial_err', 0],
    ['expired_subkeys', keys.expiredElements],
    ['expired_keys', keys.expiredKeys],
    ['expired_stale_perc', '0.00'],
    ['expired_time_cap_reached_count', 0],
    ['expire_cycle_cpu_milliseconds', Math.round(facts.expiryMilliseconds)],
    ['evicted_keys', keys.evictedKeys],
    ['evicted_clients', facts.clientsEvicted],
    ['evicted_scripts', call.feature(Scripting).cache.evicted],
    ['total_eviction_exceeded_time', keys.eviction.totalExceededMs],
    ['current_eviction_exceeded_time', keys.eviction.currentExceededMs],
    ['keyspace_hits', keys.hits],
    ['keyspace_misses', keys.misses],
    ['pubsub_channels', pubSub.count('channels')],
    ['pubsub_patterns', pubSub.count('patterns')],
    ['pubsubshard_channels', pubSub.count('shardChannels')],
    ['latest_fork_usec', 0],
    ['total_forks', saving.saves],
    ['migrate_cached_sockets', 0],
    ['slave_expires_tracked_keys', 0],
    ['active_defrag_hits', 0],
    ['active_defrag_misses', 0],
    ['active_defrag_key_hits', 0],
    ['active_defrag_key_misses', 0],
    ['total_active_defrag_time', 0],
    ['current_active_defrag_time', 0],
    ['tracking_total_keys', 0],
    ['tracking_total_items', 0],
    ['tracking_total_prefixes', 0],
    ['unexpected_error_replies', 0],
    ['internal_errors', facts.faults],
    ['total_error_replies', engine.errorReplies],
    ['dump_payload_sanitizations', 0],
    ['total_reads_processed', facts.reads],
    ['total_writes_processed', facts.writes],
    ['io_threaded_reads_processed', 0],
    ['io_threaded_writes_processed', 0],
    ['client_query_buffer_limit_disconnections', facts.queryBufferLimitDisconnections],
    ['client_output_buffer_limit_disconnections', facts.outputBufferLimitDisconnections],
    ['reply_buffer_shrinks', 0],
    ['reply_buffer_expands', 0],
    ['eventloop_cycles', timing.turns],
    ['eventloop_duration_sum', Math.round(timing.busyMicroseconds)],
    ['eventloop_duration_cmd_sum', Math.round(timing.busyMicroseconds)],
    ['instantaneous_eventloop_cycles_per_sec', facts.turnsPerSecond],
    ['instantaneous_eventloop_duration_usec', facts.turnMicroseconds],
    ['acl_access_denied_auth', engine.errorCounts.get('WRONGPASS') ?? 0],
    ['acl_access_denied_cmd', 0],
    ['acl_access_denied_key', 0],
    ['acl_access_denied_channel', 0],
  ];
}

function replication({ call, server: facts }: InfoSource): Field[] {
  return [
    ['role', 'master'],
    ['connected_slaves', 0],
    ['master_failover_state', 'no-failover'],
    ['master_replid', facts.replicationId],
    ['master_replid2', '0'.repeat(40)],
    ['master_repl_offset', 0],
    ['second_repl_offset', -1],
    ['repl_backlog_active', 0],
    ['repl_backlog_size', call.server.config.text('repl-backlog-size')],
    ['repl_backlog_first_byte_offset', 0],
    ['repl_backlog_histlen', 0],
  ];
}

function cpu({ server: facts }: InfoSource): Field[] {
  return [
    ['used_cpu_sys', (facts.cpuSystemMicroseconds / 1e6).toFixed(6)],
    ['used_cpu_user', (facts.cpuUserMicroseconds / 1e6).toFixed(6)],
    ['used_cpu_sys_children', '0.000000'],
    ['used_cpu_user_children', '0.000000'],
    ['used_cpu_sys_main_thread', (facts.cpuThreadSystemMicroseconds / 1e6).toFixed(6)],
    ['used_cpu_user_main_thread', (facts.cpuThreadUserMicroseconds / 1e6).toFixed(6)],
  ];
}

function commandStats({ call }: InfoSource): Field[] {
  return [...everyCommand(call.feature(CommandTable))]
    .filter(({ calls, rejectedCalls, failedCalls }) => calls + rejectedCalls + failedCalls > 0)
    .map((command) => {
      const { fullName, calls, rejectedCalls, failedCalls } = command;
      const microseconds = command.microseconds * command.callsPerTimed;
      const each = calls === 0 ? 0 : microseconds / calls;
      return [
        `cmdstat_${fullName}`,
        `calls=${calls},usec=${Math.round(microseconds)},usec_per_call=${each.toFixed(2)},` +
          `rejected_calls=${rejectedCalls},failed_calls=${failedCalls}`,
      ];
    });
}

function latencyStats({ call }: InfoSource): Field[] {
  const percentiles = call.server.config.get('latency-tracking-info-percentiles');
  const fields: Field[] = [];
  for (const { fullName, histogram } of everyCommand(call.feature(CommandTable))) {
    if (histogram === null || histogram.total === 0) continue;
    const values = percentiles.map((percent) => `p${percent}=${(histogram.percentile(percent) / 1000).toFixed(3)}`);
    fields.push([`latency_percentiles_usec_${fullName}`, values.join(',')]);
  }
  return fields;
}

function errorStats({ call }: InfoSource): Field[] {
  return [...call.feature(Engine).errorCounts].sort().map(([code, count]) => [`errorstat_${code}`, `count=${count}`]);
}

function keyspace({ call }: InfoSource): Field[] {
  return call.keyspace.databases
    .filter((db) => db.size > 0)
    .map((db) => [
      `db${db.index}`,
      `keys=${db.size},expires=${db.expiring},avg_ttl=${averageTtl(db, call.now)},subexpiry=0`,
    ]);
}

const TTL_SAMPLES = 64;

/** In ms, of some of the keys that expire. */
function averageTtl(db: Database, now: number): number {
  const { heap } = db;
  const samples = Math.min(heap.size, TTL_SAMPLES);
  let sum = 0;
  for (let i = 0; i < samples; i++) {
    sum += Math.max(0, db.deadlineOf(heap.entryAt(Math.floor((i * heap.size) / samples))) - now);
  }
  return samples === 0 ? 0 : Math.round(sum / samples);
}

function sized(name: string, bytes: number): Field[] {
  return [
    [name, bytes],
    [`${name}_human`, humanBytes(bytes)],
  ];
}

function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let value = bytes / 1024;
  for (const unit of 'KMGT') {
    if (value < 1024) return `${value.toFixed(2)}${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(2)}P`;
}

function ratio(part: number, whole: number): string {
  return (whole === 0 ? 0 : part / whole).toFixed(2);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
