/** Lua alone: what scripts compute, in programs of some milliseconds. */
import { long } from './shared.js';

const FIB = 'local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(27)';

const CLOSURES = `
local function counter() local n = 0 return function() n = n + 1 return n end end
local s = 0
for i = 1, 200000 do local count = counter() count() s = s + count() end
return s`;

const CALLS = 'local function add(a, b) return a + b end local s = 0 for i = 1, 1000000 do s = add(s, i) end return s';

const VARARGS = `
local function sum(...)
  local s = 0
  for i = 1, select('#', ...) do s = s + (select(i, ...)) end
  return s
end
local s = 0
for i = 1, 100000 do s = s + sum(i, 2, 3) end
return s`;

const CONCATENATIONS = "local n = 0 for i = 1, 200000 do local key = 'user:' .. i .. ':name' n = n + #key end return n";

const NUMBERS = `
local texts = {}
for i = 1, 100 do texts[i] = '' .. i * 7919 % 100000 end
local s = 0
for i = 1, 200000 do s = s + tonumber(texts[i % 100 + 1]) end
return s`;

const STRING_KEYS = `
local t, n = {}, 0
for i = 1, 200000 do t['key:' .. i] = i end
for key, value in pairs(t) do n = n + value end
return n`;

/** What is taken out leaves a hole at the front. */
const QUEUE = `
local queue, first, last, s = {}, 1, 10, 0
for i = 1, 10 do queue[i] = i end
for i = 1, 200000 do
  last = last + 1
  queue[last] = i
  s = s + queue[first]
  queue[first] = nil
  first = first + 1
end
return s`;

const INSERT_AND_REMOVE = `
local queue, s = {}, 0
for i = 1, 20 do queue[i] = i end
for i = 1, 100000 do
  table.insert(queue, i)
  s = s + table.remove(queue, 1)
end
return s`;

const SORT = `
local t, x = {}, 1
for i = 1, 50000 do x = x * 16807 % 2147483647 t[i] = x end
table.sort(t)
return t[1]`;

const SORT_WITH_COMPARATOR = `
local t, x = {}, 1
for i = 1, 20000 do x = x * 16807 % 2147483647 t[i] = {score = x} end
table.sort(t, function(a, b) return a.score > b.score end)
return t[1].score`;

const OBJECTS = `
local Account = {}
Account.__index = Account
function Account.new(sum) return setmetatable({sum = sum}, Account) end
function Account:pay(n) self.sum = self.sum + n return self.sum end
local s = 0
for i = 1, 100000 do
  local account = Account.new(i)
  account:pay(1)
  account:pay(2)
  s = s + account:pay(3)
end
return s`;

const METAMETHODS = `
local Vector = {}
Vector.__add = function(a, b) return setmetatable({x = a.x + b.x}, Vector) end
Vector.__index = function(t, key) return 1 end
local sum, n = setmetatable({x = 0}, Vector), 0
local one = setmetatable({x = 1}, Vector)
for i = 1, 100000 do
  sum = sum + one
  n = n + sum.y
end
return sum.x + n`;

const ERRORS = `
local function fail() error('boom') end
for i = 1, 100000 do pcall(fail) end`;

const LIBRARY_ERRORS = `
local function fail() return string.rep('x', {}) end
for i = 1, 20000 do pcall(fail) end`;

export const groups = [
  {
    loads: [
      long('fib(27)', 0.5, FIB),
      long('2,000,000 rounds of a loop', 0.5, 'local s = 0 for i = 1, 2000000 do s = s + i % 7 end return s'),
      long('200,000 closures', 0.5, CLOSURES),
      long('1,000,000 calls', 0.5, CALLS),
      long('100,000 calls with varargs', 0.5, VARARGS),
      long('200,000 concatenations', 0.6, CONCATENATIONS),
      long('300,000 values pushed', 0.6, 'local t = {} for i = 1, 300000 do t[#t + 1] = i end return #t'),
      long('200,000 x tonumber()', 0.6, NUMBERS),
      long('200,000 string keys, pairs()', 0.8, STRING_KEYS),
      long('200,000 values through a queue of 10', 1.5, QUEUE),
      long('100,000 x table.insert(), table.remove(t, 1)', 0.8, INSERT_AND_REMOVE),
      long('table.sort() of 50,000', 0.8, SORT),
      long('table.sort() of 20,000 with a comparator', 0.8, SORT_WITH_COMPARATOR),
      long('100,000 objects, 300,000 methods', 1, OBJECTS),
      long('200,000 metamethods', 1, METAMETHODS),
      long('100,000 x error() and pcall()', 1.5, ERRORS),
      long('20,000 errors of a library', 4, LIBRARY_ERRORS),
    ],
  },
];
