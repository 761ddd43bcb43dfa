/** redstart as a library: a Redis-compatible server inside your process. */

export type { Logger } from './engine/logger.js';
export { CommandError } from './protocol/errors.js';
export { type Reply, ReplyError } from './protocol/reply-reader.js';
export type { CamelCaseDirectives, DirectiveOptions } from './server/directive-options.js';
export { RedisServer, type ShutdownOptions } from './server/redis-server.js';
export { RedisServerError, type RedisServerErrorCode } from './server/server-error.js';
export type { RedisServerOptions } from './server/server-options.js';
export type { ServerSnapshot } from './server/server-snapshot.js';
export type { CommandArgument, ServerSession, SessionOptions } from './server/session.js';
export type { ServerClock } from './server/time/controllable-clock.js';
export { REDIS_VERSION, REDSTART_VERSION } from './version.js';
