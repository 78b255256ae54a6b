// What can be read: the contrast (WCAG 2.1) of each role against the ground that its theme is for, as the SGR of each depth comes out.
import { expect, test } from 'vitest';
import { UNICODE_GLYPHS } from '../../../src/tui/screen/glyphs.ts';
import { makeTheme } from '../../../src/tui/screen/make-theme.ts';
import { ROLES, type Role } from '../../../src/tui/screen/theme.ts';
import { builtInTheme } from '../../../src/tui/screen/themes.ts';

type Rgb = readonly number[];
/** xterm's own; a terminal with others has chosen them for its ground. */
const SIXTEEN = (
  '000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff'.split(' ') as string[]
).map((hex) => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));
const STEPS = [0, 95, 135, 175, 215, 255];

function indexed(n: number): Rgb {
  if (n < 16) return SIXTEEN[n] ?? [];
  if (n >= 232) return Array(3).fill(8 + 10 * (n - 232));
  return [Math.floor((n - 16) / 36), Math.floor((n - 16) / 6) % 6, (n - 16) % 6].map((step) => STEPS[step] ?? 0);
}

/** Foreground that an SGR sequence sets; null where it sets none. */
function foreground(sgr: string): Rgb | null {
  const codes = [...sgr.matchAll(/\d+/g)].map(Number);
  const at = codes.findIndex((code) => code === 38 || (code >= 30 && code <= 37) || (code >= 90 && code <= 97));
  const code = codes[at] ?? 0;
  if (at < 0) return null;
  if (code !== 38) return indexed(code >= 90 ? code - 82 : code - 30);
  return codes[at + 1] === 2 ? codes.slice(at + 2, at + 5) : indexed(codes[at + 2] ?? 0);
}

function luminance(rgb: Rgb): number {
  const [r = 0, g = 0, b = 0] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Lines and the empty part of a gauge are seen, not read; what is known and unremarkable may stand back. */
const LEAST: Readonly<Partial<Record<Role, number>>> = { border: 1.5, track: 1.5, dim: 3, placeholder: 3, bar: 3 };
const [BLACK, WHITE] = [[0, 0, 0], Array<number>(3).fill(255)];
const [DARK, PAPER] = [Array<number>(3).fill(0x1e), Array<number>(3).fill(0xfa)];

const GROUNDS = [
  ['default', BLACK],
  ['light', WHITE],
  ['high-contrast', BLACK],
] as const;

// A person's own sixteen are chosen for the person's own ground.
for (const depth of ['16', '256', 'true'] as const)
  test.each([
    ...GROUNDS,
    ...(depth === '16'
      ? []
      : ([
          ['default', DARK],
          ['light', PAPER],
        ] as const)),
  ])(`%s can be read on %j with ${depth} colours`, (name, ground) => {
    const theme = makeTheme(builtInTheme(name), depth, UNICODE_GLYPHS);
    for (const role of ROLES) {
      const color = foreground(theme.sgr[role]);
      // What brings its own ground is judged on it elsewhere, what has no colour is the terminal's own text.
      if (color === null || role === 'selection') continue;
      const least = name === 'high-contrast' ? 7 : (LEAST[role] ?? 4.5);
      expect(contrast(color, ground), `${role} ${theme.sgr[role].slice(1)}`).toBeGreaterThanOrEqual(least);
    }
  });
