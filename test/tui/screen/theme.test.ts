// Themes: what is right and wrong in their files, and what they look like on terminals of all kinds.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { colorDepth, hasUnicode, isLight } from '../../../src/tui/screen/capability.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../../../src/tui/screen/glyphs.ts';
import { makeTheme, themeFor } from '../../../src/tui/screen/make-theme.ts';
import { width } from '../../../src/tui/screen/text.ts';
import { ROLES } from '../../../src/tui/screen/theme.ts';
import { checkTheme, ThemeError } from '../../../src/tui/screen/theme-file.ts';
import { builtInTheme, THEME_NAMES } from '../../../src/tui/screen/themes.ts';

const good = () => JSON.parse(readFileSync(new URL('../../../themes/default.json', import.meta.url), 'utf8'));
const broken = (change: (theme: ReturnType<typeof good>) => void) => {
  const theme = good();
  change(theme);
  return theme;
};

test.each([
  ['no object', [], 'theme must be an object'],
  ['an unknown key', broken((t) => (t.colours = {})), 'theme.colours is not known'],
  ['a bad name', broken((t) => (t.name = 'My Theme')), 'theme.name must be'],
  ['a missing role', broken((t) => delete t.roles.alarm), 'roles lacks alarm'],
  ['a role that does not exist', broken((t) => (t.roles.alarn = {})), 'roles.alarn is not known'],
  [
    'a colour that is not in the palette',
    broken((t) => (t.roles.alarm.fg = 'crimson')),
    'roles.alarm.fg must name a colour of the palette',
  ],
  ['a colour that is no colour', broken((t) => (t.palette.rust.rgb = 'red')), 'palette.rust.rgb must look like "#5fafd7"'],
  ['a stand-in that does not exist', broken((t) => (t.palette.rust.ansi = 'rust')), 'palette.rust.ansi must be one of black, red'],
  ['an attribute that is no switch', broken((t) => (t.roles.alarm.bold = 'yes')), 'roles.alarm.bold must be true or false'],
  ['an attribute that does not exist', broken((t) => (t.roles.alarm.blink = true)), 'roles.alarm.blink is not known'],
])('%s is refused with place and remedy', (_, theme, message) => {
  expect(() => checkTheme(theme)).toThrow(ThemeError);
  expect(() => checkTheme(theme)).toThrow(message);
});

test('a colour may follow the terminal’s own palette', () => {
  const theme = makeTheme(checkTheme(broken((t) => (t.palette.rust = 'bright-red'))), 'true', UNICODE_GLYPHS);
  expect(theme.sgr.alarm).toBe('\x1b[1;91m');
  expect(theme.ink.alarm).toBe('redBright');
});

test.each(THEME_NAMES)('%s is right, and its name is its file’s', (name) => {
  expect(builtInTheme(name).name).toBe(name);
});

test('a light background is known where the terminal tells it', () => {
  expect(['0;15', '0;default;15', '0;7'].map((COLORFGBG) => isLight({ COLORFGBG }))).toEqual([true, true, true]);
  expect([undefined, '15;0', '15;default;0', 'x'].map((COLORFGBG) => isLight(COLORFGBG === undefined ? {} : { COLORFGBG }))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test.each(THEME_NAMES)('%s: a selected row says its own colours or swaps them, so that it can be read on any background', (name) => {
  const { fg, bg, attributes } = builtInTheme(name).roles.selection;
  expect((fg !== undefined && bg !== undefined) || attributes.includes('inverse')).toBe(true);
});

test('dim text in a tinted row is not dim where the terminal has sixteen colours, of which none is darker and readable', () => {
  const rowOf = (depth: '16' | '256') => {
    const theme = makeTheme(builtInTheme('default'), depth, UNICODE_GLYPHS);
    return theme.under('selection', `101 ${theme.paint('dim', 'running')} ${theme.paint('alarm', '!')}`);
  };
  expect(rowOf('16')).toBe('\x1b[37;44m101 running\x1b[0m\x1b[37;44m \x1b[1;91m!\x1b[0m\x1b[37;44m\x1b[0m');
  expect(rowOf('256')).toContain('\x1b[38;5;246mrunning');
});

test.each(THEME_NAMES)('%s: what matters differs from text by more than colour', (name) => {
  const theme = makeTheme(builtInTheme(name), 'mono', UNICODE_GLYPHS);
  for (const role of ['accent', 'alarm', 'mark', 'title', 'input'] as const) expect(theme.sgr[role], role).not.toBe(theme.sgr.text);
});

test('where there are no colours nothing asks for one, and every role that matters is still told apart', () => {
  for (const name of THEME_NAMES) {
    const theme = themeFor(builtInTheme(name), { TERM: 'xterm-256color', NO_COLOR: '1', LANG: 'C.UTF-8' });
    for (const role of ROLES) {
      expect(theme.sgr[role]).toMatch(/^(\x1b\[[1-7](;[1-7])*m)?$/);
      expect(theme.ink[role]).toBeUndefined();
    }
    const looks = ['text', 'selection', 'alarm', 'warn', 'mark', 'dim'] as const;
    expect(new Set(looks.map((role) => theme.sgr[role])).size).toBe(looks.length);
  }
});

test.each([
  ['true', '\x1b[1;38;2;255;107;94m', '#ff6b5e'],
  ['256', '\x1b[1;38;5;203m', 'ansi256(203)'],
  ['16', '\x1b[1;91m', 'redBright'],
  ['mono', '\x1b[1m', undefined],
] as const)('alarm with %s colours', (depth, sgr, ink) => {
  const theme = makeTheme(builtInTheme('default'), depth, UNICODE_GLYPHS);
  expect(theme.sgr.alarm).toBe(sgr);
  expect(theme.ink.alarm).toBe(ink);
});

/** Relative luminance and contrast as in WCAG 2.1. */
function luminance(rgb: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(rgb.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test.each([
  ['default', 3],
  ['light', 3],
  ['high-contrast', 4.5],
] as const)('%s: what stands in the chosen row is read there, whatever its role', (name, least) => {
  const { palette, roles } = JSON.parse(readFileSync(new URL(`../../../themes/${name}.json`, import.meta.url), 'utf8'));
  const { fg, bg, inverse } = roles.selection;
  // turned around, every role would have a ground of its own
  expect(inverse).toBeUndefined();
  for (const role of ['selection', 'dim', 'accent', 'good', 'warn', 'alarm', 'key', 'title', 'bar'])
    expect(contrast(palette[roles[role].fg ?? fg].rgb, palette[bg].rgb), role).toBeGreaterThanOrEqual(least);
});

test('a role lies under a line through the line’s own resets', () => {
  const theme = makeTheme(builtInTheme('mono'), 'mono', UNICODE_GLYPHS);
  expect(theme.under('selection', `a ${theme.paint('title', 'b')} c`)).toBe('\x1b[7ma \x1b[1mb\x1b[0m\x1b[7m c\x1b[0m');
  expect(theme.paint('text', 'plain')).toBe('plain');
  expect(theme.paint('title', '')).toBe('');
});

test.each([
  [{ TERM: 'xterm-256color' }, '256'],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'true'],
  [{ TERM: 'xterm-direct' }, 'true'],
  [{ TERM: 'xterm' }, '16'],
  [{ TERM: 'linux' }, '16'],
  [{ TERM: 'screen' }, '16'],
  [{ TERM: 'vt100' }, 'mono'],
  [{ TERM: 'dumb' }, 'mono'],
  [{}, 'mono'],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '1' }, 'mono'],
  [{ TERM: 'xterm-256color', NO_COLOR: '' }, '256'],
] as const)('%o has %s colours', (env, depth) => {
  expect(colorDepth(env)).toBe(depth);
});

test.each([
  [{ LANG: 'de_DE.UTF-8' }, true],
  [{ LANG: 'C.utf8' }, true],
  [{ LANG: 'C' }, false],
  [{}, false],
  [{ LANG: 'C.UTF-8', LC_ALL: 'C' }, false],
  [{ LANG: 'C', LC_CTYPE: 'en_US.UTF-8' }, true],
  [{ LANG: 'C.UTF-8', TERM: 'linux' }, false],
])('%o has UTF-8 glyphs: %s', (env, yes) => {
  expect(hasUnicode(env)).toBe(yes);
});

test('the ASCII glyphs are ASCII, and every glyph has its place', () => {
  for (const [name, glyph] of Object.entries(ASCII_GLYPHS)) for (const text of [glyph].flat()) expect(text, name).toMatch(/^[\x20-\x7e]+$/);
  for (const [name, glyph] of Object.entries(UNICODE_GLYPHS))
    if (!name.startsWith('border')) for (const text of [glyph].flat()) expect(width(text), name).toBe(1);
});
