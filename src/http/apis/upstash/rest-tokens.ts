/**
 * Tokens that `ACL RESTTOKEN user password` makes: with one, a request may what that user may. They are not kept
 * anywhere. Each follows from the user's name and password, so it is the same whenever it is asked for, and ends with
 * the password.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ServerAuthentication } from '../../../engine/server.js';
import type { Args } from '../../../protocol/args.js';
import { bytesOf } from '../../../text/byte-text.js';
import { type Access, FULL_ACCESS } from '../../access/access.js';

/** The only user there is. */
const USER = 'default';
const PURPOSE = 'redstart REST token of ';
/** Of SHA-256, in base64url. */
const TOKEN_LENGTH = 43;

export class RestTokens {
  constructor(
    private readonly authentication: ServerAuthentication,
    private readonly password: () => string,
  ) {}

  static isAsked(args: Args): boolean {
    return args.count === 4 && args.is(0, 'ACL') && args.is(1, 'RESTTOKEN');
  }

  /** @returns undefined where the user or the password is wrong, or where there is no password to prove */
  make(user: string, password: Buffer): string | undefined {
    const { authentication } = this;
    return authentication.isRequired && authentication.accepts(user, password) ? this.tokenOf() : undefined;
  }

  /** What a token allows; undefined for one that is none of these. */
  readonly accessOf = (token: string): Access | undefined => {
    if (token.length !== TOKEN_LENGTH || !this.authentication.isRequired) return undefined;
    const given = Buffer.from(token);
    const valid = Buffer.from(this.tokenOf());
    return given.length === valid.length && timingSafeEqual(given, valid) ? FULL_ACCESS : undefined;
  };

  private tokenOf(): string {
    return createHmac('sha256', bytesOf(this.password())).update(`${PURPOSE}${USER}`).digest('base64url');
  }
}
