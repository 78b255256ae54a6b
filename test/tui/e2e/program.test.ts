// The real program in a terminal on an empty prefix: ways in and out that need no container. test/kernel/manager goes on from there.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestTerm, type TestTermOptions } from '../test-term.ts';

const VZDECK = new URL('../../../bin/vzdeck', import.meta.url).pathname;

let root: string;
let term: TestTerm | null = null;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-manager-'));
});
afterEach(async () => {
  await term?.close();
  term = null;
  rmSync(root, { recursive: true });
});

function open(options: TestTermOptions = {}): TestTerm {
  const env = { VZDECK_ROOT: root, ...options.env };
  term = new TestTerm(VZDECK, [], { ...options, env });
  return term;
}

const begun = (screen: string): boolean => /No (containers|template) yet|can.t run here yet/.test(screen);

describe('the manager', () => {
  test.each([
    ['q', 0],
    ['ctrl-c', 0],
    ['f10', 0],
  ])('ends on %s and leaves the terminal as it was', async (key, code) => {
    const t = open();
    await t.waitFor(begun);
    expect(t.modes().alternate).toBe(true);
    t.press(key);
    expect((await t.exit).code).toBe(code);
    expect(t.modes()).toMatchObject({ alternate: false, cursorHidden: false, mouse: 'none', bracketedPaste: false, wraparound: true });
  });

  test('answers keys that were typed before its first frame', async () => {
    const t = open();
    t.press('?');
    await t.waitFor('Keys of the table');
    t.press('escape');
    await t.waitFor((screen) => !screen.includes('Keys of the table'));
    t.press('q');
    expect((await t.exit).code).toBe(0);
  });

  test('follows the window to any size and back', async () => {
    const t = open();
    await t.waitFor(begun);
    for (const [columns, rows] of [
      [20, 5],
      [1, 1],
      [200, 60],
      [3, 40],
      [60, 20],
    ] as const)
      t.resize(columns, rows);
    await t.waitFor((screen) => begun(screen) && screen.includes('─'.repeat(60)));
    t.resize(30, 5);
    await t.waitFor((screen) => !screen.includes('─'));
    t.resize(80, 24);
    await t.waitFor((screen) => begun(screen) && screen.includes('─'.repeat(80)));
    t.press('q');
    await t.exit;
  });

  test('draws anew what others have written over it, on Ctrl-L', async () => {
    const t = open();
    await t.waitFor(begun);
    await new Promise<void>((resolve) => t.term.write('\x1b[H\x1b[2Jbroadcast message', resolve));
    expect(begun(t.text())).toBe(false);
    t.press('ctrl-l');
    await t.waitFor((screen) => begun(screen) && !screen.includes('broadcast'));
    t.press('q');
    await t.exit;
  });

  test('goes to the background on Ctrl-Z and comes back whole on fg', async () => {
    term = new TestTerm('bash', ['--norc', '--noprofile', '-i'], {
      env: { VZDECK_ROOT: root, PS1: 'ready> ' },
    });
    const t = term;
    await t.waitFor('ready>');
    t.type(`${VZDECK}\r`);
    await t.waitFor(begun);
    t.press('ctrl-z');
    await t.waitFor(/Stopped/);
    expect(t.modes()).toMatchObject({ alternate: false, cursorHidden: false, bracketedPaste: t.modes().bracketedPaste });
    t.type('fg\r');
    await t.waitFor(begun);
    t.press('q');
    await t.waitFor((screen) => !begun(screen) && /ready> *$/.test(screen.trimEnd()));
    t.type('exit\r');
    await t.exit;
  });

  test('uses no colour where none is wanted, and ASCII where there is no UTF-8', async () => {
    const t = open({ env: { VZDECK_ROOT: root, NO_COLOR: '1', LANG: 'C', LC_ALL: undefined } });
    await t.waitFor(begun);
    for (let y = 0; y < 24; y++)
      for (let x = 0; x < 80; x++) {
        const { fg, bg, text } = t.cell(x, y);
        expect([fg, bg]).toEqual(['default', 'default']);
        expect(text).toMatch(/^[\x20-\x7e]?$/);
      }
    t.press('q');
    await t.exit;
  });

  test('changes nothing in read-only mode', async () => {
    const t = open({ env: { VZDECK_ROOT: root, VZDECK_READ_ONLY: '1' } });
    await t.waitFor((screen) => begun(screen) && screen.includes('read-only'));
    t.press('c');
    await t.waitFor('Read-only');
    t.press('B');
    await t.waitFor('Read-only');
    t.press('q');
    expect((await t.exit).code).toBe(0);
  });

  test('says in one line what it needs where there is no terminal', () => {
    const piped = spawnSync(VZDECK, [], { env: { ...process.env, VZDECK_ROOT: root }, encoding: 'utf8', input: '' });
    expect(piped.status).toBe(1);
    expect(piped.stdout).toBe('');
    expect(piped.stderr).toMatch(/^[^\n]*not a terminal[^\n]*\n$/);
  });

  test('says in one line what it needs where the terminal can not show it', async () => {
    const t = open({ env: { VZDECK_ROOT: root, TERM: 'dumb' } });
    expect((await t.exit).code).toBe(1);
    expect(t.text()).toContain("can't show a full screen");
  });
});
