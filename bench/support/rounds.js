/** CPU per command of several servers, which take turns under the same loads. */
import { median } from './histogram.js';
import { redisBenchmark } from './load.js';
import { judged } from './report.js';

/**
 * Runs every load on all servers in turn, once to warm up and then `rounds` times. A load has
 *
 * - `name`, and `requests` at full scale;
 * - `args` and `command` for redis-benchmark, or `drive(server, requests)`, which returns requests per second;
 * - perhaps `before(server, requests)` and `after()`, which are not measured.
 *
 * Returns per load's name and server's name a list of { cpu, kernel, rps }: microseconds per command, and those of them
 * in the kernel.
 */
export async function alternate(loads, servers, { rounds, scale, log }) {
  const results = new Map(loads.map(({ name }) => [name, Object.fromEntries(servers.map((s) => [s.name, []]))]));
  for (let round = 0; round <= rounds; round++) {
    for (const load of loads) {
      // redis-benchmark sends whole pipelines; 1,600 keep all connections busy once or twice.
      const requests = Math.ceil(Math.max(load.atLeast ?? 1_600, load.requests * scale) / 16) * 16;
      for (let turn = 0; turn < servers.length; turn++) {
        // Another server goes first in every round.
        const server = servers[(turn + round) % servers.length];
        await load.before?.(server, requests);
        const before = server.cpu();
        const kernelBefore = server.kernelCpu();
        const rps = await (load.drive?.(server, requests) ??
          redisBenchmark(server.port, ['-n', `${requests}`, ...load.args, ...(load.command ?? [])]));
        const cpu = (server.cpu() - before) / requests;
        const kernel = (server.kernelCpu() - kernelBefore) / requests;
        await load.after?.();
        log(`${round === 0 ? 'warm-up' : `round ${round}`}  ${load.name}  ${server.name}  ${cpu.toFixed(2)} µs`);
        if (round > 0) results.get(load.name)[server.name].push({ cpu, kernel, rps });
      }
    }
  }
  return results;
}

/**
 * What alternate() found as rows of a report, redstart beside redis-server, and as lines of a table. A load's `bar` is
 * a ratio, or `{ microseconds }` of our own; one without a bar has no row.
 */
export function summarize(loads, names, results) {
  const rows = [];
  const table = [];
  for (const { name, bar, whyNot } of loads) {
    const medians = (field) => names.map((server) => median(results.get(name)[server].map((round) => round[field])));
    const [cpu, kernel, rps] = ['cpu', 'kernel', 'rps'].map(medians);
    const ratio = cpu[0] / cpu[1];
    if (bar !== undefined) {
      const measured = `${ratio.toFixed(2)} (${cpu[0].toFixed(2)} / ${cpu[1].toFixed(2)} µs)`;
      const isAbsolute = bar.microseconds !== undefined;
      const limit = isAbsolute ? `<= ${bar.microseconds} µs` : `<= ${bar.toFixed(2)} of redis-server`;
      const isWithin = isAbsolute ? cpu[0] <= bar.microseconds : ratio <= bar;
      rows.push(judged({ what: name, bar: limit, measured }, isWithin, whyNot));
    }
    const times = cpu.map((us, i) => `${us.toFixed(2)} (${kernel[i].toFixed(2)})`);
    table.push([name, ...times, ...rps.map((n) => Math.round(n).toLocaleString('en'))]);
  }
  return { rows, table };
}

export const tableHead = (names) => [
  'load',
  ...names.map((n) => `${n} µs (kernel)`),
  ...names.map((n) => `${n} req/s`),
];
