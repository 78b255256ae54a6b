// A pane on the real screen, in a real pty: typed at, left, scrolled, resized, ended.

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleFixture, type Fixture } from '../bundle-fixture.ts';
import { TestTerm } from '../test-term.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await bundleFixture(join(import.meta.dirname, '../screen/fixtures/panes.tsx'));
});
afterAll(() => fixture.remove());

async function inPane(args: readonly string[], use: (term: TestTerm) => Promise<void>, size = { columns: 60, rows: 12 }): Promise<void> {
  const term = new TestTerm(fixture.file, [fixture.script, ...args], { ...size, env: { PS1: '$ ' } });
  try {
    await term.waitFor('pane: typing');
    await use(term);
  } finally {
    await term.close();
  }
}
const SHELL = ['bash', '--norc', '--noprofile', '--noediting'];

test('what is typed is echoed where the cursor is', () =>
  inPane(['cat'], async (term) => {
    for (const letter of 'echo ✓ 中') {
      term.type(letter);
      await term.waitFor((text) => text.includes(letter));
    }
    expect(term.line(1)).toBe('echo ✓ 中');
    expect(term.cursor()).toEqual({ x: 9, y: 1, hidden: false });
  }));

test('the leave chord, the history, and back to the live screen by typing', () =>
  inPane(SHELL, async (term) => {
    await term.waitFor('$');
    term.type('seq 100\r');
    await term.waitFor(/^100$/m);
    term.press('ctrl-]');
    await term.waitFor('pane: watching');
    expect(term.cursor().hidden).toBe(true);
    term.press('pageup');
    await term.waitFor('scrolled 5');
    expect(term.line(1)).toBe('86');
    term.press('f');
    await term.waitFor('pane: typing');
    term.type('echo back\r');
    await term.waitFor(/^back$/m);
    expect(term.text()).not.toContain('scrolled');
  }));

test('the program learns the size, again and again', () =>
  inPane(['bash', '-c', 'trap "stty size" WINCH; stty size; while :; do sleep 0.01; done'], async (term) => {
    await term.waitFor('11 60');
    for (const [columns, rows] of [
      [90, 30],
      [40, 6],
      [60, 12],
    ] as const) {
      term.resize(columns, rows);
      await term.waitFor(`${rows - 1} ${columns}`);
    }
  }));

test('an ended program says how, and takes no more keys', () =>
  inPane(SHELL, async (term) => {
    await term.waitFor('$');
    term.type('exit 3\r');
    await term.waitFor('pane: ended with exit code 3');
    term.type('x');
    term.press('ctrl-]', 'q');
    expect(await term.exit).toEqual({ code: 0, signal: 0 });
  }));

test('a closed pane takes its program along', () =>
  inPane(['bash', '-c', 'trap "" HUP; echo ready; cat'], async (term) => {
    await term.waitFor('ready');
    term.press('ctrl-]');
    await term.waitFor('watching');
    term.press('x');
    await term.waitFor('pane: closed');
    term.press('q');
    expect((await term.exit).code).toBe(0);
  }));

test('nothing that a program writes gets past its pane', () =>
  inPane(SHELL, async (term) => {
    await term.waitFor('$');
    term.type(
      String.raw`printf '\033[?1049h\033[2J\033[1;1Htop\033]0;t\a\033]52;c;aGk=\a\033[?5h\033[5;3r\033[?1000h\033c\033[20;1Hbottom\n'; echo done`,
    );
    term.press('enter');
    await term.waitFor(/^done$/m);
    expect(term.line(0)).toMatch(/^pane: typing/);
    term.press('ctrl-]');
    await term.waitFor('pane: watching');
    expect(term.modes()).toMatchObject({ alternate: true, mouse: 'none' });
  }));

test('typed ahead, before the screen was there', async () => {
  const term = new TestTerm(fixture.file, [fixture.script, 'cat'], { columns: 40, rows: 5 });
  try {
    term.type('early\r');
    await term.waitFor((text) => (text.match(/early/g) ?? []).length === 2);
    expect(term.line(0)).toBe('pane: typing');
  } finally {
    await term.close();
  }
});
