// A terminal of a container as a stream of bytes, whoever holds it: its keeper (the console) or a program that was sent in (a shell). Types only.

export interface TerminalLink {
  /** Do we hold the keyboard? Another watcher of a console may hold it first; it comes to us when that one leaves. */
  readonly writer: boolean;
  /** Called when the keyboard is given to us or refused. */
  onWriter(listener: (writer: boolean) => void): void;
  /**
   * Called with everything from the beginning on; what came before the listener is kept for it. The bytes are its own until it returns; where it
   * pauses the link, until that is resumed.
   */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Whoever is slow asks for a pause: then no more is read but what has been read already, and the sender waits. */
  pause(): void;
  resume(): void;
  /** Called once, after the last data, with a sentence: how the program ended, that the container has ended, that the keeper is gone. */
  onEnd(listener: (reason: string) => void): void;
  /** Dropped while another holds the keyboard, and past 16 MiB that the program does not read, until it has read all of them. */
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Name of the program that has the foreground of the terminal, "" where it is the shell itself, null where that is not known (consoles). */
  foreground(): string | null;
  /** Hangs up. Nothing is told any more. */
  close(): void;
}
