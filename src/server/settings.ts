/** All bindings of a server: which part of it each of them configures. */
import type { Binding } from '../config/binding.js';
import type { Config } from '../config/config.js';
import type { Engine } from '../engine/engine.js';
import { memoryLimitSettings } from '../engine/settings.js';
import { timingSettings } from '../features/observing/settings.js';
import { Timing } from '../features/observing/timing.js';
import type { Persistence } from '../features/persistence/persistence.js';
import { persistenceSettings } from '../features/persistence/settings.js';
import { KeyspaceNotifications, notificationSettings } from '../features/pubsub/keyspace-notifications.js';
import { evictionSettings } from '../keyspace/settings.js';
import { requestSettings } from './connections/settings.js';
import type { Turns } from './connections/turns.js';

export interface ConfiguredParts {
  readonly engine: Engine;
  readonly turns: Turns;
  readonly persistence: Persistence;
}

const ofEngine = [memoryLimitSettings];

/** Puts directives where they are read without asking the configuration, now and whenever they change. */
export function bindSettings(config: Config, { engine, turns, persistence }: ConfiguredParts): void {
  bindAll(config, engine.keyspace.types.settings, engine.keyspace);
  config.bind(evictionSettings, engine.keyspace);
  bindAll(config, ofEngine, engine);
  config.bind(timingSettings, engine.feature(Timing));
  config.bind(notificationSettings, engine.feature(KeyspaceNotifications));
  config.bind(persistenceSettings, persistence);
  config.bind(requestSettings, turns);
}

function bindAll<Target>(config: Config, bindings: readonly Binding<Target>[], target: Target): void {
  for (const binding of bindings) config.bind(binding, target);
}
