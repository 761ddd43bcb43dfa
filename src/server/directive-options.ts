/**
 * Every directive of redis.conf that works in a library or is taken without effect, as an option. Generated from the
 * table of directives by `npm run gen`; do not edit.
 */

type Integer = number | bigint | `${number}`;
/** Bytes, or a size with a unit: `'64mb'`. */
type Size = number | bigint | string;
type YesNo = boolean | 'yes' | 'no';

/** Directives by their names in camel case: `maxmemoryPolicy` for `maxmemory-policy`. */
export interface CamelCaseDirectives {
  /**
   * Addresses to listen on, IPv4 and IPv6; `*` and `::*` stand for all. A leading `-` allows an address to be missing
   * on this machine.
   */
  bind?: string | readonly (string | number)[] | undefined;
  /**
   * TCP port. With 0 there is no TCP if a `unixsocket` is set; without one, the system picks a free port, which the log
   * tells. Default: `6379`.
   */
  port?: Integer | undefined;
  /** Refuses clients from other machines as long as no password is set. Default: `yes`. */
  protectedMode?: YesNo | undefined;
  /**
   * How many connections the system keeps waiting to be accepted; it may cut this down to its own limit. Default:
   * `511`.
   */
  tcpBacklog?: Integer | undefined;
  /**
   * Seconds of silence after which the system probes whether the peer is still there; 0 never probes. Default: `300`.
   */
  tcpKeepalive?: Integer | undefined;
  /**
   * Closes clients that have sent nothing for this many seconds; 0 never does. Blocked and subscribed clients stay.
   * Default: `0`.
   */
  timeout?: Integer | undefined;
  /** Path of a Unix socket to listen on, beside TCP. */
  unixsocket?: string | undefined;
  /** Permissions of the Unix socket in octal, such as 700; 0 leaves them as the system makes them. Default: `0`. */
  unixsocketperm?: number | string | undefined;
  /** Longest argument that a request may hold, and longest string that a command may build. Default: `512mb`. */
  protoMaxBulkLen?: Size | undefined;
  /** Local address for connections that the server opens itself. No effect: there is no replication yet. */
  bindSourceAddr?: string | undefined;
  /** Mark put on every socket for packet filters and routing. No effect: a matter of native servers. Default: `0`. */
  socketMarkId?: Integer | undefined;
  /**
   * How many connections are accepted in one round of the event loop. No effect: Node accepts connections. Default:
   * `10`.
   */
  maxNewConnectionsPerCycle?: Integer | undefined;
  /** The same for TLS, where each handshake costs more. No effect: there is no TLS yet. Default: `1`. */
  maxNewTlsConnectionsPerCycle?: Integer | undefined;
  /** TCP port of the HTTP APIs; with 0 there is no HTTP, and nothing of it is loaded. Default: `0`. */
  httpPort?: Integer | undefined;
  /** Addresses that HTTP is served on, as in `bind`. Default: `127.0.0.1`. */
  httpBind?: string | readonly (string | number)[] | undefined;
  /**
   * An API and the path where it is served instead of its own: `http-mount webdis /`. Path `off` does not serve it.
   * There may be several lines.
   */
  httpMount?: string | readonly (string | number)[] | undefined;
  /** Longest body of a request; a longer one is answered with 413. Default: `128mb`. */
  httpMaxRequestSize?: Size | undefined;
  /** Seconds that a request may take to arrive, and a reply to be taken; 0 waits for ever. Default: `30`. */
  httpRequestTimeout?: Integer | undefined;
  /**
   * Requests that may wait at a time, for an element of a queue say; those beyond are answered with 503. Default:
   * `20000`.
   */
  httpMaxWaiting?: Integer | undefined;
  /**
   * JSON file of tokens, with the scopes, the prefix of keys and the database of each. With one, or with `requirepass`,
   * every request has to bring a token or the password.
   */
  httpTokensFile?: string | undefined;
  /**
   * JSON file of webdis's own (webdis.json), for the API of that name: its `acl`, `database`, `websockets`,
   * `default_root` and `http_max_request_size` count.
   */
  httpWebdisConfig?: string | undefined;
  /** Names that requests may have as their `Host`, beside addresses and this machine; `*` stands for all. */
  httpAllowHost?: string | readonly (string | number)[] | undefined;
  /** Origins whose pages may ask, beside this machine's, such as `https://app.example.com`; `*` stands for all. */
  httpAllowOrigin?: string | readonly (string | number)[] | undefined;
  /** Seconds that a pop of the key-value API waits at most, whatever it asks for; 0 sets no limit. Default: `60`. */
  httpKvMaxWait?: Integer | undefined;
  /**
   * Gives each login of the cache API keys of its own; otherwise all logins share all keys of database 0. Default:
   * `no`.
   */
  httpCacheIsolation?: YesNo | undefined;
  /** Errors of the cache API have statuses of their own, such as 401 and 409, instead of 200. Default: `no`. */
  httpCacheStrictStatus?: YesNo | undefined;
  /** Seconds that a token of the cache API is good for; 0: until the server ends. Default: `0`. */
  httpCacheTokenTtl?: Integer | undefined;
  /** Number of databases that SELECT can choose from. Default: `16`. */
  databases?: Integer | undefined;
  /**
   * Directory of the files that the server writes, and from which relative paths count. A relative one counts from the
   * one before, at first from where the program was started.
   */
  dir?: string | undefined;
  /** How much is logged, from `debug` (most) to `warning` (only what matters) and `nothing`. Default: `notice`. */
  loglevel?: 'debug' | 'verbose' | 'notice' | 'warning' | 'nothing' | undefined;
  /**
   * What SIGINT does: `default` saves if there are save points; `save`, `nosave`, `now` and `force` are as for
   * SHUTDOWN. Default: `default`.
   */
  shutdownOnSigint?:
    | 'default'
    | 'save'
    | 'nosave'
    | 'now'
    | 'force'
    | readonly ('default' | 'save' | 'nosave' | 'now' | 'force')[]
    | undefined;
  /** What SIGTERM does, in the same words. Default: `default`. */
  shutdownOnSigterm?:
    | 'default'
    | 'save'
    | 'nosave'
    | 'now'
    | 'force'
    | readonly ('default' | 'save' | 'nosave' | 'now' | 'force')[]
    | undefined;
  /**
   * How many times a second idle clients and other background duties are looked after. No effect: duties are done ten
   * times a second, and keys expire in their own time. Default: `10`.
   */
  hz?: Integer | undefined;
  /**
   * Raises `hz` while many clients are connected. No effect: background duties come in short slices. Default: `yes`.
   */
  dynamicHz?: YesNo | undefined;
  /**
   * Shows a logo in the log at start also where no terminal is attached. No effect: there is no logo. Default: `no`.
   */
  alwaysShowLogo?: YesNo | undefined;
  /** Sends the log to the system log. No effect: the log goes to the standard output or to `logfile`. Default: `no`. */
  syslogEnabled?: YesNo | undefined;
  /**
   * Facility of the messages in the system log. No effect: the log goes to the standard output or to `logfile`.
   * Default: `local0`.
   */
  syslogFacility?:
    | 'user'
    | 'local0'
    | 'local1'
    | 'local2'
    | 'local3'
    | 'local4'
    | 'local5'
    | 'local6'
    | 'local7'
    | undefined;
  /**
   * Name under which messages appear in the system log. No effect: the log goes to the standard output or to `logfile`.
   * Default: `redis`.
   */
  syslogIdent?: string | undefined;
  /** Keeps keys and values out of the log. No effect: keys and values are never logged. Default: `no`. */
  hideUserDataFromLog?: YesNo | undefined;
  /** Locale by which SORT ALPHA orders strings. No effect: strings are compared as bytes. */
  localeCollate?: string | undefined;
  /** Warnings about the system that are not to be given at start. No effect: nothing is checked that could warn. */
  ignoreWarnings?: string | undefined;
  /** Seconds that a shutdown waits for replicas to catch up. No effect: there is no replication yet. Default: `10`. */
  shutdownTimeout?: Integer | undefined;
  /** Password that clients give with AUTH or HELLO before anything else; empty asks for none. */
  requirepass?: string | undefined;
  /** Who may call DEBUG: nobody, everybody, or clients on this machine (`local`). Default: `no`. */
  enableDebugCommand?: 'no' | 'yes' | 'local' | undefined;
  /**
   * Who may CONFIG SET the directives that decide where files are written (`dir`, `dbfilename`), in the same words.
   * Default: `no`.
   */
  enableProtectedConfigs?: 'no' | 'yes' | 'local' | undefined;
  /** Who may call MODULE, in the same words. No effect: native modules cannot be loaded. Default: `no`. */
  enableModuleCommand?: 'no' | 'yes' | 'local' | undefined;
  /** Entries kept by ACL LOG. No effect: there are no users beside the default one yet. Default: `128`. */
  acllogMaxLen?: Integer | undefined;
  /**
   * Whether a new user may use every channel or none. No effect: there are no users beside the default one yet.
   * Default: `resetchannels`.
   */
  aclPubsubDefault?: 'allchannels' | 'resetchannels' | undefined;
  /** Clients connected at once; more are told so and closed. Default: `10000`. */
  maxclients?: Integer | undefined;
  /**
   * For a class of clients (`normal`, `replica`, `pubsub`): bytes of waiting output at which a client is closed at
   * once, bytes at which it is closed after so many seconds, and the seconds. 0 sets no limit. Classes that are not
   * named keep theirs. Default: `normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60`.
   */
  clientOutputBufferLimit?: string | readonly (string | number)[] | undefined;
  /** Bytes of unexecuted requests at which a client is closed. Default: `1gb`. */
  clientQueryBufferLimit?: Size | undefined;
  /**
   * Memory of all clients together beyond which the largest are closed, in bytes or per cent of `maxmemory`; 0 sets no
   * limit. Default: `0`.
   */
  maxmemoryClients?: Size | undefined;
  /**
   * Keys remembered for client-side caching before some are invalidated early; 0 sets no limit. No effect: the feature
   * is not there yet. Default: `1000000`.
   */
  trackingTableMaxKeys?: Integer | undefined;
  /**
   * Pairs of seconds and changes: a snapshot is saved once that much time has passed with that many changes. `save ""`
   * saves none. Lines add up; the first one replaces the default.
   */
  save?: string | readonly number[] | undefined;
  /** Name of the snapshot file in `dir`. Default: `dump.rdb`. */
  dbfilename?: string | undefined;
  /** Compresses longer strings in snapshots. Default: `yes`. */
  rdbcompression?: YesNo | undefined;
  /** Ends snapshots with a checksum, and checks it when loading. Default: `yes`. */
  rdbchecksum?: YesNo | undefined;
  /**
   * Refuses writes while the last snapshot could not be saved and there are save points, so that somebody notices.
   * Default: `yes`.
   */
  stopWritesOnBgsaveError?: YesNo | undefined;
  /**
   * Syncs a snapshot to the disk every few megabytes rather than at the end only. No effect: the file is written in
   * small pieces in any case. Default: `yes`.
   */
  rdbSaveIncrementalFsync?: YesNo | undefined;
  /**
   * Deletes snapshot files used for replication where nothing is to be kept on disk. No effect: there is no replication
   * yet. Default: `no`.
   */
  rdbDelSyncFiles?: YesNo | undefined;
  /**
   * Whether serialised values are checked in depth when they are loaded or restored. No effect: what is loaded is
   * always checked in full. Default: `no`.
   */
  sanitizeDumpPayload?: 'no' | 'yes' | 'clients' | undefined;
  /**
   * Name that the append-only files begin with. No effect: there is no append-only file yet. Default: `appendonly.aof`.
   */
  appendfilename?: string | undefined;
  /**
   * Directory of the append-only files, within `dir`. No effect: there is no append-only file yet. Default:
   * `appendonlydir`.
   */
  appenddirname?: string | undefined;
  /**
   * When the append-only file is synced to the disk: before every reply, once a second, or when the system likes. No
   * effect: there is no append-only file yet. Default: `everysec`.
   */
  appendfsync?: 'everysec' | 'always' | 'no' | undefined;
  /**
   * Does not sync while a rewrite or a snapshot is being written. No effect: there is no append-only file yet. Default:
   * `no`.
   */
  noAppendfsyncOnRewrite?: YesNo | undefined;
  /**
   * Growth in per cent at which the append-only file is rewritten; 0 never does. No effect: there is no append-only
   * file yet. Default: `100`.
   */
  autoAofRewritePercentage?: Integer | undefined;
  /**
   * Size below which the append-only file is not rewritten. No effect: there is no append-only file yet. Default:
   * `64mb`.
   */
  autoAofRewriteMinSize?: Size | undefined;
  /** Loads a file whose end is missing, up to there. No effect: there is no append-only file yet. Default: `yes`. */
  aofLoadTruncated?: YesNo | undefined;
  /** Begins rewritten files with a snapshot. No effect: there is no append-only file yet. Default: `yes`. */
  aofUseRdbPreamble?: YesNo | undefined;
  /**
   * Writes times into the file, so that a point in time can be restored. No effect: there is no append-only file yet.
   * Default: `no`.
   */
  aofTimestampEnabled?: YesNo | undefined;
  /** Syncs a rewrite to the disk every few megabytes. No effect: there is no append-only file yet. Default: `yes`. */
  aofRewriteIncrementalFsync?: YesNo | undefined;
  /**
   * Bytes of data beyond which `maxmemory-policy` decides what happens; 0 sets no limit. The blocks that hold the data
   * count, and 256 bytes for each of their pages of 64 KiB; what JavaScript and connections take does not. Default:
   * `0`.
   */
  maxmemory?: Size | undefined;
  /**
   * Which keys go when memory is full: least recently or frequently used, at random, or soonest to expire, among all
   * keys or those that expire; or none, and writes fail. Default: `noeviction`.
   */
  maxmemoryPolicy?:
    | 'volatile-lru'
    | 'volatile-lfu'
    | 'volatile-random'
    | 'volatile-ttl'
    | 'allkeys-lru'
    | 'allkeys-lfu'
    | 'allkeys-random'
    | 'noeviction'
    | undefined;
  /** Keys looked at to find one to evict; more finds a better one, more slowly. Default: `5`. */
  maxmemorySamples?: Integer | undefined;
  /** How much delay eviction may cause, from little (0) to any (100). Default: `10`. */
  maxmemoryEvictionTenacity?: Integer | undefined;
  /** How slowly the frequency counter of a key grows. Default: `10`. */
  lfuLogFactor?: Integer | undefined;
  /** Minutes after which the frequency counter of an idle key falls by one; 0 keeps it. Default: `1`. */
  lfuDecayTime?: Integer | undefined;
  /** How hard the server looks for expired keys. No effect: keys are removed as they fall due. Default: `1`. */
  activeExpireEffort?: Integer | undefined;
  /** Rehashes tables in idle time. No effect: the index grows a page at a time, without rehashing. Default: `yes`. */
  activerehashing?: YesNo | undefined;
  /**
   * Gives memory back to the system from a thread of the allocator. No effect: a matter of native servers. Default:
   * `yes`.
   */
  jemallocBgThread?: YesNo | undefined;
  /** Frees evicted values in the background. No effect: freeing is always done in slices. Default: `no`. */
  lazyfreeLazyEviction?: YesNo | undefined;
  /** Frees expired values in the background. No effect: freeing is always done in slices. Default: `no`. */
  lazyfreeLazyExpire?: YesNo | undefined;
  /** Frees overwritten values in the background. No effect: freeing is always done in slices. Default: `no`. */
  lazyfreeLazyServerDel?: YesNo | undefined;
  /** Makes DEL free as UNLINK does. No effect: freeing is always done in slices. Default: `no`. */
  lazyfreeLazyUserDel?: YesNo | undefined;
  /**
   * Makes FLUSHDB, FLUSHALL and SCRIPT FLUSH free in the background unless they say otherwise. No effect: freeing is
   * always done in slices. Default: `no`.
   */
  lazyfreeLazyUserFlush?: YesNo | undefined;
  /**
   * Largest list that OBJECT ENCODING calls a listpack: a number of elements, or bytes as -1 (4 kB) to -5 (64 kB).
   * Default: `-2`.
   */
  listMaxListpackSize?: Integer | undefined;
  /** Members up to which OBJECT ENCODING calls a set of integers an intset. Default: `512`. */
  setMaxIntsetEntries?: Integer | undefined;
  /** Members up to which OBJECT ENCODING calls a set a listpack. Default: `128`. */
  setMaxListpackEntries?: Integer | undefined;
  /** Longest member of a set that OBJECT ENCODING calls a listpack. Default: `64`. */
  setMaxListpackValue?: Size | undefined;
  /** Members up to which OBJECT ENCODING calls a sorted set a listpack. Default: `128`. */
  zsetMaxListpackEntries?: Integer | undefined;
  /** Longest member of a sorted set that OBJECT ENCODING calls a listpack. Default: `64`. */
  zsetMaxListpackValue?: Size | undefined;
  /** Largest node of a stream, which approximate trimming removes as a whole; 0 sets no limit. Default: `4096`. */
  streamNodeMaxBytes?: Size | undefined;
  /** Most entries in a node of a stream; 0 sets no limit. Default: `100`. */
  streamNodeMaxEntries?: Integer | undefined;
  /** Fields up to which OBJECT ENCODING calls a hash a listpack. Default: `512`. */
  hashMaxListpackEntries?: Integer | undefined;
  /** Longest field or value of a hash that OBJECT ENCODING calls a listpack. Default: `64`. */
  hashMaxListpackValue?: Size | undefined;
  /** Size up to which a HyperLogLog is kept sparse. Default: `3000`. */
  hllSparseMaxBytes?: Size | undefined;
  /**
   * Nodes at each end of a list that stay uncompressed; 0 compresses none. No effect: lists are not compressed in
   * memory. Default: `0`.
   */
  listCompressDepth?: Integer | undefined;
  /**
   * Events to publish: `K` and `E` choose the channels, the other letters the classes (`A` for most); empty publishes
   * none.
   */
  notifyKeyspaceEvents?: string | undefined;
  /** Microseconds from which a command is kept by SLOWLOG; 0 keeps all, -1 none. Default: `10000`. */
  slowlogLogSlowerThan?: Integer | undefined;
  /** Commands that SLOWLOG keeps. Default: `128`. */
  slowlogMaxLen?: Integer | undefined;
  /** Milliseconds from which a delay is kept by LATENCY; 0 keeps none. Default: `0`. */
  latencyMonitorThreshold?: Integer | undefined;
  /** Collects the times of each command for INFO latencystats. Default: `yes`. */
  latencyTracking?: YesNo | undefined;
  /** Percentiles that INFO latencystats shows. Default: `50 99 99.9`. */
  latencyTrackingInfoPercentiles?: string | readonly number[] | undefined;
  /** Milliseconds after which a running script lets others be told that the server is busy. Default: `5000`. */
  busyReplyThreshold?: Integer | undefined;
  /** Password for the primary. No effect: there is no replication yet. */
  masterauth?: string | undefined;
  /** User name for the primary. No effect: there is no replication yet. */
  masteruser?: string | undefined;
  /**
   * Whether a replica answers while it has lost its primary. No effect: there is no replication yet. Default: `yes`.
   */
  replicaServeStaleData?: YesNo | undefined;
  /** Whether a replica refuses writes of its clients. No effect: there is no replication yet. Default: `yes`. */
  replicaReadOnly?: YesNo | undefined;
  /**
   * Rank among replicas when one is promoted: the lowest first, 0 never. No effect: there is no replication yet.
   * Default: `100`.
   */
  replicaPriority?: Integer | undefined;
  /** Whether Sentinel shows this replica to clients. No effect: there is no replication yet. Default: `yes`. */
  replicaAnnounced?: YesNo | undefined;
  /** Address that a replica gives to its primary as its own. No effect: there is no replication yet. */
  replicaAnnounceIp?: string | undefined;
  /** Port that a replica gives to its primary as its own. No effect: there is no replication yet. Default: `0`. */
  replicaAnnouncePort?: Integer | undefined;
  /** Leaves eviction to the primary. No effect: there is no replication yet. Default: `yes`. */
  replicaIgnoreMaxmemory?: YesNo | undefined;
  /** Lets a replica go on when it cannot write to its disk. No effect: there is no replication yet. Default: `no`. */
  replicaIgnoreDiskWriteErrors?: YesNo | undefined;
  /**
   * Frees the old data in the background when a replica loads anew. No effect: there is no replication yet. Default:
   * `no`.
   */
  replicaLazyFlush?: YesNo | undefined;
  /**
   * Sends full copies to replicas without a file in between. No effect: there is no replication yet. Default: `yes`.
   */
  replDisklessSync?: YesNo | undefined;
  /**
   * Seconds to wait for further replicas before such a copy starts. No effect: there is no replication yet. Default:
   * `5`.
   */
  replDisklessSyncDelay?: Integer | undefined;
  /** Replicas at which it starts at once; 0 always waits. No effect: there is no replication yet. Default: `0`. */
  replDisklessSyncMaxReplicas?: Integer | undefined;
  /**
   * Whether a replica loads a copy straight from the connection. No effect: there is no replication yet. Default:
   * `disabled`.
   */
  replDisklessLoad?: 'disabled' | 'on-empty-db' | 'swapdb' | undefined;
  /** Seconds between signs of life to replicas. No effect: there is no replication yet. Default: `10`. */
  replPingReplicaPeriod?: Integer | undefined;
  /**
   * Seconds of silence after which the other side counts as lost. No effect: there is no replication yet. Default:
   * `60`.
   */
  replTimeout?: Integer | undefined;
  /**
   * Fewer, larger packets to replicas, at the price of delay. No effect: there is no replication yet. Default: `no`.
   */
  replDisableTcpNodelay?: YesNo | undefined;
  /**
   * Bytes of recent changes kept for replicas that come back. No effect: there is no replication yet. Default: `1mb`.
   */
  replBacklogSize?: Size | undefined;
  /**
   * Seconds without replicas after which those are dropped; 0 never. No effect: there is no replication yet. Default:
   * `3600`.
   */
  replBacklogTtl?: Integer | undefined;
  /** Seconds of lag up to which a replica counts as in step. No effect: there is no replication yet. Default: `10`. */
  minReplicasMaxLag?: Integer | undefined;
  /**
   * What to do when a command fails on a replica or while the append-only file is replayed. No effect: there is no
   * replication yet. Default: `ignore`.
   */
  propagationErrorBehavior?: 'ignore' | 'panic' | 'panic-on-replicas' | undefined;
  /**
   * File in which a node keeps what it knows of the cluster. No effect: there is no cluster mode yet. Default:
   * `nodes.conf`.
   */
  clusterConfigFile?: string | undefined;
  /**
   * Milliseconds after which a silent node counts as failing. No effect: there is no cluster mode yet. Default:
   * `15000`.
   */
  clusterNodeTimeout?: Integer | undefined;
  /**
   * Port of the bus between nodes; 0 is the port of clients plus 10000. No effect: there is no cluster mode yet.
   * Default: `0`.
   */
  clusterPort?: Integer | undefined;
  /** Address that a node gives as its own. No effect: there is no cluster mode yet. */
  clusterAnnounceIp?: string | undefined;
  /** Port for clients that a node gives as its own. No effect: there is no cluster mode yet. Default: `0`. */
  clusterAnnouncePort?: Integer | undefined;
  /** TLS port that a node gives as its own. No effect: there is no cluster mode yet. Default: `0`. */
  clusterAnnounceTlsPort?: Integer | undefined;
  /** Port of the bus that a node gives as its own. No effect: there is no cluster mode yet. Default: `0`. */
  clusterAnnounceBusPort?: Integer | undefined;
  /** Host name that a node gives as its own. No effect: there is no cluster mode yet. */
  clusterAnnounceHostname?: string | undefined;
  /** Readable name of the node, for logs. No effect: there is no cluster mode yet. */
  clusterAnnounceHumanNodename?: string | undefined;
  /** How nodes are named to clients. No effect: there is no cluster mode yet. Default: `ip`. */
  clusterPreferredEndpointType?: 'ip' | 'hostname' | 'unknown-endpoint' | undefined;
  /**
   * Stops all answers while a part of the slots has no node. No effect: there is no cluster mode yet. Default: `yes`.
   */
  clusterRequireFullCoverage?: YesNo | undefined;
  /** Answers reads while the cluster is down. No effect: there is no cluster mode yet. Default: `no`. */
  clusterAllowReadsWhenDown?: YesNo | undefined;
  /** Lets shard channels work while the cluster is down. No effect: there is no cluster mode yet. Default: `yes`. */
  clusterAllowPubsubshardWhenDown?: YesNo | undefined;
  /** Lets replicas move to a primary that has lost its own. No effect: there is no cluster mode yet. Default: `yes`. */
  clusterAllowReplicaMigration?: YesNo | undefined;
  /** Replicas that a primary keeps before one may move. No effect: there is no cluster mode yet. Default: `1`. */
  clusterMigrationBarrier?: Integer | undefined;
  /** Never promotes this replica by itself. No effect: there is no cluster mode yet. Default: `no`. */
  clusterReplicaNoFailover?: YesNo | undefined;
  /**
   * How stale a replica may be and still be promoted, in node timeouts. No effect: there is no cluster mode yet.
   * Default: `10`.
   */
  clusterReplicaValidityFactor?: Integer | undefined;
  /**
   * Bytes waiting for another node at which its link is closed; 0 sets no limit. No effect: there is no cluster mode
   * yet. Default: `0`.
   */
  clusterLinkSendbufLimit?: Size | undefined;
  /** Certificate of the server. No effect: there is no TLS yet. */
  tlsCertFile?: string | undefined;
  /** Its private key. No effect: there is no TLS yet. */
  tlsKeyFile?: string | undefined;
  /** Password of the private key. No effect: there is no TLS yet. */
  tlsKeyFilePass?: string | undefined;
  /** Certificate for connections that the server opens itself. No effect: there is no TLS yet. */
  tlsClientCertFile?: string | undefined;
  /** Private key for those. No effect: there is no TLS yet. */
  tlsClientKeyFile?: string | undefined;
  /** Password of that key. No effect: there is no TLS yet. */
  tlsClientKeyFilePass?: string | undefined;
  /** Parameters of the key exchange, for old protocols. No effect: there is no TLS yet. */
  tlsDhParamsFile?: string | undefined;
  /** Certificates of the authorities that peers are checked against. No effect: there is no TLS yet. */
  tlsCaCertFile?: string | undefined;
  /** Directory of such certificates. No effect: there is no TLS yet. */
  tlsCaCertDir?: string | undefined;
  /** Whether clients have to show a certificate. No effect: there is no TLS yet. Default: `yes`. */
  tlsAuthClients?: 'no' | 'yes' | 'optional' | undefined;
  /** Uses TLS towards the primary. No effect: there is no TLS yet. Default: `no`. */
  tlsReplication?: YesNo | undefined;
  /** Uses TLS between nodes of a cluster. No effect: there is no TLS yet. Default: `no`. */
  tlsCluster?: YesNo | undefined;
  /** Versions of TLS to allow. No effect: there is no TLS yet. */
  tlsProtocols?: string | undefined;
  /** Ciphers to allow up to TLS 1.2. No effect: there is no TLS yet. */
  tlsCiphers?: string | undefined;
  /** Cipher suites to allow in TLS 1.3. No effect: there is no TLS yet. */
  tlsCiphersuites?: string | undefined;
  /** Goes by the server's order of ciphers. No effect: there is no TLS yet. Default: `no`. */
  tlsPreferServerCiphers?: YesNo | undefined;
  /** Lets clients resume sessions. No effect: there is no TLS yet. Default: `yes`. */
  tlsSessionCaching?: YesNo | undefined;
  /** Sessions to remember; 0 sets no limit. No effect: there is no TLS yet. Default: `20480`. */
  tlsSessionCacheSize?: Integer | undefined;
  /** Seconds for which sessions are remembered. No effect: there is no TLS yet. Default: `300`. */
  tlsSessionCacheTimeout?: Integer | undefined;
  /** Threads that read and write sockets. No effect: one thread serves every connection. Default: `1`. */
  ioThreads?: Integer | undefined;
  /** Whether those also read. No effect: one thread serves every connection. Default: `no`. */
  ioThreadsDoReads?: YesNo | undefined;
  /** Processors for the main thread. No effect: threads are placed by Node and the system. */
  serverCpulist?: string | undefined;
  /** Processors for background threads. No effect: threads are placed by Node and the system. */
  bioCpulist?: string | undefined;
  /** Processors for rewriting the append-only file. No effect: threads are placed by Node and the system. */
  aofRewriteCpulist?: string | undefined;
  /** Processors for saving snapshots. No effect: threads are placed by Node and the system. */
  bgsaveCpulist?: string | undefined;
  /**
   * Tells Linux which processes to end first when memory runs out. No effect: a matter of native servers. Default:
   * `no`.
   */
  oomScoreAdj?: 'no' | 'yes' | 'relative' | 'absolute' | undefined;
  /**
   * Scores for a primary, a replica and a process that saves. No effect: a matter of native servers. Default: `0 200
   * 800`.
   */
  oomScoreAdjValues?: string | readonly number[] | undefined;
  /** Asks Linux for no huge pages. No effect: a matter of native servers. Default: `yes`. */
  disableThp?: YesNo | undefined;
  /** Logs the state of the program when it crashes. No effect: a matter of native servers. Default: `yes`. */
  crashLogEnabled?: YesNo | undefined;
  /**
   * Tests the memory of the machine when the program crashes. No effect: a matter of native servers. Default: `yes`.
   */
  crashMemcheckEnabled?: YesNo | undefined;
  /** Shows what the server is in the list of processes. No effect: the title is left to Node. Default: `yes`. */
  setProcTitle?: YesNo | undefined;
  /** What that title says. No effect: the title is left to Node. Default: `{title} {listen-addr} {server-mode}`. */
  procTitleTemplate?: string | undefined;
  /** Moves data together to give memory back. No effect: memory is always compacted in idle time. Default: `no`. */
  activedefrag?: YesNo | undefined;
  /** Waste below which nothing is moved. No effect: memory is always compacted in idle time. Default: `100mb`. */
  activeDefragIgnoreBytes?: Size | undefined;
  /** Per cent of waste from which data is moved. No effect: memory is always compacted in idle time. Default: `10`. */
  activeDefragThresholdLower?: Integer | undefined;
  /**
   * Per cent of waste from which it is moved with full effort. No effect: memory is always compacted in idle time.
   * Default: `100`.
   */
  activeDefragThresholdUpper?: Integer | undefined;
  /**
   * Least share of processor time for it, in per cent. No effect: memory is always compacted in idle time. Default:
   * `1`.
   */
  activeDefragCycleMin?: Integer | undefined;
  /**
   * Largest share of processor time for it, in per cent. No effect: memory is always compacted in idle time. Default:
   * `25`.
   */
  activeDefragCycleMax?: Integer | undefined;
  /**
   * Elements of a collection that are handled at once. No effect: memory is always compacted in idle time. Default:
   * `1000`.
   */
  activeDefragMaxScanFields?: Integer | undefined;
}

type KebabCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `-${Lowercase<First>}`}${KebabCase<Rest>}`
  : Name;

type KebabCaseDirectives = { [Name in keyof CamelCaseDirectives as KebabCase<Name>]?: CamelCaseDirectives[Name] };

/** Any directive, by its name in redis.conf (`'maxmemory-policy'`) or in camel case (`maxmemoryPolicy`). */
export interface DirectiveOptions extends CamelCaseDirectives, KebabCaseDirectives {}
