/** What replies are written as: chosen by the extension at the end of the path, or by `type=`. */

export type FormatKind = 'json' | 'raw' | 'message-pack' | 'custom';

export interface Format {
  readonly kind: FormatKind;
  /** Content-Type. */
  readonly type: string;
}

export const JSON_FORMAT: Format = { kind: 'json', type: 'application/json' };

/** By the extension. */
const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['json', JSON_FORMAT],
  ['js', { kind: 'json', type: 'application/javascript' }],
  ['raw', { kind: 'raw', type: 'binary/octet-stream' }],
  ['msg', { kind: 'message-pack', type: 'application/x-msgpack' }],
  ['bin', { kind: 'custom', type: 'binary/octet-stream' }],
  ['txt', { kind: 'custom', type: 'text/plain' }],
  ['html', { kind: 'custom', type: 'text/html' }],
  ['xhtml', { kind: 'custom', type: 'application/xhtml+xml' }],
  ['xml', { kind: 'custom', type: 'text/xml' }],
  ['css', { kind: 'custom', type: 'text/css' }],
  ['png', { kind: 'custom', type: 'image/png' }],
  ['jpg', { kind: 'custom', type: 'image/jpeg' }],
  ['jpeg', { kind: 'custom', type: 'image/jpeg' }],
]);

export const EXTENSIONS: readonly string[] = [...FORMATS.keys()];

/** undefined: no extension that is known, and so a part of the argument. */
export function formatOf(extension: string): Format | undefined {
  return FORMATS.get(extension);
}

/** What the query asks for. Values are taken as they stand there, undecoded. */
export interface QueryOptions {
  /** `type`: the content's type, whose format is then the custom one. */
  readonly type: string | undefined;
  /** `jsonp` or `callback`: the function that JSON is wrapped into a call of. */
  readonly callback: string | undefined;
  /** `sep`: between the elements of an array. */
  readonly separator: string;
  /** `filename`: under which a browser is to save it. */
  readonly filename: string | undefined;
}

const NO_OPTIONS: QueryOptions = { type: undefined, callback: undefined, separator: '', filename: undefined };

/** Of several with one meaning the last one counts. */
export function parseQuery(query: string): QueryOptions {
  if (query === '') return NO_OPTIONS;
  let { type, callback, separator, filename } = NO_OPTIONS;
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    if (equals < 0) continue;
    const value = pair.slice(equals + 1).replace(UNSAFE, ' ');
    switch (pair.slice(0, equals)) {
      case 'type':
        type = value;
        break;
      case 'jsonp':
      case 'callback':
        callback = value;
        break;
      case 'sep':
        separator = value;
        break;
      case 'filename':
        filename = value;
        break;
    }
  }
  return { type, callback, separator, filename };
}

/** What must not get into a header. */
const UNSAFE = /[\x00-\x1f\x7f]/g;
