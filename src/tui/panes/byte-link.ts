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
  onData(listener: (bytes: Uint8Array) => void): void;
  /** After the last data. */
  onEnd(listener: (end: LinkEnd) => void): void;
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** The emulator can't keep up. A link that can't hold its sender back drops what comes until resume, and says so in its data. */
  pause(): void;
  resume(): void;
  /** Hangs up; onEnd still comes. */
  close(): void;
}
