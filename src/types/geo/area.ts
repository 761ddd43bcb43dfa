/**
 * The shapes that are searched, and the squares of geohashes that cover one: that with its center and the eight around
 * it, as far as they are needed, as large as it takes. Which they are decides the order of what is found, so they are
 * chosen as Redis does.
 */

import { distance, EARTH_RADIUS, latitudeDistance, toDegrees, toRadians } from './distance.js';
import { hashOf, indexOf, LATITUDE_LIMIT, LONGITUDE_LIMIT, MAX_STEPS, type Place, startOf } from './geohash.js';

/** A circle or a box; lengths are in meters. */
export class Shape implements Place {
  longitude = 0;
  latitude = 0;
  isBox = false;
  radius = 0;
  width = 0;
  height = 0;

  /** How far a place is from the center, NaN if it lies outside of the shape. */
  distanceWithin({ longitude, latitude }: Place): number {
    const { width, height, radius } = this;
    const between = latitudeDistance(latitude, this.latitude);
    if (this.isBox) {
      if (between > height / 2) return Number.NaN;
      const aside = distance(longitude, latitude, this.longitude, latitude, (width / 2) * CERTAINLY);
      if (aside > width / 2) return Number.NaN;
      return distance(this.longitude, this.latitude, longitude, latitude);
    }
    // Spares most of what lies outside the sines, with room for the last digits.
    const limit = radius * CERTAINLY;
    if (between > limit) return Number.NaN;
    const far = distance(this.longitude, this.latitude, longitude, latitude, limit);
    return far > radius ? Number.NaN : far;
  }
}

const CERTAINLY = 1 + 1e-9;

/** Half of the equator: steps are counted up to it. */
const HALF_WORLD = 20037726.37;

/** The squares in the order in which they are searched: a step to the east and to the north each. */
const SQUARES: readonly (readonly [east: number, north: number])[] = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
];

/** Calls `visit` with the scores of each square, [from, to), until it returns false. */
export function coverShape(shape: Shape, visit: (from: number, to: number) => boolean): void {
  const bounds = boundsOf(shape);
  let steps = stepsFor(shape);
  if (steps > 1 && !reaches(shape, bounds, steps)) steps--;
  const center = squareAt(shape, steps);
  const inside = steps >= 2 ? bounds : EVERYWHERE;
  let last: { longitude: number; latitude: number } | null = null;
  for (const [east, north] of SQUARES) {
    if (isUseless(center, inside, steps, east, north)) continue;
    const square = squareBeside(center, steps, east, north);
    // Where the squares are as large as the world, those on both sides are one.
    if (last !== null && last.longitude === square.longitude && last.latitude === square.latitude) continue;
    const unit = 4 ** (MAX_STEPS - steps);
    const { longitude, latitude } = square;
    if (!visit(hashOf(longitude, latitude, 0) * unit, hashOf(longitude, latitude, 1) * unit)) return;
    // As in Redis, what follows the square in the middle is not compared with it.
    if (square !== center) last = square;
  }
}

interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

const EVERYWHERE: Bounds = { west: -Infinity, south: -Infinity, east: Infinity, north: Infinity };

function boundsOf(shape: Shape): Bounds {
  const { longitude, latitude, isBox } = shape;
  const height = isBox ? shape.height / 2 : shape.radius;
  const width = isBox ? shape.width / 2 : shape.radius;
  const up = toDegrees(height / EARTH_RADIUS);
  // A degree of longitude is shortest on the side of the pole.
  const nearestToPole = latitude < 0 ? latitude - up : latitude + up;
  const aside = toDegrees(width / EARTH_RADIUS / Math.cos(toRadians(nearestToPole)));
  return { west: longitude - aside, south: latitude - up, east: longitude + aside, north: latitude + up };
}

/** How often the world is halved before a square is as small as the shape. */
function stepsFor(shape: Shape): number {
  let meters = shape.isBox ? Math.sqrt((shape.width / 2) ** 2 + (shape.height / 2) ** 2) : shape.radius;
  if (meters === 0) return MAX_STEPS;
  let steps = 1;
  for (; meters < HALF_WORLD; meters *= 2) steps++;
  steps -= 2;
  // Near the poles squares are narrow.
  const latitude = Math.abs(shape.latitude);
  if (latitude > 66) steps--;
  if (latitude > 80) steps--;
  return Math.max(1, Math.min(MAX_STEPS, steps));
}

/** Indexes of a square; the center's may be beyond the last at the very end of a range. */
interface Square {
  longitude: number;
  latitude: number;
}

function squareAt({ longitude, latitude }: Shape, steps: number): Square {
  return {
    longitude: indexOf(longitude, LONGITUDE_LIMIT, steps),
    latitude: indexOf(latitude, LATITUDE_LIMIT, steps),
  };
}

/** The world is round in both directions. */
function squareBeside(center: Square, steps: number, east: number, north: number): Square {
  if (east === 0 && north === 0) return center;
  const mask = (1 << steps) - 1;
  return {
    longitude: east === 0 ? center.longitude : (center.longitude + east) & mask,
    latitude: north === 0 ? center.latitude : (center.latitude + north) & mask,
  };
}

/** Whether the squares around the center reach the bounds of the shape. */
function reaches(shape: Shape, bounds: Bounds, steps: number): boolean {
  const center = squareAt(shape, steps);
  const north = squareBeside(center, steps, 0, 1).latitude;
  const south = squareBeside(center, steps, 0, -1).latitude;
  const east = squareBeside(center, steps, 1, 0).longitude;
  const west = squareBeside(center, steps, -1, 0).longitude;
  return (
    startOf(north + 1, LATITUDE_LIMIT, steps) >= bounds.north &&
    startOf(south, LATITUDE_LIMIT, steps) <= bounds.south &&
    startOf(east + 1, LONGITUDE_LIMIT, steps) >= bounds.east &&
    startOf(west, LONGITUDE_LIMIT, steps) <= bounds.west
  );
}

/** Whether the square in the middle covers all of the shape on the side where another lies. */
function isUseless(center: Square, bounds: Bounds, steps: number, east: number, north: number): boolean {
  return (
    (north < 0 && startOf(center.latitude, LATITUDE_LIMIT, steps) < bounds.south) ||
    (north > 0 && startOf(center.latitude + 1, LATITUDE_LIMIT, steps) > bounds.north) ||
    (east < 0 && startOf(center.longitude, LONGITUDE_LIMIT, steps) < bounds.west) ||
    (east > 0 && startOf(center.longitude + 1, LONGITUDE_LIMIT, steps) > bounds.east)
  );
}
