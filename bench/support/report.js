/**
 * Keeps what the scenarios measured in bench/results.json, so that one can be run alone, and writes bench/results.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { contestants, versionOf } from './servers.js';

const JSON_FILE = fileURLToPath(new URL('../results.json', import.meta.url));
const MD_FILE = fileURLToPath(new URL('../results.md', import.meta.url));

/** How latencies are judged; the tables show both. */
export const OWN_TIME =
  'The bar holds for own time: the latency less the time that the server and the probe waited for a CPU which the kernel had given to others, and no more than the CPU time of the server meanwhile.';

const EXPLAINED = 'explained';

/** A row with its verdict. Where the bar does not hold, and profiles have told why not, the row says it. */
export function judged({ what, bar, measured }, isWithin, whyNot) {
  if (isWithin || whyNot === undefined) return { what, bar, measured, pass: isWithin };
  return { what, bar, measured: `${measured}: ${whyNot}`, pass: EXPLAINED };
}

export function loadResults() {
  return existsSync(JSON_FILE) ? JSON.parse(readFileSync(JSON_FILE, 'utf8')) : {};
}

/** Where and with what a scenario was measured. */
export async function circumstances() {
  const [{ model }] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} x ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}`,
    versions: await Promise.all(contestants().map(versionOf)),
  };
}

/**
 * Undecided: the machine's own gaps are longer than the bar (floor.js). Explained: over the bar, and the row says why.
 */
export function verdict(pass) {
  if (pass === EXPLAINED) return pass;
  return pass === null ? 'undecided' : pass ? 'pass' : '**FAIL**';
}

/** `order` lists the scenarios' names as they should appear. */
export function writeReport(results, order) {
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 2)}\n`);
  const names = order.filter((name) => name in results);
  const lines = [
    '# Measured',
    '',
    'Written by `npm run bench`; `npm run bench -- memory stalls` measures these two again.',
    '',
  ];
  lines.push('| | what | bar | measured |', '| --- | --- | --- | --- |');
  for (const name of names) {
    for (const { what, bar, measured, pass } of results[name].rows) {
      lines.push(`| ${verdict(pass)} | ${what} | ${bar} | ${measured} |`);
    }
  }
  for (const name of names) {
    const { title, how, table, date, machine, versions, seconds } = results[name];
    lines.push('', `## ${title}`, '', how, '');
    if (table) {
      lines.push(`| ${table.head.join(' | ')} |`, `|${' --- |'.repeat(table.head.length)}`);
      for (const row of table.body) lines.push(`| ${row.join(' | ')} |`);
      lines.push('');
    }
    lines.push(`${date}, ${seconds} s, ${machine}; ${versions.join(', ')}.`);
  }
  writeFileSync(MD_FILE, `${lines.join('\n')}\n`);
}
