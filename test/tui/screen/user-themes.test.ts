// Themes of one's own from the settings' folder.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { THEME_NAMES } from '../../../src/tui/screen/themes.ts';
import { readThemes } from '../../../src/tui/screen/user-themes.ts';

const COLOURS = { TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8' };
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vzdeck-themes-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const own = (change: (theme: Record<string, unknown>) => unknown = () => {}): string => {
  const theme = JSON.parse(readFileSync(new URL('../../../themes/default.json', import.meta.url), 'utf8'));
  theme.name = 'dusk';
  theme.palette.rust = { rgb: '#aa0011', ansi: 'red' };
  change(theme);
  return JSON.stringify(theme);
};
function put(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = COLOURS) {
  mkdirSync(join(home, 'vzdeck/themes'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, 'vzdeck/themes', name), text);
  return readThemes({ ...env, XDG_CONFIG_HOME: home });
}

test('without the folder there are the program’s own', () => {
  const { names, faults, usual } = readThemes({ ...COLOURS, XDG_CONFIG_HOME: home });
  expect([names, faults, usual]).toEqual([THEME_NAMES, [], 'default']);
  expect(readThemes({ ...COLOURS, COLORFGBG: '0;15' }).usual).toBe('light');
});

test('one’s own come behind them and are painted with', () => {
  const themes = put({ 'dusk.json': own(), 'notes.txt': 'no theme' });
  expect(themes.names).toEqual([...THEME_NAMES, 'dusk']);
  expect(themes.faults).toEqual([]);
  expect(themes.of('dusk').sgr.alarm).toBe('\x1b[1;38;2;170;0;17m');
  expect(themes.of('dusk')).toBe(themes.of('dusk'));
  expect(themes.of('no such').name).toBe('default');
  expect(readThemes({ ...COLOURS, COLORFGBG: '0;15' }).of('no such').name).toBe('light');
});

test('without colours they give way to attributes as all do', () => {
  expect(put({ 'dusk.json': own() }, { ...COLOURS, NO_COLOR: '1' }).of('dusk').name).toBe('mono');
});

test.each([
  ['a role is missing', 'dusk.json', own((theme) => delete (theme['roles'] as Record<string, unknown>)['alarm']), 'roles lacks alarm'],
  ['it is no JSON', 'dusk.json', '{"name": \x1b[2J', 'is no JSON: '],
  ['its name is another', 'dawn.json', own(), 'theme.name must be as the file is called, dawn'],
  [
    'it is named as one of the program’s',
    'light.json',
    own((theme) => Object.assign(theme, { name: 'light' })),
    'light comes with the program',
  ],
  ['it is too large', 'dusk.json', own().padEnd(70_000), 'cannot be read, or has more than 64 KiB'],
])('is told with file and reason, and left out: %s', (_, file, text, reason) => {
  const { names, faults } = put({ [file]: text });
  expect(names).toEqual(THEME_NAMES);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(`themes/${file}: ${reason}`);
  expect(faults[0]).not.toMatch(/[\x00-\x1f]/);
});
