/** Base64 that comes from outside, where what Node would skip over is a mistake. */

const BASE64 = /^[A-Za-z0-9+/]*(={0,2})$/;

/** The bytes; undefined for text that is no base64. The signs at its end may be left out. */
export function base64Bytes(text: string): Buffer | undefined {
  const padding = BASE64.exec(text)?.[1].length;
  if (padding === undefined) return undefined;
  const isWhole = padding === 0 ? text.length % 4 !== 1 : text.length % 4 === 0;
  return isWhole ? Buffer.from(text, 'base64') : undefined;
}
