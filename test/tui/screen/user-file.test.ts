import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasForeground } from '../../../src/tui/screen/foreground.ts';
import { readUserFile, userFile, writeUserFile } from '../../../src/tui/screen/user-file.ts';

test.each([
  [{ HOME: '/root' }, '/root/.config/vzdeck/f'],
  [{ HOME: '/root', XDG_CONFIG_HOME: '/c' }, '/c/vzdeck/f'],
  [{ HOME: '/root', VZDECK_ROOT: '/' }, '/root/.config/vzdeck/f'],
  [{ HOME: '/root', XDG_CONFIG_HOME: '/c', VZDECK_ROOT: '/srv/demo/' }, '/srv/demo/etc/vzdeck/f'],
  [{}, null],
])('with %j a file of ours is %s', (env, path) => {
  expect(userFile(env, 'f')).toBe(path);
});

test('what is written is read again', () => {
  const root = mkdtempSync(join(tmpdir(), 'vzdeck-file-'));
  const file = userFile({ VZDECK_ROOT: root }, 'f');
  expect(readUserFile(file)).toBeNull();
  expect(writeUserFile(file, 'text')).toBe(true);
  expect(readUserFile(file)).toBe('text');
  rmSync(root, { recursive: true });
});

test.each([
  ['1 (a) S 2 5 5 34816 5 0', true],
  ['1 (a) 7) S 2 5 5 34816 9 0', false],
  ['1 (a) S 2 5 5 0 -1 0', null],
])('from %j the terminal is ours: %s', (stat, ours) => {
  expect(hasForeground(stat)).toBe(ours);
});
