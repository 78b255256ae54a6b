// The real terminal in the hands of a program that is held already: its bytes go out as they come, keys go in as the terminal sends them.
// The terminal must have been given back before, and is taken anew afterwards. Knows no screen.

import type { TargetModes } from './input-target.ts';
import { translate } from './pane-input.ts';
import { headWait, PASTE_SILENCE, type TtyInput } from './router.ts';
import type { HandedStream } from './screen.ts';
import type { Rect } from './surface-source.ts';
import { RELEASE } from './terminal-modes.ts';

/** The terminal itself is in the modes that the program asked for: nothing is to be translated. */
const AS_SENT: TargetModes = {
  applicationCursorKeys: false,
  applicationKeypad: false,
  bracketedPaste: true,
  mouse: 'any',
  mouseEncoding: 'sgr',
  focusReports: true,
};
export interface Terminal {
  readonly stdin: TtyInput;
  readonly stdout: Pick<NodeJS.WriteStream, 'columns' | 'rows' | 'write' | 'on' | 'off'>;
}

const EVERYWHERE: Rect = { x: 0, y: 0, width: 100_000, height: 100_000 };

/**
 * Resolves at the leave chord, with what was typed behind it, or when the program has ended. `typed` has been typed already, while the terminal
 * changed hands.
 */
export function handOver(stream: HandedStream, typed: Buffer, { stdin, stdout }: Terminal = process): Promise<Buffer> {
  return new Promise((resolve) => {
    let pasting = false;
    let pending = '';
    let lastInput = 0;
    let wait: NodeJS.Timeout | undefined;
    const resize = (): void => stream.resize(stdout.columns, stdout.rows);
    const drained = (): void => stream.drained();
    const pass = (final: boolean): void => {
      const taken = translate(pending, { modes: AS_SENT, rect: EVERYWHERE, pasting }, final);
      ({ pasting, rest: pending } = taken);
      if (taken.bytes !== '') stream.write(Buffer.from(taken.bytes, 'latin1'));
      if (taken.leave) leave();
      else if (pending !== '' && !pasting) wait = setTimeout(pass, headWait(pending), true);
    };
    const input = (bytes: Buffer): void => {
      const now = performance.now();
      if (now - lastInput > PASTE_SILENCE) pasting = false;
      lastInput = now;
      clearTimeout(wait);
      pending += bytes.toString('latin1');
      pass(false);
    };
    let stop = (): void => {};
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      clearTimeout(wait);
      stop();
      stdin.off('data', input);
      stdin.pause();
      stdin.setRawMode(false);
      stdout.off('resize', resize).off('drain', drained);
      stdout.write(RELEASE);
      resolve(Buffer.from(pending, 'latin1'));
    };
    stdin.setRawMode(true);
    stdin.on('data', input);
    stdin.resume();
    stdout.on('resize', resize).on('drain', drained);
    resize();
    stdout.write(stream.begin());
    stop = stream.onOutput((bytes) => stdout.write(bytes));
    stream.onEnd(leave);
    if (!left) input(typed);
  });
}
