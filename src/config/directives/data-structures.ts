/** Directives: data structures. */
import { inert, works } from '../directive.js';
import { INT, INT_MAX, int, LONG, SIZE } from '../value-types.js';

export const dataStructures = {
  ...works({
    'list-max-listpack-size': {
      type: int(-2147483648, INT_MAX),
      default: '-2',
      aliases: ['list-max-ziplist-size'],
      since: '3.2.0',
      doc:
        'Largest list that OBJECT ENCODING calls a listpack: a number of elements, or bytes as -1 (4 kB) ' +
        'to -5 (64 kB).',
    },
    'set-max-intset-entries': {
      type: LONG,
      default: '512',
      since: '2.2.0',
      doc: 'Members up to which OBJECT ENCODING calls a set of integers an intset.',
    },
    'set-max-listpack-entries': {
      type: LONG,
      default: '128',
      since: '7.2.0',
      doc: 'Members up to which OBJECT ENCODING calls a set a listpack.',
    },
    'set-max-listpack-value': {
      type: SIZE,
      default: '64',
      since: '7.2.0',
      doc: 'Longest member of a set that OBJECT ENCODING calls a listpack.',
    },
    'zset-max-listpack-entries': {
      type: LONG,
      default: '128',
      aliases: ['zset-max-ziplist-entries'],
      since: '2.4.0',
      doc: 'Members up to which OBJECT ENCODING calls a sorted set a listpack.',
    },
    'zset-max-listpack-value': {
      type: SIZE,
      default: '64',
      aliases: ['zset-max-ziplist-value'],
      since: '2.4.0',
      doc: 'Longest member of a sorted set that OBJECT ENCODING calls a listpack.',
    },
    'stream-node-max-bytes': {
      type: SIZE,
      default: '4096',
      since: '5.0.0',
      doc: 'Largest node of a stream, which approximate trimming removes as a whole; 0 sets no limit.',
    },
    'stream-node-max-entries': {
      type: LONG,
      default: '100',
      since: '5.0.0',
      doc: 'Most entries in a node of a stream; 0 sets no limit.',
    },
    'hash-max-listpack-entries': {
      type: LONG,
      default: '512',
      aliases: ['hash-max-ziplist-entries'],
      since: '2.0.0',
      doc: 'Fields up to which OBJECT ENCODING calls a hash a listpack.',
    },
    'hash-max-listpack-value': {
      type: SIZE,
      default: '64',
      aliases: ['hash-max-ziplist-value'],
      since: '2.0.0',
      doc: 'Longest field or value of a hash that OBJECT ENCODING calls a listpack.',
    },
    'hll-sparse-max-bytes': {
      type: SIZE,
      default: '3000',
      since: '2.8.9',
      doc: 'Size up to which a HyperLogLog is kept sparse.',
    },
  }),
  ...inert('lists are not compressed in memory', {
    'list-compress-depth': [
      INT,
      '0',
      '3.2.0',
      'Nodes at each end of a list that stay uncompressed; 0 compresses none.',
    ],
  }),
} as const;
