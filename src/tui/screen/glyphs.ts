// The characters beyond ASCII that the screen uses, and what stands for them where the terminal has none.

import type { Glyphs } from './theme.ts';

export const UNICODE_GLYPHS: Glyphs = {
  bar: [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
  track: ' ',
  spark: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  rule: '─',
  vertical: '│',
  up: '▴',
  down: '▾',
  left: '←',
  right: '→',
  enter: '↵',
  ellipsis: '…',
  folded: '▸',
  selected: '▌',
  marked: '●',
  alarm: '!',
  done: '✔',
  failed: '✘',
  dash: '–',
  border: 'single',
  borderFocused: 'bold',
};

export const ASCII_GLYPHS: Glyphs = {
  bar: [' ', '-', '=', '#'],
  track: '.',
  spark: ['_', '.', '-', '=', '#'],
  rule: '-',
  vertical: '|',
  up: '^',
  down: 'v',
  left: '<',
  right: '>',
  enter: 'Enter',
  ellipsis: '~',
  folded: '+',
  selected: '>',
  marked: '*',
  alarm: '!',
  done: '+',
  failed: 'x',
  dash: '-',
  border: 'classic',
  borderFocused: 'classic',
};
