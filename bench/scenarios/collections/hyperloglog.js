/** What is measured of HyperLogLogs: server CPU of adding and counting, with small ones and with dense ones. */
import { addElements, KEYS, load, makeSmall, R, withClient } from './shared.js';

export const groups = [
  {
    prepare: (port) =>
      withClient(port, async (client) => {
        await makeSmall(client, 'PFADD', KEYS, 10, (key, element) => [`element:${key + element}`]);
        await addElements(client, 'PFADD', 'dense:1', KEYS, (n) => [`element:${n}`]);
        await addElements(client, 'PFADD', 'dense:2', KEYS, (n) => [`element:${n}`], KEYS / 2);
      }),
    loads: [
      load('PFADD', 1.0, 1_000_000, `PFADD dense:1 element:${R}`, 100_000_000),
      load('PFADD small', 1.0, 1_000_000, `PFADD key:${R} element:${R}`),
      load('PFCOUNT small', 1.0, 1_000_000, `PFCOUNT key:${R}`),
      load('PFCOUNT of two', 0.6, 50_000, 'PFCOUNT dense:1 dense:2'),
      load('PFMERGE of two', 0.6, 50_000, 'PFMERGE united dense:1 dense:2'),
    ],
  },
];
