/** Directives: general. */
import { inert, works } from '../directive.js';
import { BOOL, DIRECTORY, INT, INT_MAX, int, oneOf, SHUTDOWN, STRING } from '../value-types.js';
import { NO_REPLICATION } from './reasons.js';

/** Each has its tables from the start: some kilobytes, and 20 µs of it. */
const MOST_DATABASES = 65_536;

export const general = {
  ...works({
    databases: {
      type: int(1, MOST_DATABASES),
      default: '16',
      mutable: false,
      since: '1.0.0',
      doc: 'Number of databases that SELECT can choose from.',
    },
    dir: {
      type: DIRECTORY,
      default: '.',
      protected: true,
      since: '1.0.0',
      doc: 'Directory of the files that the server writes, and from which relative paths count. A relative one counts from the one before, at first from where the program was started.',
    },
    loglevel: {
      type: oneOf('debug', 'verbose', 'notice', 'warning', 'nothing'),
      default: 'notice',
      since: '1.0.0',
      doc: 'How much is logged, from `debug` (most) to `warning` (only what matters) and `nothing`.',
    },
    logfile: {
      type: STRING,
      default: '',
      mutable: false,
      programOnly: true,
      since: '1.0.0',
      doc: 'File that the log is appended to, as lines of JSON; without one it goes to the standard output.',
    },
    daemonize: {
      type: BOOL,
      default: 'no',
      mutable: false,
      programOnly: true,
      since: '1.0.0',
      doc:
        'Runs in the background, detached from the terminal. Under a service manager, or as the first process of ' +
        'a container, the program stays where it is.',
    },
    supervised: {
      type: oneOf('upstart', 'systemd', 'auto', 'no'),
      default: 'no',
      mutable: false,
      programOnly: true,
      since: '3.2.0',
      doc:
        'Service manager to notify when the server is ready. systemd is told by `systemd-notify`, for which the ' +
        'unit needs `NotifyAccess=all`.',
    },
    pidfile: {
      type: STRING,
      default: '',
      mutable: false,
      programOnly: true,
      since: '1.0.0',
      doc: 'File that holds the process id while the server runs; in the background /var/run/redis.pid by default.',
    },
    'shutdown-on-sigint': {
      type: SHUTDOWN,
      default: 'default',
      since: '7.0.0',
      doc:
        'What SIGINT does: `default` saves if there are save points; `save`, `nosave`, `now` and `force` ' +
        'are as for SHUTDOWN.',
    },
    'shutdown-on-sigterm': {
      type: SHUTDOWN,
      default: 'default',
      since: '7.0.0',
      doc: 'What SIGTERM does, in the same words.',
    },
  }),
  ...inert('duties are done ten times a second, and keys expire in their own time', {
    hz: [
      int(0, INT_MAX, { clamp: [1, 500] }),
      '10',
      '2.6.0',
      'How many times a second idle clients and other background duties are looked after.',
    ],
  }),
  ...inert('background duties come in short slices', {
    'dynamic-hz': [BOOL, 'yes', '5.0.0', 'Raises `hz` while many clients are connected.'],
  }),
  ...inert('there is no logo', {
    'always-show-logo': [
      BOOL,
      'no',
      '4.0.0',
      'Shows a logo in the log at start also where no terminal is attached.',
      { mutable: false },
    ],
  }),
  ...inert('the log goes to the standard output or to `logfile`', {
    'syslog-enabled': [BOOL, 'no', '2.2.0', 'Sends the log to the system log.', { mutable: false }],
    'syslog-facility': [
      oneOf('user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'),
      'local0',
      '2.2.0',
      'Facility of the messages in the system log.',
      { mutable: false },
    ],
    'syslog-ident': [
      STRING,
      'redis',
      '2.2.0',
      'Name under which messages appear in the system log.',
      { mutable: false },
    ],
  }),
  ...inert('keys and values are never logged', {
    'hide-user-data-from-log': [BOOL, 'no', '7.4.0', 'Keeps keys and values out of the log.'],
  }),
  ...inert('strings are compared as bytes', {
    'locale-collate': [STRING, '', '7.4.0', 'Locale by which SORT ALPHA orders strings.'],
  }),
  ...inert('nothing is checked that could warn', {
    'ignore-warnings': [STRING, '', '6.2.0', 'Warnings about the system that are not to be given at start.'],
  }),
  ...inert(NO_REPLICATION, {
    'shutdown-timeout': [INT, '10', '7.0.0', 'Seconds that a shutdown waits for replicas to catch up.'],
  }),
} as const;
