#!/usr/bin/env node
/**
 * Runs the program in dist. Compiling it takes 20 to 30 ms, a third of a start, so compiled code is kept: the build's for
 * the V8 that built it (scripts/code-cache.js), elsewhere in Node's own compile cache where there is one (Node 22 and later).
 * CommonJS (see package.json beside it), because Node starts it 5 ms sooner.
 */
'use strict';
const { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } = require('node:fs');
const nodeModule = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const dist = join(__dirname, '../dist');
const program = join(dist, 'cli.cjs');

const compiled = `.${process.arch}-v8-${process.versions.v8}`;

/** By their paths. A file that ran twice would have two classes of each name, and keep two copies of what it holds. */
const loaded = new Map();

/**
 * Runs a file of the build, which is ASCII, and the files that it requires, each with its compiled code where that was
 * kept.
 */
function load(path) {
  const before = loaded.get(path);
  if (before !== undefined) return before.exports;
  const source = readWrapped(path);
  const cachedData = existsSync(path + compiled) ? readFileSync(path + compiled) : undefined;
  const script = new Script(source, { filename: path, cachedData });
  const module = { exports: {} };
  loaded.set(path, module);
  const requireOther = nodeModule.createRequire(path);
  const requireAny = (name) => (name.startsWith('./') ? load(join(dirname(path), name)) : requireOther(name));
  script.runInThisContext()(module.exports, requireAny, module, path, dirname(path));
  return module.exports;
}

/** A file in nodeModule.wrap(), which would join strings: V8 would copy a megabyte once more. */
function readWrapped(path) {
  const [before, after] = nodeModule.wrapper;
  const file = openSync(path);
  const { size } = fstatSync(file);
  const bytes = Buffer.allocUnsafeSlow(before.length + size + after.length);
  bytes.write(before, 'latin1');
  readSync(file, bytes, before.length, size, 0);
  bytes.write(after, before.length + size, 'latin1');
  closeSync(file);
  return bytes.toString('latin1');
}

if (!existsSync(program)) {
  process.stderr.write('redstart is not built yet: run `npm run build`, or start it with `npm start`\n');
  process.exitCode = 1;
} else if (existsSync(join(dist, `redis-server.cjs${compiled}`))) {
  load(program);
} else {
  nodeModule.enableCompileCache?.();
  require(program);
}
