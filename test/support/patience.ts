/** After so long what does not happen never will; a test that others run beside may wait for seconds. */
export const PATIENCE_MS = 30_000;
