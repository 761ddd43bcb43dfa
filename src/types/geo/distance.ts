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

/** By the haversine formula. */
export function distance(longitude: number, latitude: number, toLongitude: number, toLatitude: number): number {
  const v = sine((toRadians(toLongitude) - toRadians(longitude)) / 2);
  if (v === 0) return latitudeDistance(latitude, toLatitude);
  const from = toRadians(latitude);
  const to = toRadians(toLatitude);
  const u = sine((to - from) / 2);
  const a = u * u + cosine(from) * cosine(to) * v * v;
  return 2 * EARTH_RADIUS * arcSine(Math.sqrt(a));
}
