/** Long texts, of which no tree is kept. */

import { charge } from '../runtime/limits.js';
import type { LexerState } from './lexer.js';
import { isBlockEnd, Parser } from './parser.js';
import { FunctionScope } from './scope.js';
import type { FunctionBody, Statement } from './syntax-tree.js';

/** Tokens: a statement that has more is not read twice. */
const MOST_READ_TWICE = 5000;
/** What a token of one that is kept may take while it is walked: the places of its calls, and lists of its parts. */
const WALKED_TOKEN_BYTES = 100;

/** A statement that is kept, and where the parser is after it. */
interface Kept {
  readonly statement: Statement;
  readonly end: LexerState;
  readonly nextVariable: number;
}

/**
 * A text that is read twice: to see that it is one, and again, a statement at a time, as it runs. What is forgotten at
 * once costs V8 next to nothing, and a tree that it has to move five times what it takes to read the text. So from the
 * first time only large statements are kept.
 */
export class Reading {
  /** Without its statements. */
  readonly body: FunctionBody;
  /** Of its main function, at the end. */
  readonly scope: FunctionScope;
  /** By the numbers of tokens before them. */
  private readonly kept = new Map<number, Kept>();

  /** @throws LuaError */
  constructor(
    private readonly source: string,
    private readonly chunkName: string,
    private readonly levels: number,
  ) {
    const parser = new StatementParser(source, chunkName, levels);
    this.body = parser.read(this.kept);
    this.scope = parser.scope;
  }

  statements(): Iterable<Statement> {
    return new StatementParser(this.source, this.chunkName, this.levels).readAgain(this.scope, this.kept);
  }
}

/** A parser that forgets. */
class StatementParser extends Parser {
  read(kept: Map<number, Kept>): FunctionBody {
    const { lexer } = this;
    lexer.next();
    this.enterLevel();
    for (let isLast = false; !isLast && !isBlockEnd(lexer.kind); ) {
      const { tokens } = lexer;
      const statement = this.parseStatement();
      if (lexer.tokens - tokens > MOST_READ_TWICE) {
        charge((lexer.tokens - tokens) * WALKED_TOKEN_BYTES);
        kept.set(tokens, { statement, end: lexer.state(), nextVariable: this.scope.nextVariable });
      }
      this.accept(';');
      isLast = statement.kind === 'return' || statement.kind === 'break';
    }
    this.endMain();
    return this.main;
  }

  *readAgain(before: FunctionScope, kept: ReadonlyMap<number, Kept>): Generator<Statement> {
    this.scope = new FunctionScope(this.lexer, undefined, 0, false, before);
    this.main = before.body;
    this.lexer.next();
    this.enterLevel();
    while (!isBlockEnd(this.lexer.kind)) {
      const known = kept.get(this.lexer.tokens);
      yield known === undefined ? this.parseStatement() : this.passOver(known);
      this.accept(';');
    }
  }

  private passOver({ statement, end, nextVariable }: Kept): Statement {
    this.lexer.goTo(end);
    this.scope.passOver(statement, nextVariable);
    return statement;
  }
}
