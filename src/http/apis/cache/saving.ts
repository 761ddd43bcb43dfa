/** SAVE: a snapshot that is written while others are served, and waited for. */
import { setTimer } from '../../../net/timers.js';
import { type CacheCall, Failure } from './cache-call.js';

/** How often it is asked whether a save has ended. */
const LOOK_MS = 10;

/** Resolves when all data of this moment is on the disk. @throws Failure */
export async function saved(call: CacheCall): Promise<void> {
  const { persistence } = call.gateway.engine.server;
  // One that runs began too early.
  await untilNoSave(call);
  const { saves } = persistence.facts();
  call.run(['BGSAVE']);
  await untilNoSave(call);
  if (persistence.facts().saves === saves) throw new Failure('ERR saving failed');
}

async function untilNoSave({ gateway }: CacheCall): Promise<void> {
  const { persistence } = gateway.engine.server;
  while (persistence.facts().isSaving || gateway.isBusy) await new Promise((resolve) => setTimer(resolve, LOOK_MS));
}
