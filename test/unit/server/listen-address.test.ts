import { expect, test } from 'vitest';
import { parseBind } from '../../../src/net/listen-address.js';

test('reads addresses of both families, stars, and optional ones', () => {
  expect(parseBind(['*', '-::*', '127.0.0.1', '-::1', '-10.0.0.1', 'localhost', ''])).toEqual([
    { host: '0.0.0.0', ipv6: false, optional: false },
    { host: '::', ipv6: true, optional: true },
    { host: '127.0.0.1', ipv6: false, optional: false },
    { host: '::1', ipv6: true, optional: true },
    { host: '10.0.0.1', ipv6: false, optional: true },
    { host: 'localhost', ipv6: false, optional: false },
  ]);
});
