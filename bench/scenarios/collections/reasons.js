/**
 * Why a load may take more than its bar: what profiles of the server under it (perf) or of the command in process
 * (bench/load/command-runner.js, 100,000 keys or elements) have shown.
 */
export const REASONS = {
  'HSET growing': '20 % is the slot of the new field, which is waited for, and nothing else is above 12 %',
  'SADD growing': '32 % is the slot of the new member, which is waited for, and nothing else is above 10 %',
  SPOP: '25 % waits for the slot and the entry of the member, at random places; of the 25 % JavaScript beside that nothing has 4 %',
  'SINTER of 2 x 100':
    '27 % is the walk, 18 writing what is in both, 16 the search in the slots, 15 comparing, 12 hashing: each is some 20 ns an element',
  'SINTER of 2 x 1000':
    '30 % is the walk, 25 the search in the slots, 17 hashing, 12 writing what is in both, 7 comparing: each is 10 to 20 ns an element',
  ZPOPMIN:
    '22 % waits for the entry and the slot of the member, at random places; of the 32 % JavaScript beside that nothing has 6 %',
  XADD: '44 % is the kernel, 13 % Node; the 41 % that are JavaScript lie in twenty functions of which none has 5 %',
  'XADD MAXLEN ~': 'as XADD, and 8 % trim',
  XACK: 'the id is sought in two trees, of the group and of the consumer, whose leaves are waited for: 44 % in a profile of XACK alone, 12 the removal',
  PFADD: '18 % is the engine, 17 the registers, 12 decoding, 11 the key: PING takes 0.7 of what it takes',
  'GEOSEARCH of 1 km': '18 % gathers the members, 8 % is garbage and calls, the rest is distances, as there',
};
