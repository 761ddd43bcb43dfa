/** Milliseconds of processor time that this process has used: unlike a clock's, they pass only while it computes. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
