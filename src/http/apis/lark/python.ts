/** Texts as Python writes them: lark is a Python program, and what it stored and answered others may compare with. */
import { type Json, JsonNumber } from '../../json.js';

/** A double as repr() writes it: `1.0`, `0.1`, `1e+16`, `1e-05`. Infinite ones are `inf`, `-inf`, `nan`. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [digits, exponent] = value.toExponential().split('e');
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 16)) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const plain = String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/** A number's text: of an integer its digits. */
export function numberText(number: JsonNumber): string {
  if (number.isInteger) return number.text === '-0' ? '0' : number.text;
  return floatText(Number(number.text));
}

/** JSON as json.dumps() writes it: spaces after commas and colons, ASCII only. */
export function jsonText(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return asciiJson(value);
  if (value instanceof JsonNumber) return numberText(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  return `{${Array.from(value, ([name, member]) => `${asciiJson(name)}: ${jsonText(member)}`).join(', ')}}`;
}

function asciiJson(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A text as repr() of Python 2 writes it: `u'...'`. */
function unicodeRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let inside = '';
  for (const sign of text) {
    const code = sign.codePointAt(0) as number;
    if (sign === quote || sign === '\\') inside += `\\${sign}`;
    else if (sign === '\n') inside += '\\n';
    else if (sign === '\r') inside += '\\r';
    else if (sign === '\t') inside += '\\t';
    else if (code < 0x20 || (code >= 0x7f && code <= 0xff)) inside += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code > 0xffff) inside += `\\U${code.toString(16).padStart(8, '0')}`;
    else if (code > 0xff) inside += `\\u${code.toString(16).padStart(4, '0')}`;
    else inside += sign;
  }
  return `u${quote}${inside}${quote}`;
}

/** What is wrong, by the field's path, as a dict of texts: `{'value': u'Required'}`. */
export function problemsText(problems: ReadonlyMap<string, string>): string {
  const members = [...problems].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([path, text]) => `${unicodeRepr(path).slice(1)}: ${unicodeRepr(text)}`).join(', ')}}`;
}
