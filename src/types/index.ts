/** All data types and their commands: a line for each folder here. */

import type { CommandRow } from '../engine/command.js';
import { type DataType, DataTypes } from '../keyspace/data-type.js';
import { bitmap } from './bitmap/index.js';
import { geo } from './geo/index.js';
import { hash } from './hash/index.js';
import { list } from './list/index.js';
import { set } from './set/index.js';
import { stream } from './stream/index.js';
import { string } from './string/index.js';
import { zset } from './zset/index.js';

/** What the index.ts of a folder here exports. */
export interface TypeFolder {
  /** Folders of commands over another folder's values have none. */
  readonly type?: DataType;
  readonly commands: readonly CommandRow[];
}

export const typeFolders: readonly TypeFolder[] = [string, bitmap, list, set, zset, geo, hash, stream];

export const dataTypes = registryOf(typeFolders);

export const typeCommands: readonly CommandRow[] = typeFolders.flatMap(({ commands }) => commands);

export function registryOf(folders: readonly TypeFolder[]): DataTypes {
  return new DataTypes(folders.flatMap(({ type }) => type ?? []));
}
