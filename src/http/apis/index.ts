/** The APIs there are: each is a folder, and a line here. */
import type { ApiMaker } from '../route.js';
import { cache } from './cache/index.js';
import { keyValue } from './key-value/index.js';
import { lark } from './lark/index.js';
import { metrics } from './metrics/index.js';
import { service } from './service/index.js';
import { upstash } from './upstash/index.js';
import { webdis } from './webdis/index.js';

export const apis: readonly ApiMaker[] = [lark, keyValue, cache, service, metrics, upstash, webdis];
