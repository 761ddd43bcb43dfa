/** The registration of the type that exists for tests. */

import type { Call } from '../../../../src/engine/call.js';
import type { DataType } from '../../../../src/keyspace/data-type.js';
import { EventClass } from '../../../../src/keyspace/events.js';
import { Rope } from '../../../../src/memory/rope.js';
import { Slice } from '../../../../src/memory/slice.js';
import { expectType } from '../../../../src/types/expect.js';
import type { TypeFolder } from '../../../../src/types/index.js';
import { ALARM, AlarmKind, alarmTimes, nextAlarm, ringAlarms, setAlarms, writeAlarms } from './value.js';

const RDB_ALARM = 100;

const type: DataType = {
  id: ALARM,
  name: 'alarm',
  eventClass: EventClass.GENERIC,
  kinds: [
    { number: AlarmKind.INLINE, encoding: 'few', structure: null },
    { number: AlarmKind.ROPE, encoding: 'many', structure: (arena) => new Rope(arena) },
  ],
  rdb: {
    reads: [RDB_ALARM],
    typeOf: () => RDB_ALARM,
    write(db, ref, output) {
      output.writeLength(alarmTimes(db, ref).length);
      writeAlarms(db, ref, output);
      return null;
    },
    read(_type, input, target) {
      const times = Array.from({ length: input.length() }, () => Number(input.string().toLatin1()));
      if (!target.isExpired) setAlarms(target.database, target.key, 0, times, target.deadline);
      return null;
    },
  },
  elementParts: 1,
  isOrdered: false,
  writeElements: writeAlarms,
  length: (db, ref) => alarmTimes(db, ref).length,
  writeRange(db, ref, from, count, _backwards, sink) {
    for (const time of alarmTimes(db, ref).slice(from, from + count)) sink.bulk(Slice.of(String(time)));
  },
  expiry: { nextDeadline: nextAlarm, expireDue: ringAlarms },
};

function add(call: Call): void {
  const { args, db } = call;
  const ref = expectType(db, db.lookupForWrite(args.slice(1)), ALARM);
  const times = ref === 0 ? [] : alarmTimes(db, ref);
  for (let i = 2; i < args.count; i++) times.push(args.integer(i));
  setAlarms(db, args.slice(1), ref, times);
  call.reply.integer(times.length);
}

export const alarm: TypeFolder = {
  type,
  commands: [
    {
      name: 'alarm.add',
      summary: 'Adds times.',
      group: 'generic',
      complexity: 'O(N)',
      arity: -3,
      flags: ['write'],
      keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
      run: add,
    },
  ],
};
