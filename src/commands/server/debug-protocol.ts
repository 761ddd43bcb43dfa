/** DEBUG PROTOCOL: a reply of every type that the protocol has, for authors of clients. */

import type { Call } from '../../engine/call.js';
import * as errors from '../../protocol/errors.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';

function push(reply: ReplyWriter): void {
  if (reply.protocol === 2) throw errors.NOT_RESP2;
  reply.push(2);
  reply.bulkString('server-cpu-usage');
  reply.integer(42);
  // What stands behind the push is the reply; the push alone would leave the client waiting.
  reply.bulkString('Some real reply following the push reply');
}

function attribute(reply: ReplyWriter): void {
  if (reply.attribute(1)) {
    reply.bulkString('key-popularity');
    reply.array(2);
    reply.bulkString('key:123');
    reply.integer(90);
  }
  reply.bulkString('Some real reply following the attribute');
}

function integers(reply: ReplyWriter): void {
  for (let i = 0; i < 3; i++) reply.integer(i);
}

const TYPES: Readonly<Record<string, (reply: ReplyWriter) => void>> = {
  STRING: (reply) => reply.bulkString('Hello World'),
  INTEGER: (reply) => reply.integer(12345),
  DOUBLE: (reply) => reply.double(3141 / 1000),
  BIGNUM: (reply) => reply.bigNumber('1234567999999999999999999999999999999'),
  NULL: (reply) => reply.null(),
  ARRAY(reply) {
    reply.array(3);
    integers(reply);
  },
  SET(reply) {
    reply.set(3);
    integers(reply);
  },
  MAP(reply) {
    reply.map(3);
    for (let i = 0; i < 3; i++) {
      reply.integer(i);
      reply.boolean(i === 1);
    }
  },
  ATTRIB: attribute,
  PUSH: push,
  VERBATIM: (reply) => reply.verbatim('txt', 'This is a verbatim\nstring'),
  TRUE: (reply) => reply.boolean(true),
  FALSE: (reply) => reply.boolean(false),
};

export function protocol({ args, reply }: Call): void {
  const write = TYPES[args.latin1(2).toUpperCase()];
  if (write === undefined) throw errors.DEBUG_PROTOCOL_TYPE;
  write(reply);
}
