// Colours of themes as SGR parameters for each depth.

import type { ColorDepth } from './theme.ts';

export const ANSI_COLORS = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white',
  'bright-black',
  'bright-red',
  'bright-green',
  'bright-yellow',
  'bright-blue',
  'bright-magenta',
  'bright-cyan',
  'bright-white',
] as const;
export type AnsiColor = (typeof ANSI_COLORS)[number];

/** `ansi` follows the user's own palette; with `rgb` it is only the stand-in for 16 colours. */
export interface Color {
  readonly ansi: AnsiColor;
  readonly rgb?: string;
}

type Layer = 'fg' | 'bg';

/** SGR parameters such as "36", "48;5;236", "38;2;95;175;215"; "" in mono. */
export function colorSgr(color: Color, layer: Layer, depth: ColorDepth): string {
  if (depth === 'mono') return '';
  const base = layer === 'fg' ? 30 : 40;
  if (color.rgb === undefined || depth === '16') {
    const n = ANSI_COLORS.indexOf(color.ansi);
    return String(n < 8 ? base + n : base + 52 + n);
  }
  return depth === '256' ? `${base + 8};5;${nearest256(color.rgb)}` : `${base + 8};2;${channels(color.rgb).join(';')}`;
}

/** The same colour in the words of Ink's color properties; undefined in mono. */
export function inkColor(color: Color, depth: ColorDepth): string | undefined {
  if (depth === 'mono') return undefined;
  if (color.rgb !== undefined && depth === 'true') return color.rgb;
  if (color.rgb !== undefined && depth === '256') return `ansi256(${nearest256(color.rgb)})`;
  return color.ansi.replace(/^bright-(.)(.*)$/, (_, first: string, rest: string) => `${first}${rest}Bright`).replace('blackBright', 'gray');
}

type Channels = readonly [number, number, number];

function channels(rgb: string): Channels {
  const n = Number.parseInt(rgb.slice(1), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

const CUBE = [0, 95, 135, 175, 215, 255] as const;

/** The nearest of xterm's colours 16…255: the 6×6×6 cube or the 24 greys. */
function nearest256(rgb: string): number {
  const want = channels(rgb);
  const [r, g, b] = want.map(cubeStep) as unknown as Channels;
  const grey = Math.min(23, Math.max(0, Math.round((want.reduce((a, c) => a + c, 0) / 3 - 8) / 10)));
  const greyLevel = 8 + grey * 10;
  const fromCube = distance(want, [CUBE[r]!, CUBE[g]!, CUBE[b]!]);
  return distance(want, [greyLevel, greyLevel, greyLevel]) < fromCube ? 232 + grey : 16 + 36 * r + 6 * g + b;
}

function cubeStep(value: number): number {
  return CUBE.reduce<number>((best, level, i) => (Math.abs(level - value) < Math.abs(CUBE[best]! - value) ? i : best), 0);
}

function distance(a: Channels, b: Channels): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}
