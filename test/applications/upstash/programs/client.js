/** Clients of the server that a program works on: it reads where that is from the environment, as users' do. */
import { Redis } from '@upstash/redis';

const opened = [];

/** Commands go one by one unless the options say otherwise. */
export const connect = (options = {}) => Redis.fromEnv({ enableAutoPipelining: false, ...options });

/** A subscription that is ended with the others. */
export function subscribe(subscription) {
  opened.push(subscription);
  return subscription;
}

export const endAll = () => Promise.all(opened.map((subscription) => subscription.unsubscribe()));

/** The next event of a subscription. */
export const next = (subscription, event) => new Promise((resolve) => subscription.on(event, resolve));
