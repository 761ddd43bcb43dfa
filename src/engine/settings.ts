/** The directives that configure an engine: how much memory data may take. */
import { bind } from '../config/binding.js';
import type { Engine } from './engine.js';

export const memoryLimitSettings = bind(['maxmemory'], (get, engine: Engine) => {
  engine.limitMemory(get('maxmemory'));
});
