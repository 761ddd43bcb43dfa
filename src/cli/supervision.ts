/**
 * Who looks after the process: `daemonize` sends it into the background, `supervised` tells a service manager that it
 * is ready.
 *
 * A process can't fork itself here, so going into the background is starting the program anew, detached, after the
 * configuration was found to be right. Under a service manager, or as the first process of a container, that would end
 * what it looks after: there the program goes on where it is, and says so.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { Config } from '../config/config.js';
import type { Logger } from '../engine/logger.js';

/** Tells the detached program that it is that. */
const DETACHED = 'REDSTART_DETACHED';

/** Environment variables by which service managers and process managers are known. */
const SUPERVISORS: readonly (readonly [variable: string, name: string])[] = [
  ['NOTIFY_SOCKET', 'systemd'],
  ['UPSTART_JOB', 'upstart'],
  ['SUPERVISOR_ENABLED', 'supervisord'],
  ['pm_id', 'pm2'],
];

function supervisor(config: Config): string | undefined {
  if (config.get('supervised') !== 'no') return 'supervised';
  if (process.pid === 1) return 'the first process of a container';
  return SUPERVISORS.find(([variable]) => process.env[variable] !== undefined)?.[1];
}

/** Where a process is after goIntoBackground(). */
export type Place = 'foreground' | 'background' | 'done';

/**
 * Starts the program anew in the background if `daemonize` asks for it; this process is `done` then, and the new one
 * finds that it is in the background. `standardInput` is what was read of it.
 */
export function goIntoBackground(config: Config, standardInput: string | null): Place {
  if (process.env[DETACHED] !== undefined) {
    delete process.env[DETACHED];
    return 'background';
  }
  if (!config.get('daemonize') || supervisor(config) !== undefined) return 'foreground';
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: [standardInput === null ? 'ignore' : 'pipe', 'ignore', 'ignore'],
    env: { ...process.env, [DETACHED]: '1' },
  });
  child.stdin?.end(standardInput);
  child.unref();
  return 'done';
}

/** Why `daemonize yes` was not followed, if it was not. */
export function warnOfForeground(config: Config, logger: Logger): void {
  const by = supervisor(config);
  if (!config.get('daemonize') || by === undefined) return;
  logger.warn(`daemonize yes: staying in the foreground, because something looks after this process (${by})`);
}

/** Tells the service manager that `supervised` names, or that is found, that clients are served. */
export function tellReady(config: Config, logger: Logger): void {
  const mode = config.get('supervised');
  if (mode === 'upstart' || (mode === 'auto' && process.env['UPSTART_JOB'] !== undefined)) tellUpstart(logger);
  else if (mode === 'systemd' || (mode === 'auto' && process.env['NOTIFY_SOCKET'] !== undefined)) tellSystemd(logger);
}

function tellUpstart(logger: Logger): void {
  if (process.env['UPSTART_JOB'] === undefined) {
    logger.warn('upstart supervision requested, but UPSTART_JOB not found');
    return;
  }
  logger.info('supervised by upstart, will stop to signal readiness');
  delete process.env['UPSTART_JOB'];
  process.kill(process.pid, 'SIGSTOP');
}

/**
 * Node has no sockets of datagrams within the machine; systemd's own program has. It needs NotifyAccess=all in the
 * unit.
 */
function tellSystemd(logger: Logger): void {
  if (process.env['NOTIFY_SOCKET'] === undefined) {
    logger.warn('systemd supervision requested but NOTIFY_SOCKET not found');
    return;
  }
  const message = [`--pid=${process.pid}`, '--ready', '--status=Ready to accept connections'];
  const { status, error } = spawnSync('systemd-notify', message, { stdio: 'ignore', timeout: 5000 });
  if (status === 0) logger.info('supervised by systemd, which was told that the server is ready');
  else logger.warn(`systemd could not be told that the server is ready: ${error?.message ?? `status ${status}`}`);
}
