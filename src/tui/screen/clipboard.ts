// Text for the clipboard of the person's own terminal, by OSC 52, through the multiplexer that lies between. Sources: xterm's ctlseqs,
// tmux(1) ("allow-passthrough"), screen's manual ("Control Sequences": DCS goes to the terminal as it is). Knows no terminal.

import type { Environment } from './capability.ts';

/** Bytes; as a sequence 100,000, which is what the terminals with the least room take. */
export const CLIPBOARD_MOST = 74_994;
/** Bytes of one string that every screen since 4.0 passes on. */
const SCREEN_STRING = 240;

const WAYS = ['plain', 'tmux', 'screen', 'off'] as const;
export type ClipboardWay = (typeof WAYS)[number];

/** VZDECK_CLIPBOARD says it, else what the environment tells of a multiplexer: TERM alone knows of one around the ssh that leads here. */
export function clipboardWay(env: Environment): ClipboardWay {
  const said = WAYS.find((way) => way === env['VZDECK_CLIPBOARD']);
  if (said !== undefined) return said;
  if (env['TMUX'] || env['TERM']?.startsWith('tmux')) return 'tmux';
  return env['STY'] ? 'screen' : 'plain';
}

/** The sequence that sets the clipboard; null where the text is longer than terminals take, or the way is off. */
export function clipboardSequence(text: string, way: ClipboardWay): string | null {
  const bytes = Buffer.from(text);
  if (bytes.length > CLIPBOARD_MOST || way === 'off') return null;
  const plain = `\x1b]52;c;${bytes.toString('base64')}\x07`;
  if (way === 'screen')
    return pieces(plain, SCREEN_STRING)
      .map((piece) => `\x1bP${piece}\x1b\\`)
      .join('');
  // tmux takes the first with set-clipboard on, and passes the second on with allow-passthrough on
  return way === 'tmux' ? `${plain}\x1bPtmux;${plain.replaceAll('\x1b', '\x1b\x1b')}\x1b\\` : plain;
}

function pieces(text: string, size: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
}
