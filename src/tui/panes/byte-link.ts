// Where a pane's bytes come from and go to: a program's pty or a container's console. Types only.

export interface LinkEnd {
  readonly code: number | null;
  /** Number of the signal. */
  readonly signal: number | null;
  /** One line for people. */
  readonly text: string;
}

export interface ByteLink {
  /** False: somebody else holds the keyboard. */
  readonly writable: boolean;
  /** Calls the listener when `writable` has changed. */
  onWritable(listener: () => void): void;
  /** The bytes are the listener's until it returns, and nothing more is read before it does: who is slow is not run over. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** After the last data. */
  onEnd(listener: (end: LinkEnd) => void): void;
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Hangs up; onEnd still comes. */
  close(): void;
}
