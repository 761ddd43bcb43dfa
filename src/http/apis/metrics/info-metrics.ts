/**
 * Which fields of INFO are metrics, by the names that redis_exporter gives them, so that dashboards made for it work
 * here as they are.
 */

/** How a field becomes a number; by default it is one. */
type Reading = 'number' | 'microseconds' | 'ok';

export interface FieldMetric {
  /** Without `redis_`. */
  readonly name: string;
  readonly help: string;
  readonly reading?: Reading;
}

const gauge = (name: string, help: string, reading?: Reading): FieldMetric =>
  reading === undefined ? { name, help } : { name, help, reading };

export const GAUGES: Readonly<Record<string, FieldMetric>> = {
  uptime_in_seconds: gauge('uptime_in_seconds', 'Seconds since the start'),
  process_id: gauge('process_id', "The process's id"),
  io_threads_active: gauge('io_threads_active', 'Whether threads read and write'),

  connected_clients: gauge('connected_clients', 'Clients with a connection'),
  blocked_clients: gauge('blocked_clients', 'Clients that wait for a key'),
  maxclients: gauge('max_clients', 'Clients that may be connected'),
  tracking_clients: gauge('tracking_clients', 'Clients that are told what becomes of keys they read'),
  clients_in_timeout_table: gauge('clients_in_timeout_table', 'Clients that wait with a time-out'),
  pubsub_clients: gauge('pubsub_clients', 'Clients with subscriptions'),
  watching_clients: gauge('watching_clients', 'Clients that watch keys'),
  total_watched_keys: gauge('total_watched_keys', 'Keys that are watched'),
  total_blocking_keys: gauge('total_blocking_keys', 'Keys that clients wait for'),
  total_blocking_keys_on_nokey: gauge('total_blocking_keys_on_nokey', 'Keys whose end clients wait for'),
  client_recent_max_input_buffer: gauge('client_recent_max_input_buffer_bytes', 'Largest input of a client lately'),
  client_recent_max_output_buffer: gauge('client_recent_max_output_buffer_bytes', 'Largest output of a client lately'),

  used_memory: gauge('memory_used_bytes', 'Memory of the data'),
  used_memory_rss: gauge('memory_used_rss_bytes', "The process's memory as the system counts it"),
  used_memory_peak: gauge('memory_used_peak_bytes', 'The most that the memory was'),
  used_memory_lua: gauge('memory_used_lua_bytes', 'Memory of scripts'),
  used_memory_vm_eval: gauge('memory_used_vm_eval_bytes', 'Memory of the machine that runs EVAL'),
  used_memory_vm_functions: gauge('memory_used_vm_functions_bytes', 'Memory of the machine that runs functions'),
  used_memory_scripts: gauge('memory_used_scripts_bytes', "Memory of scripts' texts"),
  used_memory_functions: gauge('memory_used_functions_bytes', "Memory of functions' texts"),
  used_memory_overhead: gauge('memory_used_overhead_bytes', 'Memory beside the data'),
  used_memory_startup: gauge('memory_used_startup_bytes', 'Memory at the start'),
  used_memory_dataset: gauge('memory_used_dataset_bytes', 'Memory without the overhead'),
  number_of_cached_scripts: gauge('number_of_cached_scripts', 'Scripts that are kept'),
  number_of_functions: gauge('number_of_functions', 'Functions'),
  number_of_libraries: gauge('number_of_libraries', 'Libraries of functions'),
  maxmemory: gauge('memory_max_bytes', 'The most that the data may take; 0 is no limit'),
  mem_fragmentation_ratio: gauge('mem_fragmentation_ratio', 'Memory of the process to memory of the data'),
  mem_fragmentation_bytes: gauge('mem_fragmentation_bytes', 'Memory of the process beyond that of the data'),
  mem_clients_normal: gauge('mem_clients_normal', 'Memory of clients'),
  mem_clients_slaves: gauge('mem_clients_slaves', 'Memory of replicas'),
  mem_not_counted_for_evict: gauge('mem_not_counted_for_eviction_bytes', 'Memory that eviction does not count'),
  lazyfree_pending_objects: gauge('lazyfree_pending_objects', 'Values that are still being freed'),
  active_defrag_running: gauge('active_defrag_running', 'Whether memory is being compacted'),

  loading: gauge('loading_dump_file', 'Whether data is being loaded'),
  rdb_changes_since_last_save: gauge('rdb_changes_since_last_save', 'Changes since the last save'),
  rdb_bgsave_in_progress: gauge('rdb_bgsave_in_progress', 'Whether a save runs'),
  rdb_last_save_time: gauge('rdb_last_save_timestamp_seconds', 'When the last save ended'),
  rdb_last_bgsave_status: gauge('rdb_last_bgsave_status', 'Whether the last save succeeded', 'ok'),
  rdb_last_bgsave_time_sec: gauge('rdb_last_bgsave_duration_sec', 'How long the last save took'),
  rdb_current_bgsave_time_sec: gauge('rdb_current_bgsave_duration_sec', 'For how long this save has run'),
  rdb_saves: gauge('rdb_saves_total', 'Saves'),
  rdb_last_cow_size: gauge('rdb_last_cow_size_bytes', 'What the last save made commands copy'),
  rdb_last_load_keys_expired: gauge('rdb_last_load_expired_keys', 'Keys that had expired when the data was loaded'),
  rdb_last_load_keys_loaded: gauge('rdb_last_load_loaded_keys', 'Keys that were loaded'),
  aof_enabled: gauge('aof_enabled', 'Whether commands are logged'),
  aof_rewrite_in_progress: gauge('aof_rewrite_in_progress', 'Whether the log is being rewritten'),
  aof_rewrite_scheduled: gauge('aof_rewrite_scheduled', 'Whether the log is to be rewritten'),
  aof_last_rewrite_time_sec: gauge('aof_last_rewrite_duration_sec', 'How long the last rewrite took'),
  aof_current_rewrite_time_sec: gauge('aof_current_rewrite_duration_sec', 'For how long this rewrite has run'),
  aof_last_bgrewrite_status: gauge('aof_last_bgrewrite_status', 'Whether the last rewrite succeeded', 'ok'),
  aof_last_write_status: gauge('aof_last_write_status', 'Whether the last write succeeded', 'ok'),
  aof_last_cow_size: gauge('aof_last_cow_size_bytes', 'What the last rewrite made commands copy'),

  instantaneous_ops_per_sec: gauge('instantaneous_ops_per_sec', 'Commands a second, lately'),
  instantaneous_input_kbps: gauge('instantaneous_input_kbps', 'KiB read a second, lately'),
  instantaneous_output_kbps: gauge('instantaneous_output_kbps', 'KiB written a second, lately'),
  pubsub_channels: gauge('pubsub_channels', 'Channels with subscribers'),
  pubsub_patterns: gauge('pubsub_patterns', 'Patterns with subscribers'),
  pubsubshard_channels: gauge('pubsubshard_channels', 'Shard channels with subscribers'),
  latest_fork_usec: gauge('latest_fork_seconds', 'How long the last snapshot took', 'microseconds'),
  migrate_cached_sockets: gauge('migrate_cached_sockets_total', 'Connections kept for MIGRATE'),
  slave_expires_tracked_keys: gauge('slave_expires_tracked_keys', 'Keys whose expiry a replica keeps'),
  expired_stale_perc: gauge('expired_stale_percentage', 'Keys that may have expired and are still there'),
  tracking_total_keys: gauge('tracking_total_keys', 'Keys whose readers are told'),
  tracking_total_items: gauge('tracking_total_items', 'Items of those'),
  tracking_total_prefixes: gauge('tracking_total_prefixes', 'Prefixes of those'),

  connected_slaves: gauge('connected_slaves', 'Replicas'),
  master_repl_offset: gauge('master_repl_offset', 'Offset of the history of changes'),
  second_repl_offset: gauge('second_repl_offset', 'Offset up to which the second id holds'),
  repl_backlog_active: gauge('repl_backlog_is_active', 'Whether a backlog is kept'),
  repl_backlog_size: gauge('replication_backlog_bytes', 'Size of the backlog'),
  repl_backlog_first_byte_offset: gauge('repl_backlog_first_byte_offset', 'Where the backlog begins'),
  repl_backlog_histlen: gauge('repl_backlog_history_bytes', 'How much the backlog holds'),
  cluster_enabled: gauge('cluster_enabled', 'Whether this is a node of a cluster'),
};

export const COUNTERS: Readonly<Record<string, FieldMetric>> = {
  total_connections_received: gauge('connections_received_total', 'Connections that were accepted'),
  total_commands_processed: gauge('commands_processed_total', 'Commands'),
  total_net_input_bytes: gauge('net_input_bytes_total', 'Bytes that were read'),
  total_net_output_bytes: gauge('net_output_bytes_total', 'Bytes that were written'),
  rejected_connections: gauge('rejected_connections_total', 'Connections that were refused'),
  sync_full: gauge('replica_resyncs_full', 'Full synchronisations'),
  sync_partial_ok: gauge('replica_partial_resync_accepted', 'Partial synchronisations'),
  sync_partial_err: gauge('replica_partial_resync_denied', 'Partial synchronisations that were refused'),
  expired_keys: gauge('expired_keys_total', 'Keys that expired'),
  expired_time_cap_reached_count: gauge('expired_time_cap_reached_total', 'Expiry that had to stop before it was done'),
  expire_cycle_cpu_milliseconds: gauge('expire_cycle_cpu_time_ms_total', 'Time that expiry took'),
  evicted_keys: gauge('evicted_keys_total', 'Keys that were evicted'),
  evicted_clients: gauge('evicted_clients_total', 'Clients that were evicted'),
  evicted_scripts: gauge('evicted_scripts_total', 'Scripts that were evicted'),
  total_eviction_exceeded_time: gauge('total_eviction_exceeded_time_ms', 'Time above maxmemory'),
  keyspace_hits: gauge('keyspace_hits_total', 'Keys that were asked for and there'),
  keyspace_misses: gauge('keyspace_misses_total', 'Keys that were asked for and not there'),
  active_defrag_hits: gauge('defrag_hits', 'Blocks that were moved'),
  active_defrag_misses: gauge('defrag_misses', 'Blocks that were not'),
  active_defrag_key_hits: gauge('defrag_key_hits', 'Keys of which something was moved'),
  active_defrag_key_misses: gauge('defrag_key_misses', 'Keys of which nothing was'),
  total_error_replies: gauge('total_error_replies', 'Replies that were errors'),
  unexpected_error_replies: gauge('unexpected_error_replies', 'Errors that should not be'),
  dump_payload_sanitizations: gauge('dump_payload_sanitizations', 'Payloads that were checked'),
  total_reads_processed: gauge('total_reads_processed', 'Reads from the network'),
  total_writes_processed: gauge('total_writes_processed', 'Writes to the network'),
  acl_access_denied_auth: gauge('acl_access_denied_auth_total', 'Refusals for a wrong password'),
  acl_access_denied_cmd: gauge('acl_access_denied_cmd_total', 'Refusals of commands'),
  acl_access_denied_key: gauge('acl_access_denied_key_total', 'Refusals of keys'),
  acl_access_denied_channel: gauge('acl_access_denied_channel_total', 'Refusals of channels'),
  used_cpu_sys: gauge('cpu_sys_seconds_total', 'Time in the system'),
  used_cpu_user: gauge('cpu_user_seconds_total', 'Time in the process'),
  used_cpu_sys_children: gauge('cpu_sys_children_seconds_total', 'Time of children in the system'),
  used_cpu_user_children: gauge('cpu_user_children_seconds_total', 'Time of children'),
  used_cpu_sys_main_thread: gauge('cpu_sys_main_thread_seconds_total', 'Time of the main thread in the system'),
  used_cpu_user_main_thread: gauge('cpu_user_main_thread_seconds_total', 'Time of the main thread'),
  eventloop_cycles: gauge('eventloop_cycles_total', 'Turns of the event loop'),
  eventloop_duration_sum: gauge('eventloop_duration_sum_usec_total', 'Time that they took'),
  eventloop_duration_cmd_sum: gauge('eventloop_duration_cmd_sum_usec_total', 'Time that commands took in them'),
};

export function readField(text: string, reading: Reading = 'number'): number | undefined {
  if (reading === 'ok') return text === 'ok' ? 1 : 0;
  const value = Number.parseFloat(text);
  if (Number.isNaN(value)) return undefined;
  return reading === 'microseconds' ? value / 1_000_000 : value;
}
