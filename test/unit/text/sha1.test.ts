import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SHA1_BYTES, Sha1 } from '../../../src/text/sha1.js';
import { runs } from '../../support/runs.js';

it('is the SHA-1 of node:crypto, whatever the pieces', () => {
  const sha1 = new Sha1();
  const target = Buffer.alloc(SHA1_BYTES + 3);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (pieces) => {
      sha1.reset();
      for (const piece of pieces) sha1.update(piece);
      sha1.digestInto(target, 3);
      expect(target.subarray(3).toString('hex')).toBe(createHash('sha1').update(Buffer.concat(pieces)).digest('hex'));
    }),
    { numRuns: runs(500) },
  );
});

it('pads a message of any length rightly', () => {
  const bytes = Buffer.alloc(300, 'x');
  const digest = Buffer.alloc(SHA1_BYTES);
  for (let length = 0; length <= bytes.length; length++) {
    new Sha1().update(bytes, 0, length).digestInto(digest, 0);
    expect(digest.toString('hex')).toBe(createHash('sha1').update(bytes.subarray(0, length)).digest('hex'));
  }
});
