/** What the libraries do. */
import { range } from '../collections/shared.js';
import { long } from './shared.js';

const TEXT = range(20, (n) => `name${n}=value ${n * 7919};`).join(' ');
/** Some 700 bytes of JSON, 500 of MessagePack. */
const OBJECT = `{
  id = 12345, name = 'somebody', email = 'somebody@example.com', isActive = true, score = 98.5,
  tags = {'red', 'green', 'blue', 'a longer tag that says more', 'another'},
  address = {street = '12 Some Street', city = 'Somewhere', zip = '12345', country = 'Nowhere'},
  history = {
    {at = 1700000000, what = 'created', by = 'somebody else'},
    {at = 1700000100, what = 'changed', by = 'somebody'},
    {at = 1700000200, what = 'seen', by = 'nobody at all'},
    {at = 1700000300, what = 'changed again', by = 'somebody'},
  },
  counts = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 1000, 2000, 3000},
  text = 'some text with "quotes" in it, and a line break\\n',
}`;

const inLoop = (count, call, before = '') => `${before}\nlocal n = 0\nfor i = 1, ${count} do ${call} end\nreturn n`;

const FORMAT = inLoop(50_000, "n = n + #string.format('%s:%d:%.2f', 'key', i, i / 3)");
const TO_STRING = inLoop(50_000, 'n = n + #tostring(i / 7)');
const BITS = inLoop(200_000, 'n = bit.bxor(bit.band(bit.lshift(n, 5), 0xffffff), bit.bor(bit.rshift(n, 3), i))');
const FIND = inLoop(
  100_000,
  "local _, last = string.find(text, 'value (%d+);', i % 300 + 1) n = n + last",
  `local text = '${TEXT}'`,
);
const GSUB = inLoop(
  1_000,
  `
  local shown = string.gsub(text, '(%w+)=', '<%1>')
  local again = string.gsub(text, '%d+', function(digits) n = n + 1 end)
  n = n + #shown + #again`,
  `local text = '${TEXT}'`,
);
const ENCODE = inLoop(5_000, 'n = n + #cjson.encode(t)', `local t = ${OBJECT}`);
const DECODE = inLoop(5_000, 'n = n + cjson.decode(text).id', `local text = cjson.encode(${OBJECT})`);
const PACK = inLoop(5_000, 'n = n + #cmsgpack.pack(t)', `local t = ${OBJECT}`);
const UNPACK = inLoop(5_000, 'n = n + cmsgpack.unpack(text).id', `local text = cmsgpack.pack(${OBJECT})`);

export const groups = [
  {
    loads: [
      long('50,000 x string.format()', 1, FORMAT),
      long('50,000 x tostring() of i / 7', 1, TO_STRING),
      long('1,000,000 operations of bit', 0.5, BITS),
      long('100,000 x string.find()', 1.5, FIND),
      long('2,000 x string.gsub()', 2, GSUB),
      long('5,000 x cjson.encode() of 700 bytes', 1, ENCODE),
      long('5,000 x cjson.decode() of 700 bytes', 1, DECODE),
      long('5,000 x cmsgpack.pack() of 500 bytes', 1, PACK),
      long('5,000 x cmsgpack.unpack() of 500 bytes', 1, UNPACK),
    ],
  },
];
