// Brings a text to the clipboard: as a sequence to the terminal, inside tmux through tmux itself, which by default takes no sequences.

import { spawn } from 'node:child_process';
import type { Environment } from './capability.ts';
import { CLIPBOARD_MOST, clipboardSequence, clipboardWay } from './clipboard.ts';

/** Why nothing was copied, as one sentence; null: it is on its way. Whether the terminal obeys it does not tell. */
export function sendToClipboard(text: string, env: Environment, control: (sequence: string) => void): string | null {
  const way = clipboardWay(env);
  if (text === '') return 'There is nothing to copy';
  if (way === 'off') return 'The clipboard is off (VZDECK_CLIPBOARD)';
  const sequence = clipboardSequence(text, way);
  if (sequence === null) return `Too long for a clipboard: ${Buffer.byteLength(text)} of at most ${CLIPBOARD_MOST} bytes`;
  if (way === 'tmux' && env['TMUX']) throughTmux(text, () => control(sequence));
  else control(sequence);
  return null;
}

/** tmux sets the terminal's clipboard by itself with `set-clipboard external`, its default; before 3.2 it knew no -w. */
function throughTmux(text: string, otherwise: () => void): void {
  const child = spawn('tmux', ['load-buffer', '-w', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
  child.on('error', otherwise);
  child.on('exit', (code) => code !== 0 && otherwise());
  child.stdin.on('error', () => {});
  child.stdin.end(text);
}
