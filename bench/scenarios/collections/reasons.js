/**
 * Why a load may take more than its bar: what profiles of the command in process have shown (bench/load/
 * command-runner.js, 100,000 keys or elements, samples every 0.1 ms).
 */
export const REASONS = {
  'HSET growing': '20 % is the slot of the new field, which is waited for, and nothing else is above 12 %',
  'SADD growing': '32 % is the slot of the new member, which is waited for, and nothing else is above 10 %',
  SPOP: 'nothing is above 10 %: decoding 8, the engine 10, the random choice 6, the removal 6',
  'SINTER of 2 x 100':
    '27 % is the walk, 18 writing what is in both, 16 the search in the slots, 15 comparing, 12 hashing: each is some 20 ns an element',
  'SINTER of 2 x 1000':
    '30 % is the walk, 25 the search in the slots, 17 hashing, 12 writing what is in both, 7 comparing: each is 10 to 20 ns an element',
  ZPOPMIN: 'nothing is above 8 %: the engine, decoding, the tree, the table of members',
  XADD: '10 % is the command, 8 decoding, 8 appending, 5 the text of the id, 4 the clock: nothing that redis-server does not do',
  'XADD MAXLEN ~':
    '10 % is decoding, 8 appending, 8 trimming, 7 the command, 6 the clock, and nothing else is above 5 %',
  XACK: 'the id is sought in two trees, of the group and of the consumer, whose leaves are waited for: 44 % in a profile of XACK alone, 12 the removal',
  PFADD: '18 % is the engine, 17 the registers, 12 decoding, 11 the key: PING takes 0.7 of what it takes',
  'GEOSEARCH of 1 km': '13 % reads the members, 11 % is garbage, the rest is distances, as there',
  PING_MBULK: 'more than half of it is the kernel, as on the other side',
};
