/** Every public name, used from CommonJS TypeScript with the strictest look at declarations. */
import {
  type CommandArgument,
  CommandError,
  type Logger,
  REDIS_VERSION,
  REDSTART_VERSION,
  RedisServer,
  RedisServerError,
  type RedisServerErrorCode,
  type RedisServerOptions,
  type Reply,
  ReplyError,
  type ServerClock,
  type ServerSession,
  type ServerSnapshot,
  type SessionOptions,
  type ShutdownOptions,
} from 'redstart';

const logger: Logger = console;
const options: RedisServerOptions = { port: 0, logger, maxmemoryPolicy: 'allkeys-lru', 'maxmemory-samples': 5 };

async function main(): Promise<void> {
  const server = await RedisServer.start(options);
  const command: CommandArgument[] = ['SET', 'k', Buffer.from('v')];
  const reply: Reply = await server.execute(...command);
  const count: number = await server.execute<number>('INCR', 'n');
  const bytes: Buffer = await server.executeBuffer<Buffer>('GET', 'k');
  const snapshot: ServerSnapshot = server.snapshot();
  server.restore(snapshot);
  snapshot.close();
  const sessionOptions: SessionOptions = { onMessage: (message: Reply) => console.log(message) };
  const session: ServerSession = server.session(sessionOptions);
  await session.execute('SELECT', 1);
  const clock: ServerClock = server.clock;
  await clock.advance(5);
  const code: RedisServerErrorCode | undefined = await RedisServer.start({ port: -1 }).then(
    () => undefined,
    (error: unknown) => (error instanceof RedisServerError ? error.code : undefined),
  );
  const failed = await server.execute('LPUSH', 'k', 'v').catch((error: unknown) => error instanceof ReplyError);
  console.log(reply, count, bytes.toString(), code, failed, REDIS_VERSION, typeof REDSTART_VERSION);
  const ending: ShutdownOptions = { save: false };
  try {
    server.shutdown(ending);
  } catch (error) {
    if (error instanceof CommandError) console.log(error.code);
  }
  await server.closed;
}

void main();
