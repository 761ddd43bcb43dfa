/** What is tested: sessions that end after a quarter of an hour without use. */
const IDLE_SECONDS = 900;

export async function open(redis, id, user) {
  await redis.set(`session:${id}`, user, 'EX', IDLE_SECONDS);
}

/** The user, or null when there is no such session any more; using it puts its end off. */
export function userOf(redis, id) {
  return redis.getex(`session:${id}`, 'EX', IDLE_SECONDS);
}

/** Waits for a job; null when there was none for so long. */
export async function nextJob(redis, seconds) {
  const found = await redis.blpop('jobs', seconds);
  return found === null ? null : found[1];
}
