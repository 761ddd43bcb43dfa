import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../src/config/command-line.js';
import { Config } from '../../../src/config/config.js';
import { COMMAND_LINE, checkRefusals, configurationFile, loadConfigText } from '../../../src/config/config-file.js';
import { quoteWord, splitWords } from '../../../src/config/words.js';
import { Glob } from '../../../src/text/glob.js';

const noFiles = { read: () => '', matching: () => [] };

function load(text: string, files: Record<string, string> = {}): Config {
  const config = new Config();
  loadConfigText(config, text, configurationFile('/etc/redis.conf'), {
    read(path) {
      if (files[path] === undefined) throw new Error('no such file');
      return files[path];
    },
    matching: (pattern) =>
      Object.keys(files)
        .filter((path) => new Glob(pattern).matchesText(path))
        .sort(),
  });
  checkRefusals(config);
  return config;
}

describe('a configuration file', () => {
  test('holds comments, empty lines, names in any case and quoted values', () => {
    const config = load('# comment\r\n\n  PORT 7000\r\n\trequirepass "a b\\x41\\n\\"#"\ndbfilename \'it\\\'s\'\n');
    expect(config.get('port')).toBe(7000);
    expect(config.get('requirepass')).toBe('a bA\n"#');
    expect(config.get('dbfilename')).toBe("it's");
  });

  test('includes other files in place', () => {
    const config = load('port 1\ninclude /more.conf\ntimeout 3', { '/more.conf': 'port 2\ntimeout 2' });
    expect([config.get('port'), config.get('timeout')]).toEqual([2, 3]);
  });

  test.each([
    [
      'port 7000\n  maxclients   "abc" ',
      "line 2\n>>> 'maxclients   \"abc\"'\nargument couldn't be parsed into an integer",
    ],
    ['nonsense 1', "line 1\n>>> 'nonsense 1'\nBad directive or wrong number of arguments"],
    ['\n\nsave "60', "line 3\n>>> 'save \"60'\nUnbalanced quotes in configuration line"],
    ['dir "a"b', 'line 1\n>>> \'dir "a"b\'\nUnbalanced quotes in configuration line'],
    ['port', "line 1\n>>> 'port'\nwrong number of arguments"],
    ['port 1 2', "line 1\n>>> 'port 1 2'\nwrong number of arguments"],
    ['save 60', "line 1\n>>> 'save 60'\nInvalid save parameters"],
    ['maxmemory 10%', "line 1\n>>> 'maxmemory 10%'\nargument must be a memory value"],
    ['include /no', "line 1\n>>> 'include /no'\ncan't open config file '/no': no such file"],
    ['loadmodule /m.so', "line 1\n>>> 'loadmodule /m.so'\nnot supported by redstart: native modules cannot be loaded"],
    ['appendonly yes', "line 1\n>>> 'appendonly yes'\nnot supported by redstart: there is no append-only file yet"],
  ])('%j is answered with file, line and reason', (text, place) => {
    expect(() => load(text)).toThrow(`Reading the configuration file /etc/redis.conf, at ${place}`);
  });

  test('a wrong line of an included file is reported with that file', () => {
    expect(() => load('\ninclude /b.conf', { '/b.conf': '\nhz x' })).toThrow(
      "Reading the configuration file /b.conf, at line 2\n>>> 'hz x'\nargument couldn't be parsed into an integer",
    );
  });

  test('what is refused may be taken back by a later line', () => {
    expect(load('appendonly yes\nport 7\nappendonly no').get('port')).toBe(7);
    expect(() => load('appendonly no\nappendonly YES')).toThrow(
      "at line 2\n>>> 'appendonly YES'\nnot supported by redstart: ",
    );
  });

  test('includes all files that a pattern names, in order, and none is fine', () => {
    const files = { '/conf.d/b.conf': 'timeout 2', '/conf.d/a.conf': 'timeout 1\nport 1', '/conf.d/x': 'nonsense' };
    const config = load('include /conf.d/*.conf\ninclude /conf.d/no*.conf', files);
    expect([config.get('port'), config.get('timeout')]).toEqual([1, 2]);
  });

  test.each([
    ['replicaof h 6379', 'not supported by redstart: there is no replication yet'],
    ['replicaof h p', 'Invalid master port'],
    ['replicaof h', 'wrong number of arguments'],
    ['rename-command FLUSHAL ""', 'No such command in rename-command'],
    ['rename-command GET SET', 'Target command name already exists'],
    ['rename-command GET', 'Bad directive or wrong number of arguments'],
    ['user alice on', 'not supported by redstart: there are no users beside the default one yet'],
    ['shutdown-on-sigterm save nosave', "shutdown options SAVE and NOSAVE can't be used simultaneously"],
  ])('%j is refused with the reason', (line, reason) => {
    expect(() => load(line)).toThrow(`at line 1\n>>> '${line}'\n${reason}`);
  });

  test.each([
    ['user default on nopass ~* &* +@all', ''],
    ['user default on nopass sanitize-payload ~* &* +@all\nuser default on nopass allkeys allchannels allcommands', ''],
    ['requirepass abc\nuser default on >abc ~* &* +@all', 'abc'],
    [
      'user default on #ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad ~* &* +@all\nrequirepass abc',
      'abc',
    ],
    ['user default on >abc ~* &* +@all', 'abc'],
  ])('%j asks for what is so anyway, or for a password', (text, password) => {
    expect(load(text).get('requirepass')).toBe(password);
  });

  test.each([
    'user default off',
    'user default on nopass',
    'user default on nopass ~* &* +@all -flushall',
    'user default on nopass ~cached:* &* +@all',
    'user default on nopass ~* resetchannels +@all',
    'user default on >abc >def ~* &* +@all',
    'requirepass abc\nuser default on nopass ~* &* +@all',
    'requirepass abc\nuser default on >def ~* &* +@all',
    'user default on #ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad ~* &* +@all',
  ])('%j is refused: the default user may do everything', (text) => {
    expect(() => load(text)).toThrow('not supported by redstart: the default user may do everything');
  });

  test('files that include one another are an error', () => {
    expect(() => load('include /a', { '/a': 'include /a' })).toThrow('files include one another too deeply');
  });
});

describe('words', () => {
  test.each(['plain', 'two words', '', '"', "it's", '#', 'a\nb\x01\x7f', 'back\\slash', 'ünïcode'])(
    '%j can be quoted and read again',
    (word) => {
      expect(splitWords(`x ${quoteWord(word)} y`)).toEqual(['x', word, 'y']);
    },
  );
});

describe('the command line', () => {
  function configOf(...argv: string[]): Config {
    const config = new Config();
    for (const line of parseCommandLine(argv).lines) loadConfigText(config, line, COMMAND_LINE, noFiles);
    return config;
  }

  test('takes any directive, with several values and several times', () => {
    const config = configOf('--port', '6380', '--save', '60', '100', '--save', '300', '10', '--requirepass', 'a b"c');
    expect(config.get('port')).toBe(6380);
    expect(config.text('save')).toBe('60 100 300 10');
    expect(config.get('requirepass')).toBe('a b"c');
  });

  test('--save "" and --save alone turn saving off', () => {
    expect(configOf('--save', '').get('save')).toEqual([]);
    expect(configOf('--save', '--port', '1').get('save')).toEqual([]);
  });

  test('one word may hold a whole line', () => {
    expect(configOf('--maxmemory 1kb').get('maxmemory')).toBe(1024);
  });

  test('a file comes first; - asks for the standard input, first or last', () => {
    expect(parseCommandLine(['redis.conf', '--port', '1'])).toEqual({
      file: 'redis.conf',
      readsStandardInput: false,
      options: {},
      lines: ['port "1"'],
    });
    expect(parseCommandLine(['-', '--port', '1'])).toMatchObject({ file: null, readsStandardInput: true });
    expect(parseCommandLine(['redis.conf', '--port', '1', '-'])).toMatchObject({
      file: 'redis.conf',
      readsStandardInput: true,
      lines: ['port "1"'],
    });
    expect(parseCommandLine([])).toEqual({ file: null, readsStandardInput: false, options: {}, lines: [] });
  });

  test('the first word after an option is its value, whatever it looks like', () => {
    expect(configOf('--requirepass', '--abc', '--port', '1').get('requirepass')).toBe('--abc');
    expect(configOf('--requirepass', '--').get('requirepass')).toBe('--');
    expect(configOf('--timeout', '5', '--').get('timeout')).toBe(5);
    expect(() => configOf('--requirepass', '--port', '1')).toThrow(
      '>>> \'requirepass "--port" "1"\'\nwrong number of arguments',
    );
  });

  test.each([
    [['-p', '7340'], "Unknown option '-p'. Write --port 7340."],
    [['-p7340'], "Unknown option '-p7340'. Write --port 7340."],
    [['--port=7340'], "Unknown option '--port=7340'. Write --port 7340"],
    [['--max-memory=1gb', '--port', '1'], "Unknown option '--max-memory=1gb'. Write --maxmemory 1gb"],
    [['--log-format=json'], "Unknown option '--log-format=json'. Write --log-format json"],
    [['-x'], "Unknown option '-x'. Options are directives after two dashes: --port 7340."],
  ])('%j is answered with what to write', (argv, answer) => {
    expect(() => parseCommandLine(argv)).toThrow(answer);
  });

  test.each([
    ['prot', 'port'],
    ['maxmemory-polcy', 'maxmemory-policy'],
    ['max_memory', 'maxmemory'],
    ['appendOnly-', 'appendonly'],
    ['log-level', 'loglevel'],
    ['renam-command', 'rename-command'],
  ])('a misspelt %s is told what it may have been', (name, meant) => {
    expect(() => configOf(`--${name}`, 'x')).toThrow(`wrong number of arguments\nDid you mean '${meant}'?`);
  });

  test('what is like no directive gets no suggestion', () => {
    expect(() => configOf('--xyzzy', 'x')).toThrow(/wrong number of arguments$/);
  });

  test('options of the program are no lines', () => {
    expect(parseCommandLine(['--log-format', 'json', '--port', '1', '--transport events'])).toMatchObject({
      options: { 'log-format': 'json', transport: 'events' },
      lines: ['port "1"'],
    });
  });

  test('a wrong option is answered with itself and the reason', () => {
    expect(() => configOf('--port', '0', '--maxclients', 'abc')).toThrow(
      "Reading the command line\n>>> 'maxclients \"abc\"'\nargument couldn't be parsed into an integer",
    );
  });
});
