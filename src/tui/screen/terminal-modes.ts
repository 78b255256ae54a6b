// The sequences that take the terminal and give it back. Sources: xterm's ctlseqs, DEC STD 070; 2026 is synchronized output.

/** Everything that we or a child that died may have switched, but for the alternate screen. Unknown modes are ignored by terminals. */
const RESET_MODES = [
  '\x1b[?2026l', // frames are shown as they come
  '\x1b[0m', // attributes
  '\x1b[r', // scroll region
  '\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l', // mouse
  '\x1b[?1004l', // focus reports
  '\x1b[?2004l', // bracketed paste
  '\x1b[?1l\x1b>', // cursor and keypad keys
  '\x1b[?7h', // wrapping
].join('');

/** What else a program may have changed that had the terminal to itself. */
export const RELEASE = [
  '\x1b[!p\x1b(B\x0f', // soft reset, charset
  '\x1b[?5l\x1b[?1005l\x1b[?1015l\x1b[?1016l', // reverse screen, other forms of mouse reports
  '\x1b[<99u\x1b[>4m', // keys as kitty and xterm tell them
  '\x1b[0 q\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07', // cursor's shape, colours
].join('');

/** Alternate screen first: it keeps the cursor's place, which resetting the scroll region loses. No wrapping at the edge, no cursor. */
export const TAKE = `\x1b[?1049h${RESET_MODES}\x1b[?7l\x1b[?25l`;

/** The last thing that is written. Some terminals have a scroll region for each screen. */
export const GIVE_BACK = `${RESET_MODES}\x1b[?1049l\x1b7\x1b[r\x1b8\x1b[?25h`;

export const BEGIN_FRAME = '\x1b[?2026h';
export const END_FRAME = '\x1b[?2026l';
export const CLEAR = '\x1b[0m\x1b[r\x1b[H\x1b[2J';
export const HIDE_CURSOR = '\x1b[?25l';
export const SHOW_CURSOR = '\x1b[?25h';
