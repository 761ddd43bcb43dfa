/** redstart as a library: a Redis-compatible server inside your process. */
export type { Config, ConfigInput } from './config/config.js';
export { ConfigError } from './config/value-types.js';
export { type Reply, ReplyError } from './protocol/reply-reader.js';
export type { Logger } from './server/logger.js';
export { type CommandArgument, RedisServer, type ServerSnapshot } from './server/redis-server.js';
export type { DirectiveOptions, RedisServerOptions } from './server/server-options.js';
export type { ControllableClock } from './server/time/controllable-clock.js';
export { REDIS_VERSION, REDSTART_VERSION } from './version.js';
