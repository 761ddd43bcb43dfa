/** What a test must see of a server that its public face does not show. */

import type { Engine } from '../../src/engine/engine.js';
import type { Clients } from '../../src/server/clients/clients.js';
import type { EngineServer } from '../../src/server/engine-server.js';
import type { RedisServer } from '../../src/server/redis-server.js';
import type { Background } from '../../src/server/time/background.js';

export interface Inside {
  readonly engine: Engine;
  readonly clients: Clients;
  readonly engineServer: EngineServer;
  readonly background: Background;
}

export function insideOf(server: RedisServer): Inside {
  // The names are checked: they are private, which brackets may reach.
  return {
    engine: server['engine'],
    clients: server['clients'],
    engineServer: server['engineServer'],
    background: server['background'],
  };
}

export function engineOf(server: RedisServer): Engine {
  return insideOf(server).engine;
}
