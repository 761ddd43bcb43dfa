/**
 * Why a load may take more than its bar: what profiles of the server under it (perf) or of the command in process
 * (bench/load/command-runner.js, 100,000 keys or elements) have shown.
 */
export const REASONS = {
  'HGET small':
    '57 % is the kernel and Node, as of a PING; of the 43 % JavaScript 13 look ahead at slots and entries, and nothing else has 4 %',
  'HGET big': '56 % is the kernel and Node, 23 % waits for the slot and the entry of the field',
  'HSET big': '55 % is the kernel and Node, 20 % waits for the slot and the entry of the field',
  'HGET in 500 fields':
    '65 % is the kernel and Node, as of a PING, which takes more than a third of what redis-server takes for it; nothing else has 5 %',
  'HSET in 500 fields':
    '63 % is the kernel and Node, as of a PING, which takes more than a third of what redis-server takes for it; nothing else has 4 %',
  'HGETALL of 10': '51 % is the kernel and Node, 17 % writes the twenty words, 11 % looks ahead at slots and entries',
  'ZADD small, new score':
    '50 % is the kernel and Node, 12 % looks ahead at slots and entries, and nothing else has 4 %',
  'ZADD growing':
    '25 % is the kernel and Node, 8 % the C library, 12 % the search for the place, 9 % compares members of equal scores, whose entries are waited for; nothing else has 5 %',
  'ZRANK small':
    '51 % is the kernel and Node, as of a PING, which takes half of what redis-server takes for it; 13 % looks ahead at slots and entries, and nothing else has 4 %',
  'ZRANGE of 10, small': '48 % is the kernel and Node, 12 % looks ahead at slots and entries, 13 % writes the members',
  'ZADD big, new score':
    '41 % is the kernel and Node, 16 % the search for the place, 8 % compares members of equal scores, whose entries are waited for',
  'ZINCRBY big':
    '39 % is the kernel and Node, 14 % the search for the place, 10 % compares members of equal scores, whose entries are waited for',
  'ZSCORE big': '53 % is the kernel and Node, 16 % waits for the slot and the entry of the member',
  'HSET growing': '20 % is the slot of the new field, which is waited for, and nothing else is above 12 %',
  'SADD growing': '32 % is the slot of the new member, which is waited for, and nothing else is above 10 %',
  'SSCAN of 10, big':
    '43 % is the kernel and Node, as of a PING, which takes more than a quarter of what redis-server takes for it; 18 % is the command, 14 % reading which entries there are, 4 % copying',
  SPOP: '25 % waits for the slot and the entry of the member, at random places; of the 25 % JavaScript beside that nothing has 4 %',
  'SRANDMEMBER big':
    '54 % is the kernel and Node, as of a PING, which takes 0.7 of what redis-server takes for it; 11 % waits for the slot of the member',
  'SINTER of 2 x 100':
    '27 % is the walk, 18 writing what is in both, 16 the search in the slots, 15 comparing, 12 hashing: each is some 20 ns an element',
  'SINTER of 2 x 1000':
    '30 % is the walk, 25 the search in the slots, 17 hashing, 12 writing what is in both, 7 comparing: each is 10 to 20 ns an element',
  ZPOPMIN:
    '22 % waits for the entry and the slot of the member, at random places; of the 32 % JavaScript beside that nothing has 6 %',
  XADD: '55 % is the kernel and Node; the 38 % that are JavaScript lie in thirty functions of which none has 5 %',
  'XADD MAXLEN ~': 'as XADD, and 8 % trim',
  XACK: 'the id is sought in two trees, of the group and of the consumer, whose leaves are waited for: 44 % in a profile of XACK alone, 12 the removal',
  'XRANGE of 10':
    '32 % is the kernel and Node; of the 67 % JavaScript 12 find the first entry and 55 read and write entries, of which nothing has 6 %',
  'XREADGROUP COUNT 1':
    '50 % is the kernel and Node; the 49 % that are JavaScript lie in many functions of which none has 6 %',
  'XREADGROUP COUNT 10':
    '43 % is the kernel, Node and garbage, 12 % waits for new pages for the pending entries, 13 % adds those to their trees',
  PFADD: '18 % is the engine, 17 the registers, 12 decoding, 11 the key: PING takes 0.7 of what it takes',
  'PFADD small': '53 % is the kernel and Node, 16 % waits for the slot and the entry of the key; nothing else has 4 %',
  'PFCOUNT small':
    '58 % is the kernel and Node, 16 % waits for the slot and the entry of the key; nothing else has 5 %',
  GEOADD:
    '43 % is the kernel and Node, 8 % looks ahead at slots and entries, 5 % each are the search by member, by score, and the place in the run; nothing else has 3 %',
  GEODIST: '44 % is the kernel and Node, 27 % waits for the slots and the entries of two members; nothing else has 5 %',
  'GEOSEARCH of 1 km':
    '28 % is distances, with sines and cosines that are exact to the bit, 14 % the nine squares, 12 % waits for the members, 8 % decodes places',
  'GEOSEARCH of 10 km, COUNT 10':
    '45 % is distances, with sines and cosines that are exact to the bit, 15 % decodes places, 13 % walks over the squares',
};
