/** Which runtime this is, where it makes a difference. */

/**
 * Bun and Deno imitate Node's sockets: their handles are none of libuv's, and what is written arrives some time later.
 */
export const isNode = !('bun' in process.versions || 'deno' in process.versions);

interface Deno {
  readonly permissions: { querySync(of: { name: 'net'; host: string }): { readonly state: string } };
}

/**
 * Whether the process may connect with itself, over whichever port. Deno asks who starts a program, and a
 * program that tries all the same ends with an error that nobody can catch.
 */
export function isLoopbackAllowed(): boolean {
  const { Deno } = globalThis as { Deno?: Deno };
  return Deno === undefined || Deno.permissions.querySync({ name: 'net', host: '127.0.0.1' }).state === 'granted';
}
