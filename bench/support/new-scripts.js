/** Scripts of twenty lines, as people write them, of which no two have the same structure. */

const WORDS = 'count limit total job key value score id name field rest now state size kind'.split(' ');
const LINES = 20;

/** The script with a number. It uses two keys and two arguments, and comes to its end whatever they are. */
export function newScript(number) {
  return new ScriptWriter(numbersFrom(number)).text();
}

class ScriptWriter {
  lines = ['local amount = tonumber(ARGV[1]) or 0'];
  variables = ['amount'];
  functions = [];

  /** `below(n)` is a number from 0 to n - 1. */
  constructor(below) {
    this.below = below;
  }

  text() {
    const last = LINES - 1;
    while (this.lines.length < last) {
      const part = this.part();
      if (this.lines.length + part.length <= last) this.lines.push(...part);
    }
    return [...this.lines, `return {amount, ${this.variable()}, KEYS[1]}`].join('\n');
  }

  pick(choices) {
    return choices[this.below(choices.length)];
  }

  word() {
    return this.pick(WORDS);
  }

  variable() {
    return this.pick(this.variables);
  }

  local(value) {
    const name = `${this.word()}${this.lines.length}`;
    if (this.lines.length < LINES - 1) this.variables.push(name);
    return `local ${name} = ${value}`;
  }

  part() {
    const [a, b] = [this.variable(), this.variable()];
    const n = this.below(100);
    switch (this.below(13)) {
      case 0:
        return [this.local(`redis.call('GET', KEYS[1] .. ':' .. ${a}) or ${n}`)];
      case 1:
        return [this.local(`(tonumber(${a}) or 0) + ${n} * tonumber(ARGV[${1 + this.below(2)}])`)];
      case 2:
        return [`if (tonumber(${a}) or 0) > ${n} then`, `  redis.call('SET', KEYS[1], ${b}, 'EX', ${n + 1})`, 'end'];
      case 3:
        return [`redis.call('HSET', KEYS[2], '${this.word()}', ${a}, '${this.word()}', tostring(${b}))`];
      case 4:
        return [`redis.call('HSET', KEYS[2], '${this.word()}', cjson.encode({${a}, ${b}, ${this.word()} = ${a}}))`];
      case 5:
        return [`for i = 1, ${1 + this.below(3)} do`, `  amount = amount + i * #tostring(${a})`, 'end'];
      case 6: {
        if (this.lines.length + 3 >= LINES) return [];
        const name = `${this.word()}Of${this.lines.length}`;
        this.functions.push(name);
        return [`local function ${name}(a, b)`, `  return (a or ${n}) .. '-' .. tostring(b)`, 'end'];
      }
      case 7:
        if (this.functions.length === 0) return [];
        return [`redis.call('RPUSH', KEYS[2] .. ':list', ${this.pick(this.functions)}(${a}, ${n}))`];
      case 8:
        return [
          `if not ${a} then`,
          `  return redis.error_reply('no ${this.word()}')`,
          `elseif ${a} == '${this.word()}' then`,
          '  return nil',
          'end',
        ];
      case 9:
        return [
          'for _, each in ipairs(KEYS) do',
          `  redis.call('ZADD', each .. ':z', ${n}, '${this.word()}' .. ${a})`,
          'end',
        ];
      case 10:
        return [this.local(`string.format('%s:%d', ${a}, ${n})`)];
      case 11:
        return [`amount = amount + ((tonumber(${a}) or 0) < ${n} and 1 or 2)`];
      default:
        return [`-- what the ${this.word()} is`];
    }
  }
}

/** Xorshift. */
function numbersFrom(seed) {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state % below;
  };
}
