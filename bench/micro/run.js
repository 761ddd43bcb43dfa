/**
 * Micro benchmarks of the hot path, in process. `node bench/micro/run.js decoder dict` runs only these. What is shipped
 * is one file, so the modules are compiled anew, into .tmp/modules.
 *
 * Each file default-exports functions by name. A function does `UNITS` things per call, so that the loop of the
 * benchmark library does not count.
 */
import { execFileSync } from 'node:child_process';
import Benchmark from 'benchmark';
import { UNITS } from './units.js';

const FILES = ['decoder', 'writer', 'dict', 'table', 'tree', 'runs', 'commands'];
const wanted = process.argv.slice(2);

execFileSync('npx', ['tsc', '-p', 'bench/tsconfig.json'], { stdio: 'inherit' });

for (const file of FILES) {
  if (wanted.length > 0 && !wanted.includes(file)) continue;
  const cases = (await import(`./${file}.js`)).default;
  for (const [name, run] of Object.entries(cases)) {
    const bench = new Benchmark(name, run);
    bench.run();
    if (bench.error) throw bench.error;
    const ns = (bench.stats.mean * 1e9) / UNITS;
    console.log(
      `${file.padEnd(10)} ${name.padEnd(46)} ${ns.toFixed(1).padStart(8)} ns  ±${bench.stats.rme.toFixed(1)} %`,
    );
  }
}
