/** What a call, a client and a waiter know of a command: its name and its nature, not its row. */
export interface RunningCommand {
  /** `get`, of a subcommand `client|id`. */
  readonly fullName: string;
  /** `get`, of a subcommand its own part. */
  readonly name: string;
  /** Bits of CommandFlag. */
  readonly flags: number;
}
