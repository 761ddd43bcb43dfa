/** This package's version; test/version.test.ts keeps it equal to package.json. */
export const REDSTART_VERSION = '0.1.0';

/** The Redis release whose behaviour is reproduced, as reported by `INFO` and `HELLO`. */
export const REDIS_VERSION = '7.4.0';
