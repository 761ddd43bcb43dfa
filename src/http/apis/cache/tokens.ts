/** Tokens of logins. They live as long as the server, or shorter where a time is set. Only their hashes are kept. */
import { hash, randomInt } from 'node:crypto';

const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** 142 bits of chance. */
const LENGTH = 24;
/** Of one login; a newer one ends the oldest. */
const MAX_OF_LOGIN = 1000;

interface Token {
  readonly hash: string;
  readonly login: string;
  readonly expireAtMs: number;
}

export class Tokens {
  private readonly byHash = new Map<string, Token>();
  private readonly byLogin = new Map<string, Set<Token>>();

  /** `seconds`: for how long it is good; 0 for ever. */
  create(login: string, seconds: number, nowMs: number): string {
    let text = '';
    while (text.length < LENGTH) text += SIGNS[randomInt(SIGNS.length)];
    const expireAtMs = seconds === 0 ? Number.POSITIVE_INFINITY : nowMs + seconds * 1000;
    const token: Token = { hash: hash('sha256', text), login, expireAtMs };
    const others = this.byLogin.get(login) ?? new Set();
    for (const other of others) {
      if (other.expireAtMs > nowMs && others.size < MAX_OF_LOGIN) break;
      this.forget(other);
    }
    this.byHash.set(token.hash, token);
    this.byLogin.set(login, others.add(token));
    return text;
  }

  /** Whose it is; undefined where it is nobody's, or not any more. */
  loginOf(text: string, nowMs: number): string | undefined {
    const token = this.byHash.get(hash('sha256', text));
    if (token === undefined) return undefined;
    if (token.expireAtMs > nowMs) return token.login;
    this.forget(token);
    return undefined;
  }

  private forget(token: Token): void {
    this.byHash.delete(token.hash);
    this.byLogin.get(token.login)?.delete(token);
  }
}
