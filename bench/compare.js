/**
 * Has a command become dearer? Runs it in process, decoder to reply writer, with the code of an earlier revision and
 * with the one that is here, alternating, and tells the difference with its 95 % confidence interval.
 *
 *   node bench/compare.js <revision> [--rounds 24] [--command 'GET key:{n}']
 */
import { execFileSync, fork } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '24' }, command: { type: 'string', default: 'GET key:{n}' } },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const revision = execFileSync('git', ['rev-parse', '--short', positionals[0] ?? 'HEAD'], {
  cwd: root,
  encoding: 'utf8',
});
const before = compiled(revision.trim());
const after = `${root}.tmp/modules`;
compile(root, after);

const measured = { before: [], after: [] };
for (let round = 0; round < Number(values.rounds); round++) {
  // Who goes first changes, so that neither gains by it.
  for (const which of round % 2 === 0 ? ['before', 'after'] : ['after', 'before']) {
    measured[which].push(await measure(which === 'before' ? before : after));
  }
}
const difference = measured.after.map((ns, i) => ns - measured.before[i]);
const { mean, halfWidth } = interval(difference);
console.log(
  `${values.command}: ${interval(measured.before).mean.toFixed(1)} ns at ${revision.trim()}, ` +
    `${interval(measured.after).mean.toFixed(1)} ns here; difference ${mean.toFixed(1)} ± ${halfWidth.toFixed(1)} ns ` +
    `(95 %, ${values.rounds} pairs)`,
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

function measure(modules) {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./load/command.js', import.meta.url), [
      JSON.stringify({ modules, command: values.command }),
    ]);
    child.on('message', ({ report }) => resolve(report.ns));
    child.once('exit', (code) => code !== 0 && reject(new Error(`the measuring process ended with ${code}`)));
  });
}

function interval(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, halfWidth: (1.96 * Math.sqrt(variance)) / Math.sqrt(values.length) };
}
