/** What C's functions, which Lua makes its messages with, see of a string: it ends at its first NUL. */
export function cString(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}
