// The real terminal in the hands of a program that is held already: its bytes go out as they come, keys go in as the terminal sends them.
// The terminal must have been given back before, and is taken anew afterwards. Knows no screen.

import type { TargetModes } from './input-target.ts';
import { translate } from './pane-input.ts';
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
const EVERYWHERE: Rect = { x: 0, y: 0, width: 100_000, height: 100_000 };

/** Resolves at the leave chord, or when the program has ended. `typed` has been typed already, while the terminal changed hands. */
export function handOver(
  stream: HandedStream,
  typed: Buffer,
  { stdin, stdout }: Pick<NodeJS.Process, 'stdin' | 'stdout'> = process,
): Promise<void> {
  return new Promise((resolve) => {
    let pasting = false;
    const resize = (): void => stream.resize(stdout.columns, stdout.rows);
    const drained = (): void => stream.drained();
    const input = (bytes: Buffer): void => {
      const taken = translate(bytes.toString('latin1'), { modes: AS_SENT, rect: EVERYWHERE, pasting }, true);
      pasting = taken.pasting;
      if (taken.bytes !== '') stream.write(Buffer.from(taken.bytes, 'latin1'));
      if (taken.leave) leave();
    };
    let stop = (): void => {};
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      stop();
      stdin.off('data', input).pause();
      stdin.setRawMode(false);
      stdout.off('resize', resize).off('drain', drained);
      stdout.write(RELEASE);
      resolve();
    };
    stdin.setRawMode(true);
    stdin.on('data', input).resume();
    stdout.on('resize', resize).on('drain', drained);
    resize();
    stdout.write(stream.begin());
    stop = stream.onOutput((bytes) => stdout.write(bytes));
    stream.onEnd(leave);
    if (!left) input(typed);
  });
}
