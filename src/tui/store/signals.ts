// Signals that a person may want to send, the mildest first, and what each does. Numbers are Linux's on every architecture that we run on.

export interface SignalKind {
  readonly name: string;
  readonly number: number;
  /** Completes "…: ". Up to its semicolon it is enough to choose by. */
  readonly does: string;
}

export const SIGNALS: readonly SignalKind[] = [
  { name: 'TERM', number: 15, does: 'asks it to end; it may clean up first, or not listen' },
  { name: 'HUP', number: 1, does: 'many services read their configuration again; ends what does not know it' },
  { name: 'INT', number: 2, does: 'as Ctrl-C at its terminal' },
  { name: 'QUIT', number: 3, does: 'ends it with a core dump, where it may write one' },
  { name: 'KILL', number: 9, does: 'ends it at once; it cannot clean up' },
  { name: 'STOP', number: 19, does: 'lets it stand still until CONT' },
  { name: 'CONT', number: 18, does: 'lets it go on after STOP' },
  { name: 'USR1', number: 10, does: 'whatever the program means by it' },
  { name: 'USR2', number: 12, does: 'whatever the program means by it' },
  { name: 'ABRT', number: 6, does: 'ends it as if it had failed an assertion' },
];
