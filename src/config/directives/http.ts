/** Directives: HTTP. None of them is Redis's; `since` is the version of Redis whose directives they stand beside. */
import { works } from '../directive.js';
import { ADDRESSES, BOOL, INT, MOUNTS, PORT, STRING, size, WORDS } from '../value-types.js';

export const http = {
  ...works({
    'http-port': {
      type: PORT,
      default: '0',
      mutable: false,
      since: '7.4.0',
      doc: 'TCP port of the HTTP APIs; with 0 there is no HTTP, and nothing of it is loaded.',
    },
    'http-bind': {
      type: ADDRESSES,
      default: '127.0.0.1',
      mutable: false,
      since: '7.4.0',
      doc: 'Addresses that HTTP is served on, as in `bind`.',
    },
    'http-mount': {
      type: MOUNTS,
      default: '',
      mutable: false,
      since: '7.4.0',
      doc:
        'An API and the path where it is served instead of its own: `http-mount webdis /`. Path `off` does not serve ' +
        'it. There may be several lines.',
    },
    'http-max-request-size': {
      type: size(),
      default: '128mb',
      mutable: false,
      since: '7.4.0',
      doc: 'Longest body of a request; a longer one is answered with 413.',
    },
    'http-request-timeout': {
      type: INT,
      default: '30',
      mutable: false,
      since: '7.4.0',
      doc: 'Seconds that a request may take to arrive, and a reply to be taken; 0 waits for ever.',
    },
    'http-max-waiting': {
      type: INT,
      default: '20000',
      mutable: false,
      since: '7.4.0',
      doc: 'Requests that may wait at a time, for an element of a queue say; those beyond are answered with 503.',
    },
    'http-tokens-file': {
      type: STRING,
      default: '',
      mutable: false,
      since: '7.4.0',
      doc:
        'JSON file of tokens, with the scopes, the prefix of keys and the database of each. With one, or with ' +
        '`requirepass`, every request has to bring a token or the password.',
    },
    'http-webdis-config': {
      type: STRING,
      default: '',
      mutable: false,
      since: '7.4.0',
      doc:
        "JSON file of webdis's own (webdis.json), for the API of that name: its `acl`, `database`, `websockets`, " +
        '`default_root` and `http_max_request_size` count.',
    },
    'http-allow-host': {
      type: WORDS,
      default: '',
      mutable: false,
      since: '7.4.0',
      doc: 'Names that requests may have as their `Host`, beside addresses and this machine; `*` stands for all.',
    },
    'http-allow-origin': {
      type: WORDS,
      default: '',
      mutable: false,
      since: '7.4.0',
      doc: "Origins whose pages may ask, beside this machine's, such as `https://app.example.com`; `*` stands for all.",
    },
    'http-kv-max-wait': {
      type: INT,
      default: '60',
      since: '7.4.0',
      doc: 'Seconds that a pop of the key-value API waits at most, whatever it asks for; 0 sets no limit.',
    },
    'http-cache-isolation': {
      type: BOOL,
      default: 'no',
      since: '7.4.0',
      doc: 'Gives each login of the cache API keys of its own; otherwise all logins share all keys of database 0.',
    },
    'http-cache-strict-status': {
      type: BOOL,
      default: 'no',
      since: '7.4.0',
      doc: 'Errors of the cache API have statuses of their own, such as 401 and 409, instead of 200.',
    },
    'http-cache-token-ttl': {
      type: INT,
      default: '0',
      since: '7.4.0',
      doc: 'Seconds that a token of the cache API is good for; 0: until the server ends.',
    },
  }),
};
