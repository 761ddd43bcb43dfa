/** What a library knows of the Lua that it is opened in. */

import type { RandomNumbers } from './random-numbers.js';
import type { Table } from './table.js';
import type { LuaFunction } from './value.js';

export interface State {
  readonly globals: Table;
  /** Which several may share. */
  readonly randomNumbers: RandomNumbers;
  /** Compiles a text; throws a LuaError for one that is none of Lua's. */
  load(source: string, chunkName: string): LuaFunction;
}
