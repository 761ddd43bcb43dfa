/** What is measured of places: server CPU of adding, telling and finding them among 100,000 in two degrees by two. */
import { addElements, KEYS, load, MILLION, padded, R, scattered, withClient } from './shared.js';

const degrees = (n) => (2 * scattered(n)) / MILLION;
const place = (n) => [13 + degrees(n), 50 + degrees(n * 7 + 3), `m:${padded(n)}`];

export const groups = [
  {
    prepare: (port) => withClient(port, (client) => addElements(client, 'GEOADD', 'places', KEYS, place)),
    loads: [
      load('GEOADD', 0.9, 1_000_000, `GEOADD added 13.${R} 52.${R} m:${R}`),
      load('GEODIST', 0.9, 1_000_000, `GEODIST places m:${R} m:${R}`),
      load('GEOPOS', 0.9, 1_000_000, `GEOPOS places m:${R}`),
      load('GEOSEARCH of 1 km', 0.9, 300_000, `GEOSEARCH places FROMMEMBER m:${R} BYRADIUS 1 km ASC`),
      load(
        'GEOSEARCH of 10 km, COUNT 10',
        0.9,
        50_000,
        `GEOSEARCH places FROMMEMBER m:${R} BYRADIUS 10 km ASC COUNT 10`,
      ),
    ],
  },
];
