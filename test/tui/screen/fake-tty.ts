// The terminal's input side as the router sees it, typed at by the test; and a pane that remembers what it got.

import type { InputTarget, TargetModes } from '../../../src/tui/screen/input-target.ts';
import type { TtyInput } from '../../../src/tui/screen/router.ts';
import type { Rect } from '../../../src/tui/screen/surface-source.ts';

export class FakeTty implements TtyInput {
  raw = false;
  reading = false;
  readonly #listeners = new Set<(bytes: Buffer) => void>();

  setRawMode(on: boolean): void {
    this.raw = on;
  }

  on(_event: 'data', listener: (bytes: Buffer) => void): void {
    this.#listeners.add(listener);
  }

  off(_event: 'data', listener: (bytes: Buffer) => void): void {
    this.#listeners.delete(listener);
  }

  resume(): void {
    this.reading = true;
  }

  pause(): void {
    this.reading = false;
  }

  /** One packet. */
  type(text: string | Buffer): void {
    for (const listener of [...this.#listeners]) listener(Buffer.from(text as string));
  }
}

export const NO_MODES: TargetModes = {
  applicationCursorKeys: false,
  applicationKeypad: false,
  bracketedPaste: false,
  mouse: 'none',
  mouseEncoding: 'default',
  focusReports: false,
};

export class FakeTarget implements InputTarget {
  got = '';
  #modes = NO_MODES;
  readonly #listeners = new Set<() => void>();
  readonly #rect: Rect;

  constructor(modes: Partial<TargetModes> = {}, rect: Rect = { x: 10, y: 5, width: 40, height: 10 }) {
    this.#modes = { ...NO_MODES, ...modes };
    this.#rect = rect;
  }

  write(bytes: Uint8Array): void {
    this.got += Buffer.from(bytes).toString('latin1');
  }

  modes(): TargetModes {
    return this.#modes;
  }

  /** The program inside asks for something else. */
  ask(modes: Partial<TargetModes>): void {
    this.#modes = { ...this.#modes, ...modes };
    for (const listener of this.#listeners) listener();
  }

  rect(): Rect {
    return this.#rect;
  }

  onModes(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
