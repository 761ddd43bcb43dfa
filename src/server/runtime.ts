/** Which runtime this is, where it makes a difference. */

/**
 * Bun and Deno imitate Node's sockets: their handles are none of libuv's, and what is written arrives some time later.
 */
export const isNode = !('bun' in process.versions || 'deno' in process.versions);
