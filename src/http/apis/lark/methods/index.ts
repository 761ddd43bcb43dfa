/** Every method of lark. */
import type { Method } from '../method.js';
import { adminMethods } from './admin.js';
import { hashMethods } from './hashes.js';
import { keyMethods } from './keys.js';
import { listMethods } from './lists.js';
import { scanMethods } from './scans.js';
import { setMethods } from './sets.js';
import { sortedSetMethods } from './sorted-sets.js';

export const methods: readonly Method[] = [
  ...adminMethods,
  ...keyMethods,
  ...listMethods,
  ...scanMethods,
  ...setMethods,
  ...sortedSetMethods,
  ...hashMethods,
];
