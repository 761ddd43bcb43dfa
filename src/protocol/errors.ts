/**
 * Every error text a client can see, to the byte what Redis 7.4 answers, by topic.
 *
 * Import as a namespace (`import * as errors from './errors.js'`) and throw: `throw errors.SYNTAX` for a fixed text,
 * `throw errors.wrongArity('get')` for one that echoes something. A text begins with its code (`ERR`, `WRONGTYPE`, …).
 * What is echoed may hold any byte: CR and LF become spaces in the reply.
 */

const HAS_CODE = /^[A-Z][A-Z0-9_]*( |$)/;
const LINE_BREAK = /[\r\n]/g;

/**
 * An error that is a command's reply. Handlers throw it from their checking half; one place in the engine catches it
 * and writes `message` as the reply. It carries no stack: nobody reads it, and capturing one costs more than most
 * commands.
 */
export class CommandError extends Error {
  override name = 'CommandError';
  /**
   * The first word of the text: `ERR`, `WRONGTYPE`, … Made here, as `shown` is: most errors are thrown again and again,
   * and to make both took a fifth of a redis.pcall() that fails.
   */
  readonly code: string;
  /** The text as a reply has it. */
  readonly shown: string;

  constructor(text: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(text);
    Error.stackTraceLimit = limit;
    const space = text.indexOf(' ');
    this.code = space < 0 ? text : text.slice(0, space);
    this.shown = shownText(text);
  }
}

/** A request that cannot be decoded: the text is sent as the last reply and the connection closes. */
export class ProtocolError extends CommandError {
  override name = 'ProtocolError';

  constructor(detail: string) {
    super(`ERR Protocol error: ${detail}`);
  }
}

/** POST or Host: as a command. A connection is closed without it; only a caller in process sees the text. */
export const HTTP_REQUEST = new CommandError('ERR this port does not speak HTTP');

/** For texts that occur in one place only and need no name. */
export function commandError(text: string): CommandError {
  return new CommandError(withCode(text));
}

/** The text of an error as a reply has it: beginning with a code, in one line. */
export function shownText(text: string): string {
  return withCode(text).replace(LINE_BREAK, ' ');
}

/** The bytes of such a text as a reply, where no reply writer is at hand. */
export function errorReply(shown: string): Buffer {
  return Buffer.from(`-${shown}\r\n`, 'latin1');
}

/** Gives a text that begins with no code (a first word of capitals, digits and underscores) the code `ERR`. */
export function withCode(text: string): string {
  return HAS_CODE.test(text) ? text : `ERR ${text}`;
}

// ---- Arity, names, syntax

export const SYNTAX = new CommandError('ERR syntax error');

/** `name` in lower case, a subcommand as `client|setinfo`. */
export function wrongArity(name: string): CommandError {
  return new CommandError(`ERR wrong number of arguments for '${name}' command`);
}

/** Redis echoes the name cut to 128 bytes, and arguments until 128 bytes of them are written. */
const ECHO_LIMIT = 128;

/** `name` and `args` as latin1 text of what the client sent. */
export function unknownCommand(name: string, args: Iterable<string>): CommandError {
  let echoed = '';
  for (const arg of args) {
    if (echoed.length >= ECHO_LIMIT) break;
    echoed += `'${cString(arg).slice(0, ECHO_LIMIT - echoed.length)}' `;
  }
  return new CommandError(
    `ERR unknown command '${cString(name).slice(0, ECHO_LIMIT)}', with args beginning with: ${echoed}`,
  );
}

/** `command` in upper case. */
export function unknownSubcommand(subcommand: string, command: string): CommandError {
  return new CommandError(
    `ERR unknown subcommand '${cString(subcommand).slice(0, ECHO_LIMIT)}'. Try ${command.toUpperCase()} HELP.`,
  );
}

export function unknownSubcommandOrArity(subcommand: string, command: string): CommandError {
  return new CommandError(
    `ERR unknown subcommand or wrong number of arguments for '${cString(subcommand).slice(0, ECHO_LIMIT)}'. Try ${command.toUpperCase()} HELP.`,
  );
}

/** Redis prints echoes as C strings: up to the first NUL. */
function cString(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

// ---- Numbers

export const NOT_INTEGER = new CommandError('ERR value is not an integer or out of range');
export const NOT_FLOAT = new CommandError('ERR value is not a valid float');
export const NOT_POSITIVE = new CommandError('ERR value is out of range, must be positive');
export const OUT_OF_RANGE = new CommandError('ERR value is out of range');

export function notBetween(min: number, max: number): CommandError {
  return new CommandError(`ERR value is out of range, value must between ${min} and ${max}`);
}

// ---- Keys and types

export const WRONGTYPE = new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value');
export const NO_SUCH_KEY = new CommandError('ERR no such key');
export const INDEX_OUT_OF_RANGE = new CommandError('ERR index out of range');
export const SAME_OBJECT = new CommandError('ERR source and destination objects are the same');
export const DB_OUT_OF_RANGE = new CommandError('ERR DB index is out of range');

// ---- Strings

export const INCREMENT_OVERFLOW = new CommandError('ERR increment or decrement would overflow');
export const DECREMENT_OVERFLOW = new CommandError('ERR decrement would overflow');
export const INCREMENT_NOT_FINITE = new CommandError('ERR increment would produce NaN or Infinity');
export const OFFSET_OUT_OF_RANGE = new CommandError('ERR offset is out of range');
export const STRING_TOO_LONG = new CommandError('ERR string exceeds maximum allowed size (proto-max-bulk-len)');

// ---- HyperLogLogs

export const NO_HYPERLOGLOG = new CommandError('WRONGTYPE Key is not a valid HyperLogLog string value.');
export const CORRUPT_HYPERLOGLOG = new CommandError('INVALIDOBJ Corrupted HLL object detected');
export const KEY_NOT_THERE = new CommandError('ERR The specified key does not exist');
export const HYPERLOGLOG_NOT_SPARSE = new CommandError('ERR HLL encoding is not sparse');

export function unknownPfdebugSubcommand(subcommand: string): CommandError {
  return new CommandError(`ERR Unknown PFDEBUG subcommand '${cString(subcommand)}'`);
}

export function selfTestFailed(reason: string): CommandError {
  return new CommandError(`TESTFAILED ${reason}`);
}

// ---- Bits

export const INVALID_BIT_OFFSET = new CommandError('ERR bit offset is not an integer or out of range');
export const INVALID_BIT = new CommandError('ERR bit is not an integer or out of range');
/** Of BITPOS alone: SETBIT has a text of its own. */
export const BIT_ARGUMENT = new CommandError('ERR The bit argument must be 1 or 0.');
export const BITOP_NOT = new CommandError('ERR BITOP NOT must be called with a single source key.');
export const BITFIELD_TYPE = new CommandError(
  'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
);
export const BITFIELD_OVERFLOW = new CommandError('ERR Invalid OVERFLOW type specified');
export const BITFIELD_READ_ONLY = new CommandError('ERR BITFIELD_RO only supports the GET subcommand');

// ---- Expiry

/** `command` in lower case. */
export function invalidExpireTime(command: string): CommandError {
  return new CommandError(`ERR invalid expire time in '${command}' command`);
}

export const EXPIRE_NX_OTHERS = new CommandError('ERR NX and XX, GT or LT options at the same time are not compatible');
export const EXPIRE_GT_LT = new CommandError('ERR GT and LT options at the same time are not compatible');

export function unsupportedOption(option: string): CommandError {
  return new CommandError(`ERR Unsupported option ${cString(option)}`);
}

// ---- The gate before a call

export const NOAUTH = new CommandError('NOAUTH Authentication required.');
export const LOADING = new CommandError('LOADING Redis is loading the dataset in memory');
export const OOM = new CommandError("OOM command not allowed when used memory > 'maxmemory'.");
export const MISCONF = new CommandError(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
);
/** A bug of ours; the log has the stack. */
export const INTERNAL = new CommandError('ERR internal error');

// ---- HELLO, AUTH, CLIENT

export const NOAUTH_HELLO = new CommandError(
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
);
export const NOPROTO = new CommandError('NOPROTO unsupported protocol version');
export const INVALID_PROTOCOL_VERSION = new CommandError('ERR Protocol version is not an integer or out of range');
export const WRONGPASS = new CommandError('WRONGPASS invalid username-password pair or user is disabled.');
export const NO_PASSWORD_SET = new CommandError(
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
);
export const INVALID_CLIENT_NAME = new CommandError(
  'ERR Client names cannot contain spaces, newlines or special characters.',
);
export const NO_SUCH_CLIENT = new CommandError('ERR No such client');
export const INVALID_CLIENT_ID = new CommandError('ERR Invalid client ID');
/** Of CLIENT KILL ID, for what is no positive integer. */
export const CLIENT_ID_TO_KILL = new CommandError('ERR client-id should be greater than 0');
export const CLIENT_MAXAGE = new CommandError('ERR maxage is not an integer or out of range');
export const CLIENT_MAXAGE_POSITIVE = new CommandError('ERR maxage should be greater than 0');

/** CLIENT UNBLOCK's last argument, and what it answers in the place of the client's command. */
export const UNBLOCK_REASON = new CommandError('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
export const UNBLOCKED = new CommandError('UNBLOCKED client unblocked via CLIENT UNBLOCK');

export function helloOption(option: string): CommandError {
  return new CommandError(`ERR Syntax error in HELLO option '${cString(option)}'`);
}

/** CLIENT SETINFO's attribute. */
export function unrecognizedOption(option: string): CommandError {
  return new CommandError(`ERR Unrecognized option '${cString(option)}'`);
}

/** CLIENT SETINFO's value; `attribute` is `lib-name` or `lib-ver`. */
export function clientInfoValue(attribute: string): CommandError {
  return new CommandError(`ERR ${attribute} cannot contain spaces, newlines or special characters.`);
}

export function unknownClientType(type: string): CommandError {
  return new CommandError(`ERR Unknown client type '${cString(type)}'`);
}

export function noSuchUser(user: string): CommandError {
  return new CommandError(`ERR No such user '${cString(user)}'`);
}

// ---- COMMAND

export const INVALID_COMMAND = new CommandError('ERR Invalid command specified');
export const INVALID_ARITY = new CommandError('ERR Invalid number of arguments specified for command');
export const NO_KEY_ARGUMENTS = new CommandError('ERR The command has no key arguments');

// ---- CONFIG

export const NO_CONFIG_FILE = new CommandError('ERR The server is running without a config file');

export function unknownDirective(name: string): CommandError {
  return new CommandError(`ERR Unknown option or number of arguments for CONFIG SET - '${cString(name)}'`);
}

/** `reason` as in `argument must be 'yes' or 'no'`. */
export function configSetFailed(name: string, reason: string): CommandError {
  return new CommandError(`ERR CONFIG SET failed (possibly related to argument '${cString(name)}') - ${reason}`);
}

// ---- SLOWLOG, LATENCY

export const SLOWLOG_COUNT = new CommandError('ERR count should be greater than or equal to -1');

export function noLatencySamples(event: string): CommandError {
  return new CommandError(`ERR No samples available for event '${cString(event)}'`);
}

// ---- ACL

/** Of ACL CAT, for a category that nobody knows. */
export function unknownCategory(category: string): CommandError {
  return new CommandError(`ERR Unknown category '${cString(category)}'`);
}

// ---- Databases, the keyspace as a whole

export const INVALID_FIRST_DB = new CommandError('ERR invalid first DB index');
export const INVALID_SECOND_DB = new CommandError('ERR invalid second DB index');
export const INVALID_CURSOR = new CommandError('ERR invalid cursor');
/** Of OBJECT FREQ, where entries hold the time of their use instead. */
export const NOT_LFU = new CommandError(
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
);
/** Of OBJECT IDLETIME, where entries hold the frequency of their use instead. */
export const NOT_LRU = new CommandError(
  'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
);

/** SCAN's TYPE. */
export function unknownType(name: string): CommandError {
  return new CommandError(`ERR unknown type name '${cString(name)}'`);
}

// ---- Transactions

export const MULTI_NESTED = new CommandError('ERR MULTI calls can not be nested');
export const EXEC_WITHOUT_MULTI = new CommandError('ERR EXEC without MULTI');
export const DISCARD_WITHOUT_MULTI = new CommandError('ERR DISCARD without MULTI');
export const WATCH_IN_MULTI = new CommandError('ERR WATCH inside MULTI is not allowed');
export const NO_MULTI = new CommandError('ERR Command not allowed inside a transaction');
export const EXEC_ABORTED = new CommandError('EXECABORT Transaction discarded because of previous errors.');

/** EXEC itself was refused. */
export function execAborted(reason: CommandError): CommandError {
  return new CommandError(`EXECABORT Transaction discarded because of: ${reason.message.replace(/^ERR /, '')}`);
}

// ---- Pub/sub, MONITOR

/** A subscriber that speaks RESP2 can't tell replies from messages. `name` as in wrongArity(). */
export function notForSubscribers(name: string): CommandError {
  return new CommandError(
    `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
}

export const SUBSCRIBE_DENIED = new CommandError("ERR SUBSCRIBE isn't allowed for a DENY BLOCKING client");
export const PSUBSCRIBE_DENIED = new CommandError("ERR PSUBSCRIBE isn't allowed for a DENY BLOCKING client");
export const SSUBSCRIBE_DENIED = new CommandError("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
export const MONITOR_DENIED = new CommandError("ERR MONITOR isn't allowed for DENY BLOCKING client");
/** What a monitor is told, too. */
export const REPLICA_KEYSPACE = new CommandError("ERR Replica can't interact with the keyspace");

// ---- DUMP, RESTORE, SORT, WAITAOF

export const BUSYKEY = new CommandError('BUSYKEY Target key name already exists.');
export const INVALID_TTL = new CommandError('ERR Invalid TTL value, must be >= 0');
export const INVALID_IDLETIME = new CommandError('ERR Invalid IDLETIME value, must be >= 0');
export const INVALID_FREQ = new CommandError('ERR Invalid FREQ value, must be >= 0 and <= 255');
export const DUMP_PAYLOAD = new CommandError('ERR DUMP payload version or checksum are wrong');
export const BAD_DATA_FORMAT = new CommandError('ERR Bad data format');

/** A value that Redis could restore. `type` in words: `hash`. */
export function unsupportedPayload(type: string): CommandError {
  return new CommandError(`ERR Bad data format: a ${type} is not supported by this version`);
}

export const SORT_NOT_DOUBLE = new CommandError("ERR One or more scores can't be converted into double");
export const WAITAOF_NO_AOF = new CommandError(
  'ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.',
);

// ---- Hashes

export const HASH_NOT_INTEGER = new CommandError('ERR hash value is not an integer');
export const HASH_NOT_FLOAT = new CommandError('ERR hash value is not a float');
/** HINCRBYFLOAT's increment. */
export const NOT_FINITE = new CommandError('ERR value is NaN or Infinity');
export const EXPIRE_TIME_NEGATIVE = new CommandError('ERR invalid expire time, must be >= 0');
export const FIELDS_MISSING = new CommandError('ERR Mandatory argument FIELDS is missing or not at the right position');
export const NUMFIELDS_NOT_POSITIVE = new CommandError('ERR Parameter `numFields` should be greater than 0');
export const NUMIDS_NOT_POSITIVE = new CommandError('ERR Number of IDs must be a positive integer');
export const NUMIDS_MISMATCH = new CommandError('ERR The `numids` parameter must match the number of arguments');
export const NUMFIELDS_MISMATCH = new CommandError('ERR The `numfields` parameter must match the number of arguments');
export const FIELD_TIMES = new CommandError('ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified');
export const FIELD_TIMES_OR_PERSIST = new CommandError(
  'ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified',
);
export const FIELD_CONDITIONS = new CommandError('ERR Only one of FXX or FNX arguments can be specified');

// ---- Blocking

export const INVALID_TIMEOUT = new CommandError('ERR timeout is not a float or out of range');
export const TIMEOUT_NOT_INTEGER = new CommandError('ERR timeout is not an integer or out of range');
export const PAUSE_MODE = new CommandError('ERR CLIENT PAUSE mode must be WRITE or ALL');
export const TIMEOUT_NEGATIVE = new CommandError('ERR timeout is negative');
/** Its end would lie beyond int64 milliseconds. */
export const TIMEOUT_OUT_OF_RANGE = new CommandError('ERR timeout is out of range');
/** LMPOP and its relatives. */
export const NUMKEYS_NOT_POSITIVE = new CommandError('ERR numkeys should be greater than 0');
export const COUNT_NOT_POSITIVE = new CommandError('ERR count should be greater than 0');

// ---- LPOS

export const RANK_ZERO = new CommandError(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);
export const RANK_OUT_OF_RANGE = new CommandError(
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
);
export const COUNT_NEGATIVE = new CommandError("ERR COUNT can't be negative");
export const MAXLEN_NEGATIVE = new CommandError("ERR MAXLEN can't be negative");

// ---- Sets

export const TOO_MANY_KEYS = new CommandError("ERR Number of keys can't be greater than number of args");

// ---- Sorted sets

export const ZADD_NX_XX = new CommandError('ERR XX and NX options at the same time are not compatible');
export const ZADD_NX_GT_LT = new CommandError('ERR GT, LT, and/or NX options at the same time are not compatible');
export const ZADD_INCR_PAIRS = new CommandError('ERR INCR option supports a single increment-element pair');
export const SCORE_NAN = new CommandError('ERR resulting score is not a number (NaN)');
export const SCORE_BOUND = new CommandError('ERR min or max is not a float');
export const LEX_BOUND = new CommandError('ERR min or max not valid string range item');
export const RANGE_LIMIT = new CommandError(
  'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
);
export const LEX_WITHSCORES = new CommandError('ERR syntax error, WITHSCORES not supported in combination with BYLEX');
export const WEIGHT_NOT_FLOAT = new CommandError('ERR weight value is not a float');
export const LIMIT_NEGATIVE = new CommandError("ERR LIMIT can't be negative");

/** `name` as in wrongArity(). */
export function noInputKey(name: string): CommandError {
  return new CommandError(`ERR at least 1 input key is needed for '${name}' command`);
}

// ---- Geo

/** `place` as printf's %f,%f has it. */
export function invalidPlace(place: string): CommandError {
  return new CommandError(`ERR invalid longitude,latitude pair ${place}`);
}

export const UNSUPPORTED_UNIT = new CommandError('ERR unsupported unit provided. please use M, KM, FT, MI');
export const NEED_RADIUS = new CommandError('ERR need numeric radius');
export const NEED_WIDTH = new CommandError('ERR need numeric width');
export const NEED_HEIGHT = new CommandError('ERR need numeric height');
export const RADIUS_NEGATIVE = new CommandError('ERR radius cannot be negative');
export const BOX_NEGATIVE = new CommandError('ERR height or width cannot be negative');
export const NO_SUCH_PLACE = new CommandError('ERR could not decode requested zset member');
export const COUNT_ZERO = new CommandError('ERR COUNT must be > 0');
export const ANY_WITHOUT_COUNT = new CommandError('ERR the ANY argument requires COUNT argument');

/** `what` as `STORE option in GEORADIUS`. */
export function storesPlainly(what: string): CommandError {
  return new CommandError(`ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
}

/** `choice` as `BYRADIUS and BYBOX`; the command's name as it was sent. */
export function exactlyOne(choice: string, name: string): CommandError {
  return new CommandError(`ERR exactly one of ${choice} can be specified for ${cString(name)}`);
}

// ---- Streams

export const INVALID_STREAM_ID = new CommandError('ERR Invalid stream ID specified as stream command argument');
export const STREAM_RANGE_START = new CommandError('ERR invalid start ID for the interval');
export const STREAM_RANGE_END = new CommandError('ERR invalid end ID for the interval');
export const STREAM_ID_ZERO = new CommandError('ERR The ID specified in XADD must be greater than 0-0');
export const STREAM_ID_TOO_SMALL = new CommandError(
  'ERR The ID specified in XADD is equal or smaller than the target stream top item',
);
export const STREAM_EXHAUSTED = new CommandError(
  'ERR The stream has exhausted the last possible ID, unable to add more items',
);
export const STREAM_ENTRY_TOO_LARGE = new CommandError('ERR Elements are too large to be stored');
export const STREAM_MAXLEN_NEGATIVE = new CommandError('ERR The MAXLEN argument must be >= 0.');
export const STREAM_LIMIT_NEGATIVE = new CommandError('ERR The LIMIT argument must be >= 0.');
export const STREAM_TWO_STRATEGIES = new CommandError(
  'ERR syntax error, MAXLEN and MINID options at the same time are not compatible',
);
export const STREAM_LIMIT_ALONE = new CommandError(
  'ERR syntax error, LIMIT cannot be used without specifying a trimming strategy',
);
export const STREAM_LIMIT_EXACT = new CommandError(
  'ERR syntax error, LIMIT cannot be used without the special ~ option',
);
export const STREAM_NO_STRATEGY = new CommandError('ERR syntax error, XTRIM must be called with a trimming strategy');
export const STREAM_ADDED_NEGATIVE = new CommandError('ERR entries_added must be positive');
export const STREAM_LAST_BELOW_TOP = new CommandError(
  'ERR The ID specified in XSETID is smaller than the target stream top item',
);
export const STREAM_LAST_BELOW_DELETED = new CommandError(
  'ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id',
);
export const STREAM_ADDED_BELOW_LENGTH = new CommandError(
  'ERR The entries_added specified in XSETID is smaller than the target stream length',
);

export const STREAM_NEW_ID_WITHOUT_GROUP = new CommandError(
  'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
);

/** An option of XREADGROUP. */
export function notForXread(option: string): CommandError {
  return new CommandError(`ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`);
}

/** XREAD's lists of keys and ids; `command` in lower case. */
export function unbalancedStreams(command: string, lastId: string): CommandError {
  return new CommandError(
    `ERR Unbalanced '${command}' list of streams: for each stream key an ID${lastId} must be specified.`,
  );
}

export const GROUP_EXISTS = new CommandError('BUSYGROUP Consumer Group name already exists');
export const GROUP_NEEDS_KEY = new CommandError(
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.',
);
export const ENTRIES_READ_NEGATIVE = new CommandError('ERR value for ENTRIESREAD must be positive or -1');
export const GROUP_OPTION_MISSING = new CommandError('ERR Missing GROUP option for XREADGROUP');
export const CLAIM_COUNT = new CommandError('ERR COUNT must be > 0');

/** Neither key nor group, where a command needs both. */
export function noGroup(key: string, group: string, where = ''): CommandError {
  return new CommandError(`NOGROUP No such key '${key}' or consumer group '${group}'${where}`);
}

/** The key is there, the group is not. */
export function noGroupOfKey(group: string, key: string): CommandError {
  return new CommandError(`NOGROUP No such consumer group '${group}' for key name '${key}'`);
}

/** `$` and `+` as an id of XREADGROUP. */
export function meaninglessId(id: string): CommandError {
  return new CommandError(
    `ERR The ${id} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The ${id} ID would just return an empty result set.`,
  );
}

export function invalidClaimArgument(what: string, command: string): CommandError {
  return new CommandError(`ERR Invalid ${what} argument for ${command}`);
}

export function unknownClaimOption(option: string): CommandError {
  return new CommandError(`ERR Unrecognized XCLAIM option '${option}'`);
}

// ---- Scripts

export const NOSCRIPT = new CommandError('NOSCRIPT No matching script. Please use EVAL.');
export const NEGATIVE_KEY_COUNT = new CommandError("ERR Number of keys can't be negative");
export const SCRIPT_FLUSH_OPTION = new CommandError('ERR SCRIPT FLUSH only support SYNC|ASYNC option');
export const SCRIPT_DEBUG_MODE = new CommandError('ERR Use SCRIPT DEBUG YES/SYNC/NO');
export const BUSY_SCRIPT = new CommandError(
  'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
);
export const BUSY_FUNCTION = new CommandError(
  'BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.',
);
export const UNKILLABLE = new CommandError(
  'UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.',
);
export const NOTBUSY = new CommandError('NOTBUSY No scripts in execution right now.');
/** The script says of itself that it writes. */
export const SCRIPT_WRITES = new CommandError('ERR Can not execute a script with write flag using *_ro command.');

export const NO_DEBUGGER = new CommandError('ERR there is no debugger for scripts here');

export const NO_LIBRARY = new CommandError('ERR Library not found');
export const NO_FUNCTION = new CommandError('ERR Function not found');
export const BAD_KEY_COUNT = new CommandError('ERR Bad number of keys provided');
export const FUNCTION_FLUSH_OPTION = new CommandError('ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
export const RESTORE_POLICY = new CommandError(
  'ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.',
);
export const INVALID_LIBRARY_NAME = new CommandError(
  'ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long',
);

// What redis.call() says.
export const SCRIPT_NO_ARGUMENTS = new CommandError('ERR Please specify at least one argument for this redis lib call');
export const SCRIPT_ARGUMENT_TYPE = new CommandError('ERR Lua redis lib command arguments must be strings or integers');
export const SCRIPT_UNKNOWN_COMMAND = new CommandError('ERR Unknown Redis command called from script');
export const SCRIPT_ARITY = new CommandError('ERR Wrong number of args calling Redis command from script');
export const SCRIPT_DENIED_COMMAND = new CommandError('ERR This Redis command is not allowed from script');
export const SCRIPT_READ_ONLY = new CommandError('ERR Write commands are not allowed from read-only scripts.');
export function noBlockInScript(command: string): CommandError {
  return new CommandError(`ERR ${command} command is not allowed with BLOCK option from scripts`);
}

export function libraryExists(name: string): CommandError {
  return new CommandError(`ERR Library '${name}' already exists`);
}

/** The same where libraries of a payload join those that there are. */
export function joinedLibraryExists(name: string): CommandError {
  return new CommandError(`ERR Library ${name} already exists`);
}

export const SCRIPT_INVALID_COMMAND = new CommandError('ERR Invalid command passed to redis.acl_check_cmd()');

// ---- Saving, shutting down, DEBUG

export const SAVE_IN_PROGRESS = new CommandError('ERR Background save already in progress');
/** SAVE's answer when the file cannot be written: the log says why. */
export const SAVE_FAILED = new CommandError('ERR');
export const SHUTDOWN_FAILED = new CommandError('ERR Errors trying to SHUTDOWN. Check logs.');
export const NO_SHUTDOWN = new CommandError('ERR No shutdown in progress.');
export const DEBUG_RELOAD_OPTION = new CommandError(
  'ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.',
);
export const DEBUG_PROTOCOL_TYPE = new CommandError(
  'ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
);
export const NOT_RESP2 = new CommandError('ERR RESP2 is not supported by this command');
export const NOT_SDS = new CommandError('ERR Not an sds encoded string.');
export const NOT_LISTPACK = new CommandError('ERR Not a listpack encoded object.');
export const NOT_QUICKLIST = new CommandError('ERR Not a quicklist encoded object.');
export const PACKED_THRESHOLD = new CommandError(
  'ERR argument must be a memory value bigger than 1 and smaller than 4gb',
);
export const DEBUG_DISABLED = new CommandError(
  'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
);
