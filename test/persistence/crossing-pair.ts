/** A redis-server and a redstart, and a client of each, for values that cross over from one to the other. */
import { RedisServer } from '../../src/index.js';
import { Oracle } from '../support/oracle.js';
import { RawClient } from '../support/raw-client.js';

export interface CrossingPair {
  readonly oracle: Oracle;
  /** The client of redis-server. */
  readonly there: RawClient;
  /** The client of redstart. */
  readonly here: RawClient;
  stop(): Promise<void>;
}

export async function startCrossingPair(): Promise<CrossingPair> {
  const oracle = await Oracle.start();
  const server = await RedisServer.start({ port: 0 });
  const there = await RawClient.connect(oracle);
  const here = await RawClient.connect({ port: server.port });
  return {
    oracle,
    there,
    here,
    async stop() {
      await there.close();
      await here.close();
      await server.stop();
      await oracle.stop();
    },
  };
}
