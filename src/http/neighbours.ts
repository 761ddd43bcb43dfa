/** What stands beside an API whose paths begin with any command: names that other APIs serve are not its own. */
import type { ApiContext } from './route.js';

/**
 * Which first segments, below its mount, are those of an API whose paths begin with a command: every command, so that
 * nobody else can have one there, and whatever nobody else has. To be asked when all APIs are there.
 */
export function commandSegments(name: string, { gateway, mounts }: ApiContext): (segment: string) => boolean {
  const { table } = gateway.engine;
  let others: ReadonlySet<string> | undefined;
  return (segment) => {
    others ??= segmentsOfOthers(name, mounts);
    return !others.has(segment) || table.named(segment.toLowerCase()) !== undefined;
  };
}

function segmentsOfOthers(name: string, mounts: ApiContext['mounts']): ReadonlySet<string> {
  const own = `${mounts.find(({ api }) => api.name === name)?.prefix ?? ''}/`;
  const segments = new Set<string>();
  for (const { api, prefix } of mounts) {
    if (api.name === name) continue;
    for (const { path } of api.routes) {
      const whole = prefix + path;
      if (!whole.startsWith(own)) continue;
      const [first] = whole.slice(own.length).split('/', 1);
      if (first !== '' && !first.startsWith('{')) segments.add(first);
    }
  }
  return segments;
}
