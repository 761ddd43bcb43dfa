/** What the parser makes of a text: statements and expressions, with each name bound to its variable. */

import type { Value } from '../runtime/value.js';

/** A local variable or a parameter. */
export class Variable {
  /** A function that is nested in its owner uses it. */
  isCaptured = false;
  /** It is assigned to after its declaration. */
  isReassigned = false;
  /** It holds a number, or a function of the text, whenever it can be read, as long as it is not reassigned. */
  isNumber = false;
  isFunction = false;
  /** What it holds as long as it is not reassigned, if the compiler knows that: a library's function. */
  constant: Value;
  /** Wherever it is named. */
  readonly place: Local = { kind: 'local', variable: this };

  constructor(
    readonly name: string,
    readonly owner: FunctionBody,
    /** Of the variables of the text. */
    readonly ordinal: number,
    /** Its declaration can run several times within one call of its owner. */
    readonly isInLoop: boolean,
    /** Its number among those that its owner has there. */
    readonly register: number,
  ) {}
}

export class FunctionBody {
  readonly parameters: Variable[] = [];
  block: Statement[] = [];
  isVararg = false;
  /** It has `...` as an expression. */
  usesVararg = false;
  /** The table of additional arguments that a function with `...` in its head has as long as its body has no `...`. */
  argumentTable: Variable | undefined;
  /** It calls functions, so that it can be part of an endless recursion. */
  hasCalls = false;
  /** Of a whole text: there is nothing in it for which it has to be compiled. */
  isWalkable = true;
  /** Of a whole text: expressions that are deep to their left. */
  deep: WeakSet<Expression> | null = null;
  /** The variables of functions around it that it uses, itself or for a function in it. */
  readonly upvalues: Variable[] = [];

  constructor(
    readonly parent: FunctionBody | undefined,
    readonly line: number,
    /** The ordinal of its first variable: those of functions around it that it can see have lower ones. */
    readonly firstVariable: number,
  ) {}
}

export type Literal = string | number;

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '^' | '..' | '==' | '~=' | '<' | '<=' | '>' | '>=';

/** `line` is what an error in the expression is put down to. */
export type Expression =
  | { kind: 'nil' | 'true' | 'false' | 'vararg' }
  /** `literal` is its number among those of the text, -1 for what is none; a hot one comes to be read many times. */
  | { kind: 'number'; value: number; literal: number; isHot: boolean }
  | { kind: 'string'; value: string; literal: number }
  | { kind: 'function'; body: FunctionBody }
  | { kind: 'parenthesis'; inner: Expression }
  | TableConstructor
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | Binary
  | { kind: 'unary'; operator: '-' | 'not' | '#'; operand: Expression; line: number }
  | Place
  | Call
  | MethodCall
  | Held;

export type Binary = { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression; line: number };

export type Local = { kind: 'local'; variable: Variable };
export type Global = { kind: 'global'; name: string; line: number };
export type Index = { kind: 'index'; object: Expression; key: Expression; line: number };

/** The generator's: a value that a variable of the code holds already. */
export type Held = { kind: 'held'; text: string; original: Expression };

/** What can be assigned to. */
export type Place = Local | Global | Index;

/** `place` is for who walks the tree: the call's place, once it has one; else 0. */
export type Call = { kind: 'call'; callee: Expression; args: Expression[]; line: number; place: number };
export type MethodCall = {
  kind: 'method';
  object: Expression;
  name: string;
  nameLine: number;
  args: Expression[];
  line: number;
  place: number;
};

export type TableConstructor = { kind: 'table'; fields: Field[]; line: number };
/** Without a key it is the next of the list. */
export type Field = { key: Expression | undefined; value: Expression };

export type Statement =
  | { kind: 'call'; call: Call | MethodCall }
  | { kind: 'local'; variables: Variable[]; values: Expression[] }
  | { kind: 'localFunction'; variable: Variable; body: FunctionBody }
  | { kind: 'assign'; places: Place[]; values: Expression[]; line: number }
  | { kind: 'if'; branches: Branch[]; otherwise: Statement[] | undefined }
  | Loop
  | { kind: 'do'; block: Statement[] }
  | { kind: 'return'; values: Expression[] }
  | { kind: 'break' };

export type Branch = { condition: Expression; block: Statement[] };
/** `firstVariable` is the ordinal of the first variable in it. */
export type Loop = While | Repeat | NumericFor | GenericFor;
export type While = { kind: 'while'; condition: Expression; block: Statement[]; firstVariable: number };
export type Repeat = { kind: 'repeat'; block: Statement[]; condition: Expression; firstVariable: number };
export type NumericFor = {
  kind: 'numericFor';
  variable: Variable;
  start: Expression;
  limit: Expression;
  step: Expression | undefined;
  block: Statement[];
  line: number;
  firstVariable: number;
};
export type GenericFor = {
  kind: 'genericFor';
  variables: Variable[];
  values: Expression[];
  block: Statement[];
  line: number;
  firstVariable: number;
};
