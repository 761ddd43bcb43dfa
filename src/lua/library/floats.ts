/** Doubles and floats as the bytes that IEEE 754 gives them; NaN keeps its sign. */

import { infiniteToString, signedNaN } from '../runtime/numbers.js';

/** The first four or all of these are where one is put, and where one is taken from. */
export const floatBytes = new Uint8Array(8);
const view = new DataView(floatBytes.buffer);

export type FloatSize = 4 | 8;

export function putFloat(value: number, size: FloatSize, isLittleEndian: boolean): void {
  if (Number.isNaN(value)) putNaN(infiniteToString(value) === '-nan', size, isLittleEndian);
  else if (size === 4) view.setFloat32(0, value, isLittleEndian);
  else view.setFloat64(0, value, isLittleEndian);
}

function putNaN(isNegative: boolean, size: FloatSize, isLittleEndian: boolean): void {
  const head = size === 4 ? 0x7fc0 : 0x7ff8;
  floatBytes.fill(0);
  view.setUint16(isLittleEndian ? size - 2 : 0, isNegative ? head | 0x8000 : head, isLittleEndian);
}

export function takeFloat(size: FloatSize, isLittleEndian: boolean): number {
  const value = size === 4 ? view.getFloat32(0, isLittleEndian) : view.getFloat64(0, isLittleEndian);
  if (!Number.isNaN(value)) return value;
  return signedNaN(floatBytes[isLittleEndian ? size - 1 : 0] >= 0x80);
}
