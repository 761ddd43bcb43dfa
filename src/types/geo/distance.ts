/** Distances on a sphere, in meters, by the steps that Redis takes. */

import { arcSine, cosine, sine } from './trigonometry.js';

export const EARTH_RADIUS = 6372797.560856;

const RADIANS = Math.PI / 180;

export function toRadians(degrees: number): number {
  return degrees * RADIANS;
}

export function toDegrees(radians: number): number {
  return radians / RADIANS;
}

export function latitudeDistance(from: number, to: number): number {
  return EARTH_RADIUS * Math.abs(toRadians(to) - toRadians(from));
}

/**
 * By the haversine formula. Beyond `limit` it may be less than the distance, but not less than the limit: the chord,
 * which is shorter than the arc, tells most that is too far without an arc sine.
 */
export function distance(
  longitude: number,
  latitude: number,
  toLongitude: number,
  toLatitude: number,
  limit = Number.POSITIVE_INFINITY,
): number {
  const v = sine((toRadians(toLongitude) - toRadians(longitude)) / 2);
  if (v === 0) return latitudeDistance(latitude, toLatitude);
  const from = toRadians(latitude);
  const to = toRadians(toLatitude);
  const u = sine((to - from) / 2);
  const root = Math.sqrt(u * u + cosine(from) * cosine(to) * v * v);
  const chord = 2 * EARTH_RADIUS * root;
  return chord > limit ? chord : 2 * EARTH_RADIUS * arcSine(root);
}
