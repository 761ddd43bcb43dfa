/** A client of a redis-server, both of which live as long as the tests of a block. */
import { afterAll, beforeAll } from 'vitest';
import { Oracle } from './oracle.js';
import { RawClient } from './raw-client.js';

/** To be called in the block; `client` is there once its tests run. */
export function useOracle(): { client: RawClient } {
  let oracle: Oracle;
  const used = {} as { client: RawClient };
  beforeAll(async () => {
    oracle = await Oracle.start();
    used.client = await RawClient.connect(oracle);
  });
  afterAll(async () => {
    await used.client.close();
    await oracle.stop();
  });
  return used;
}
