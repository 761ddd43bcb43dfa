/** What a request may do, by its token or user. */
export interface Access {
  /** For logs, and for isolation per login. */
  readonly name: string;
  readonly isReadOnly: boolean;
  /** undefined: all of them. */
  readonly scopes: ReadonlySet<string> | undefined;
  /** Put before every key; '' for none. */
  readonly keyPrefix: string;
  /** The only database; undefined: any. */
  readonly database: number | undefined;
}

export const FULL_ACCESS: Access = {
  name: 'default',
  isReadOnly: false,
  scopes: undefined,
  keyPrefix: '',
  database: undefined,
};
