/** Loads in groups, each group on servers of its own that are filled once. */
import { alternate, summarize, tableHead } from './rounds.js';
import { contestants, startServer } from './servers.js';

/** A group is { settings, prepare(port), loads }; returns the rows and the table of a report. */
export async function measureGroups(groups, { rounds, scale, log }) {
  const names = contestants();
  const rows = [];
  const body = [];
  for (const { settings = [], prepare, loads } of groups) {
    const servers = [];
    try {
      for (const name of names) servers.push(await startServer(name, settings));
      for (const { port } of servers) await prepare?.(port);
      const summary = summarize(loads, names, await alternate(loads, servers, { rounds, scale, log }));
      rows.push(...summary.rows);
      body.push(...summary.table);
    } finally {
      for (const server of servers) await server.stop();
    }
  }
  return { rows, table: { head: tableHead(names), body } };
}

/** The groups with the reasons of loads that keep no bar; in a trial BENCH_CASE names the loads by how they begin. */
export function chosenGroups(groups, reasons, { scale }) {
  const wanted = scale === 1 ? '' : (process.env.BENCH_CASE ?? '');
  return groups
    .map((group) => ({
      ...group,
      loads: group.loads
        .filter(({ name }) => name.startsWith(wanted))
        .map((load) => ({ whyNot: reasons[load.name], ...load })),
    }))
    .filter(({ loads }) => loads.length > 0);
}
