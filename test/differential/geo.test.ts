import { afterAll, beforeAll, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

const words = (script: string): Command[] =>
  script
    .trim()
    .split(/\s*\n\s*/)
    .map((line) => line.split(' ').map((word) => (word === '""' ? '' : word)));

const scripts: Record<string, string> = {
  'places one by one': `
    GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
    GEOADD g 13.361389 38.115556 Palermo
    GEOADD g CH 13.4 38.1 Palermo 2 2 new
    GEOADD g NX 1 1 Palermo 1 1 newer
    GEOADD g XX CH 1.5 1.5 newer 1 1 none
    GEOADD g nx ch 3 3 a 3 3 b
    ZRANGE g 0 -1 WITHSCORES
    TYPE g
    OBJECT ENCODING g
    GEODIST g Palermo Catania
    GEODIST g Palermo Catania m
    GEODIST g Palermo Catania KM
    GEODIST g Palermo Catania ft
    GEODIST g Palermo Catania mi
    GEODIST g Palermo Palermo
    GEODIST g Palermo none
    GEODIST g none Palermo
    GEODIST none a b
    GEODIST g Palermo Catania yd
    GEODIST none a b yd
    GEODIST g Palermo Catania m m
    GEODIST g Palermo
    GEOHASH g Palermo none Catania
    GEOHASH g
    GEOHASH none a b
    GEOHASH none
    GEOHASH
    GEOPOS g Palermo none Catania newer
    GEOPOS g
    GEOPOS none a b
    GEOPOS
    ZADD g 0 zero 4503599627370495 last 1.5 fraction 4503599627370496 beyond -1 negative
    ZADD g inf inf -inf -inf 1e300 big -1e300 small 18446744073709551615 max 9223372036854775808 half
    GEOPOS g zero last fraction beyond negative inf -inf big small max half
    GEOHASH g zero last fraction beyond negative inf -inf big small max half
    GEODIST g zero last
    GEODIST g zero fraction
    GEODIST g negative big`,
  'errors of GEOADD': `
    GEOADD g
    GEOADD g 1 1
    GEOADD g 1 1 a 1
    GEOADD g 1 1 a 1 1
    GEOADD g NX XX 1 1 a
    GEOADD g NX XX CH
    GEOADD g CH CH CH
    GEOADD g XX 1 1 a NX
    GEOADD g x 1 a
    GEOADD g 1 x a
    GEOADD g "" 1 a
    GEOADD g nan 1 a
    GEOADD g inf 1 a
    GEOADD g -inf inf a
    GEOADD g 180.1 1 a
    GEOADD g -180.1 1 a
    GEOADD g 1 85.06 a
    GEOADD g 1 -85.06 a
    GEOADD g 1e30 1 a
    GEOADD g -0 90 a
    GEOADD g 0.0000001 90 a
    GEOADD g -0.0000001 90 a
    GEOADD g 1 1 a 181 1 b
    EXISTS g
    GEOADD g 180 85.05112878 a -180 -85.05112878 b 180 0 c -180 0 d 0 85.05112878 e
    GEOPOS g a b c d e
    GEOHASH g a b c d e
    ZRANGE g 0 -1 WITHSCORES
    GEOSEARCH g FROMMEMBER a BYRADIUS 0 m
    GEOSEARCH g FROMMEMBER c BYRADIUS 100 m
    GEOSEARCH g FROMLONLAT 180 0 BYRADIUS 100 m ASC
    GEOSEARCH g FROMLONLAT 180 85.05112878 BYRADIUS 100 m ASC
    GEOSEARCH g FROMLONLAT -180 -85.05112878 BYBOX 100 100 m ASC
    SET s x
    GEOADD s 1 1 a
    GEODIST s a b
    GEOHASH s a
    GEOPOS s a
    GEOSEARCH s FROMLONLAT 1 1 BYRADIUS 1 m
    GEORADIUS s 1 1 1 m
    GEORADIUSBYMEMBER s a 1 m`,
  'options of GEOSEARCH': `
    GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.758489 38.788135 edge1 17.241510 38.788135 edge2
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km ASC
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km DESC WITHDIST WITHCOORD WITHHASH
    GEOSEARCH g BYRADIUS 200 km FROMLONLAT 15 37 ASC DESC WITHDIST
    GEOSEARCH g FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHCOORD WITHDIST
    GEOSEARCH g FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHHASH
    GEOSEARCH g FROMMEMBER Palermo BYRADIUS 200 mi WITHDIST
    GEOSEARCH g FROMMEMBER Palermo BYRADIUS 500000 ft WITHDIST WITHCOORD
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km COUNT 1
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km COUNT 3
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km COUNT 2 ANY
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km COUNT 2 ANY DESC
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km ANY COUNT 2
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km COUNT 2 DESC WITHDIST
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km COUNT 100
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km ANY
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km COUNT 0
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km COUNT -1
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km COUNT x
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 400 km COUNT
    GEOSEARCH none FROMLONLAT 15 37 BYRADIUS 400 km COUNT 0
    GEOSEARCH none FROMLONLAT 15 37 BYRADIUS 400 km
    GEOSEARCH none FROMMEMBER x BYRADIUS 400 km
    GEOSEARCH none FROMMEMBER x BYRADIUS 400 yd
    GEOSEARCH none FROMMEMBER x FROMMEMBER y BYRADIUS 400 m
    GEOSEARCH g FROMMEMBER x BYRADIUS 400 m
    GEOSEARCH g FROMMEMBER Palermo FROMMEMBER Catania BYRADIUS 4 m
    GEOSEARCH g FROMMEMBER Palermo FROMLONLAT 1 1 BYRADIUS 4 m
    GEOSEARCH g FROMLONLAT 1 1 FROMMEMBER Palermo BYRADIUS 4 m
    GEOSEARCH g FROMLONLAT 1 1 FROMLONLAT 15 37 BYRADIUS 400 km
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 m BYRADIUS 400 km
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 m BYBOX 1 1 km
    GEOSEARCH g FROMLONLAT 15 37 BYBOX 1 1 km BYRADIUS 1 m
    GEOSEARCH g FROMLONLAT 15 37 BYBOX 1 1 km BYBOX 400 400 km
    GEOSEARCH g FROMLONLAT 15 37 BYBOX 1 1
    GEOSEARCH g FROMLONLAT 15 37 ASC WITHDIST
    geosearch g fromlonlat 15 37 asc withdist
    GEOSEARCH g BYRADIUS 15 m ASC WITHDIST
    GeoSearch g BYRADIUS 15 m ASC WITHDIST
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS x km
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS -1 km
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS -1 yd
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 yd
    GEOSEARCH g FROMLONLAT 15 37 BYBOX x y km
    GEOSEARCH g FROMLONLAT 15 37 BYBOX 1 y km
    GEOSEARCH g FROMLONLAT 15 37 BYBOX -1 1 km
    GEOSEARCH g FROMLONLAT 15 37 BYBOX 1 -1 yd
    GEOSEARCH g FROMLONLAT 15 37 BYBOX 1 1 yd
    GEOSEARCH g FROMLONLAT 190 37 BYBOX 1 1 m
    GEOSEARCH g FROMLONLAT x 37 BYBOX 1 1 m
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS inf km
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1e300 km ASC
    GEOSEARCH g FROMLONLAT 15 37 BYBOX 1e6 1e6 km ASC
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km STORE d
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km STOREDIST
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km NOTHING
    GEOSEARCH g FROMLONLAT 15 37`,
  storing: `
    GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.758489 38.788135 edge1
    GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 400 km
    ZRANGE d 0 -1 WITHSCORES
    OBJECT ENCODING d
    GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 400 km COUNT 2
    ZRANGE d 0 -1 WITHSCORES
    GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 400 km STOREDIST
    ZCARD d
    GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 1 m
    EXISTS d
    GEOSEARCHSTORE g g FROMLONLAT 15 37 BYRADIUS 400 km COUNT 2 DESC
    ZRANGE g 0 -1 WITHSCORES
    SET d x
    GEOSEARCHSTORE d none FROMLONLAT 15 37 BYRADIUS 1 m
    EXISTS d
    GEOSEARCHSTORE d none FROMLONLAT 15 37 BYRADIUS 1 m WITHDIST
    GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 1 m WITHCOORD
    GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 1 m STORE x
    GEOSEARCHSTORE d g FROMLONLAT 15 37 COUNT 1 WITHHASH
    GEOSEARCHSTORE d g FROMLONLAT 15 37 COUNT 1
    GEOSEARCHSTORE d g FROMMEMBER none BYRADIUS 1 m
    SET d x
    GEORADIUS g 15 37 400 km STORE d
    ZRANGE d 0 -1 WITHSCORES
    GEORADIUS g 15 37 400 km STOREDIST d COUNT 1
    ZCARD d
    GEORADIUS g 15 37 400 km STORE d STOREDIST e
    EXISTS d e
    GEORADIUS g 15 37 400 km STOREDIST e STORE d
    EXISTS d e
    GEORADIUS g 15 37 1 m STORE d
    EXISTS d
    GEORADIUS none 15 37 1 m STORE e
    EXISTS e
    GEORADIUS g 15 37 400 km STORE d WITHDIST
    GEORADIUS g 15 37 400 km STORE
    GEORADIUS_RO g 15 37 400 km STORE d
    GEORADIUSBYMEMBER g Palermo 400 km STORE d
    ZRANGE d 0 -1 WITHSCORES
    GEORADIUSBYMEMBER_RO g Palermo 400 km STOREDIST d`,
  'GEORADIUS and its relatives': `
    GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.758489 38.788135 edge1
    GEORADIUS g 15 37 200 km
    GEORADIUS g 15 37 200 km WITHDIST WITHCOORD WITHHASH ASC
    GEORADIUS_RO g 15 37 200 km DESC WITHDIST
    GEORADIUS g 15 37 200 km COUNT 1 ANY
    GEORADIUS g 15 37 200 km COUNT 1
    GEORADIUS g 15 37 200 km COUNT 0
    GEORADIUS g 15 37 200 km ANY
    GEORADIUS g 15 37 200 yd
    GEORADIUS g 15 37 -1 km
    GEORADIUS g 15 37 x km
    GEORADIUS g x 37 1 km
    GEORADIUS g 15 97 1 km
    GEORADIUS g 15 37 1 km NOTHING
    GEORADIUS g 15 37 1 km FROMMEMBER Palermo
    GEORADIUS g 15 37 1
    GEORADIUS none 15 37 200 km
    GEORADIUS none 15 97 200 km
    GEORADIUS none 15 37 200 yd
    GEORADIUS none 15 37 200 km COUNT x
    GEORADIUSBYMEMBER g Palermo 200 km WITHDIST
    GEORADIUSBYMEMBER_RO g Palermo 200 km WITHDIST DESC
    GEORADIUSBYMEMBER g none 200 km
    GEORADIUSBYMEMBER none none 200 km
    GEORADIUSBYMEMBER none none x yd
    GEORADIUSBYMEMBER none none x yd NOTHING
    GEORADIUSBYMEMBER g Palermo x km
    GEORADIUSBYMEMBER g Palermo 1 yd
    GEORADIUSBYMEMBER g Palermo 1
    COMMAND GETKEYS GEORADIUS g 15 37 1 m STORE d
    COMMAND GETKEYS GEORADIUS g 15 37 1 m STOREDIST d
    COMMAND GETKEYS GEORADIUS g 15 37 1 m
    COMMAND GETKEYS GEORADIUSBYMEMBER g m 1 m STORE d
    COMMAND GETKEYS GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 1 m`,
};

/** Numbers that look like chance, the same every time. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const UNITS = ['m', 'km', 'ft', 'mi'];

/** Where places are, and where they are looked for. */
const regions: Record<string, (next: () => number) => [number, number]> = {
  'all of the world': (next) => [next() * 360 - 180, next() * 170 - 85],
  'the date line': (next) => [(next() < 0.5 ? -180 : 179) + next(), next() * 20 - 10],
  'the north': (next) => [next() * 360 - 180, 85.0511 - next() * 10],
  'the south': (next) => [next() * 360 - 180, next() * 20 - 85.0511],
  'a town': (next) => [13.3 + next() / 10, 52.5 + next() / 10],
  'the equator': (next) => [next() * 4 - 2, next() * 4 - 2],
  'a grid': (next) => [Math.floor(next() * 9) * 45 - 180, Math.floor(next() * 9) * 20 - 80],
};

describeWithOracle('places', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  for (const protocol of [2, 3] as const) {
    test.each(Object.entries(scripts))(`%s, RESP${protocol}`, async (_, script) => {
      await compareScript(pair, words(script), { protocol });
    });
  }

  test.each(Object.entries(regions))('in %s are found in the same order with the same digits', async (_, place) => {
    const next = numbers(7);
    const commands: Command[] = [];
    for (let i = 0; i < 600; i++) {
      const [longitude, latitude] = place(next);
      commands.push(['GEOADD', 'g', longitude, latitude, `m${i}`]);
      if (i % 10 === 0) commands.push(['GEODIST', 'g', `m${i}`, `m${i >> 1}`, UNITS[i % 4]!], ['GEOPOS', 'g', `m${i}`]);
      if (i % 10 === 5) commands.push(['GEOHASH', 'g', `m${i}`, `m${i >> 1}`]);
    }
    for (let i = 0; i < 400; i++) {
      const [longitude, latitude] = place(next);
      const size = () => 10 ** (next() * 8);
      const from = next() < 0.3 ? ['FROMMEMBER', `m${Math.floor(next() * 600)}`] : ['FROMLONLAT', longitude, latitude];
      const by = next() < 0.5 ? ['BYRADIUS', size(), 'm'] : ['BYBOX', size(), size(), 'ft'];
      const order = [[], ['ASC'], ['DESC']][i % 3]!;
      const limit = ['COUNT', 1 + Math.floor(next() * 60)];
      const count = next() < 0.2 ? [...limit, 'ANY'] : next() < 0.3 ? limit : [];
      commands.push(['GEOSEARCH', 'g', ...from, ...by, ...order, ...count, 'WITHDIST', 'WITHHASH']);
    }
    await compareScript(pair, commands);
  });
});
