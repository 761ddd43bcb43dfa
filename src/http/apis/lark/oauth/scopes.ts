/** Which scopes a token gets. */
import type { Allowance } from './records.js';

/** What client and user may both do: of that a token gets what it asks for, all if it asks for nothing. */
export function grantedScopes(
  client: Allowance,
  user: Allowance | undefined,
  requested: readonly string[] | undefined,
): string[] | undefined {
  const possible = user === undefined ? client.scopes : shared(client.scopes, user.scopes);
  if (requested === undefined || requested.length === 0) return [...possible];
  return requested.every((scope) => covers(possible, scope)) ? [...new Set(requested)] : undefined;
}

/** Of two lists, what each has and the other covers: `read:*` and `read:get` share `read:get`. */
function shared(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one.filter((scope) => covers(other, scope)), ...other.filter((scope) => covers(one, scope))])];
}

/** The administrator may do everything, and `read:*` all of `read:`. */
function covers(scopes: readonly string[], scope: string): boolean {
  if (scopes.includes('admin') || scopes.includes(scope)) return true;
  const colon = scope.indexOf(':');
  return colon > 0 && scopes.includes(`${scope.slice(0, colon)}:*`);
}
