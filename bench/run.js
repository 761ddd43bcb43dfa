/**
 * Benchmarks redstart beside redis-server (and valkey-server when it is on PATH) and checks every bar.
 *
 *   npm run bench                        everything
 *   npm run bench -- memory stalls       only these scenarios and what continues their names (stalls-commands)
 *   npm run bench -- --exact collections only this scenario
 *   npm run bench -- --rounds 3          alternating rounds per load (default 5)
 *   npm run bench -- --scale 0.01        small trial: prints, and writes no results
 *
 * BENCH_NODE names another Node to run the server with. Every scenario starts and stops its own servers.
 */
import { parseArgs } from 'node:util';
import { circumstances, loadResults, verdict, writeReport } from './support/report.js';
import { findProgram } from './support/servers.js';

const SCENARIOS = [
  'throughput',
  'commands',
  'collections',
  'scripts',
  'scripts-new',
  'scripts-busy',
  'bullmq',
  'upstash',
  'collections-memory',
  'collections-stalls',
  'latency',
  'memory',
  'stalls',
  'stalls-commands',
  'bgsave',
  'expiry',
  'give-back',
  'snapshot',
  'connections',
  'http-waiting',
  'http-webdis',
  'fairness',
  'start-up',
  'stop',
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    exact: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds);
const scale = Number(values.scale);
const isWanted = (name) =>
  positionals.some((wanted) => name === wanted || (!values.exact && name.startsWith(`${wanted}-`)));
const unknown = positionals.filter((name) => !SCENARIOS.includes(name));
if (unknown.length > 0 || !(rounds >= 1) || !(scale > 0 && scale <= 1)) {
  console.error(`usage: npm run bench -- [--exact] [--rounds n] [--scale 0.01] [${SCENARIOS.join(' | ')}]…`);
  process.exit(2);
}
for (const program of ['redis-server', 'redis-benchmark']) {
  if (findProgram(program) === undefined) {
    console.error(`${program} is not on PATH: there is nothing to compare with`);
    process.exit(2);
  }
}

const results = loadResults();
const where = await circumstances();
let failed = false;
for (const name of SCENARIOS) {
  if (positionals.length > 0 && !isWanted(name)) continue;
  const scenario = await import(`./scenarios/${name}.js`);
  console.log(`\n${scenario.title}`);
  const began = Date.now();
  const log = (text) => console.log(`  ${text}`);
  let result;
  try {
    result = await scenario.run({ rounds, scale, log });
  } catch (error) {
    // The other scenarios still say something.
    console.error(error);
    failed = true;
    result = {
      rows: [{ what: scenario.title, bar: 'runs', measured: `${error.message}`.split('\n')[0], pass: false }],
    };
    result.how = 'The scenario did not come to its end.';
  }
  for (const { what, bar, measured, pass } of result.rows) {
    console.log(`  ${verdict(pass)}  ${what}: ${measured} (bar: ${bar})`);
    if (pass === false) failed = true;
  }
  if (scale !== 1) continue;
  results[name] = { title: scenario.title, seconds: Math.round((Date.now() - began) / 1000), ...where, ...result };
  writeReport(results, SCENARIOS);
}
process.exitCode = failed ? 1 : 0;
