/**
 * Has a command become dearer? Runs it in process, decoder to reply writer, with the code of an earlier revision and
 * with the one that is here, both in one process, alternating every few milliseconds, so that what else the machine
 * does meets both alike; several processes, since V8 does not decide the same in each. Tells the difference with its
 * 95 % confidence interval.
 *
 *   node bench/compare.js <revision> [--rounds 10] [--keys 10000] [--command 'GET key:{n}'] [--setup 'RPUSH l a b']
 */
import { execFileSync, fork } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '10' },
    keys: { type: 'string', default: '10000' },
    command: { type: 'string', default: 'GET key:{n}' },
    setup: { type: 'string', default: 'PING' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const revision = execFileSync('git', ['rev-parse', '--short', positionals[0] ?? 'HEAD'], {
  cwd: root,
  encoding: 'utf8',
});
const before = compiled(revision.trim());
const after = `${root}.tmp/modules`;
compile(root, after);

const measured = [];
// Who is loaded first changes, so that neither gains by it.
for (let round = 0; round < Number(values.rounds); round++)
  measured.push(await measure(before, after, round % 2 === 0));
const percent = interval(measured.map((ns) => (ns.after / ns.before - 1) * 100));
console.log(
  `${values.command}: ${interval(measured.map((ns) => ns.before)).mean.toFixed(1)} ns at ${revision.trim()}, ` +
    `${interval(measured.map((ns) => ns.after)).mean.toFixed(1)} ns here; difference ${percent.mean.toFixed(1)} ± ` +
    `${percent.halfWidth.toFixed(1)} % (95 %, ${values.rounds} processes)`,
);

/** The modules of a revision, compiled with the packages that are installed here. */
function compiled(name) {
  const folder = `${root}.tmp/revisions/${name}`;
  if (!existsSync(`${folder}/modules`)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    execFileSync('sh', ['-c', `git archive ${name} | tar -x -C '${folder}'`], { cwd: root });
    symlinkSync(`${root}node_modules`, `${folder}/node_modules`);
    compile(folder, `${folder}/modules`);
  }
  return `${folder}/modules`;
}

function compile(folder, output) {
  const options = ['--outDir', output, '--noEmit', 'false', '--emitDeclarationOnly', 'false', '--declaration', 'false'];
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json', ...options], { cwd: folder, stdio: 'inherit' });
}

function measure(before, after, isBeforeFirst) {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./load/command.js', import.meta.url), [
      JSON.stringify({
        before,
        after,
        isBeforeFirst,
        keys: Number(values.keys),
        command: values.command,
        setup: values.setup,
      }),
    ]);
    child.on('message', ({ report }) => resolve(report));
    child.once('exit', (code) => code !== 0 && reject(new Error(`the measuring process ended with ${code}`)));
  });
}

function interval(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, halfWidth: (1.96 * Math.sqrt(variance)) / Math.sqrt(values.length) };
}
