// The real program on the kinds of terminals that people have, by TERM and COLORTERM, and within tmux: colours and glyphs that each knows, keys
// that each sends, and the terminal as it was.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestTerm } from '../test-term.ts';

const VZDECK = new URL('../../../bin/vzdeck', import.meta.url).pathname;

let root: string;
let term: TestTerm | null = null;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-terms-'));
});
afterEach(async () => {
  await term?.close();
  term = null;
  rmSync(root, { recursive: true });
});

const begun = (screen: string): boolean => /No (containers|template) yet|can.t run here yet/.test(screen);

/** Forms of colours in what was sent. */
const COLORS = {
  true: /\x1b\[[\d;]*[34]8;2;/,
  '256': /\x1b\[[\d;]*[34]8;5;/,
  '16': /(?!\x1b\[[\d;]*[34]8;)\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7])(?:;\d+)*m/,
};

const TERMS = [
  { TERM: 'xterm-256color', COLORTERM: 'truecolor', color: 'true', ascii: false },
  { TERM: 'xterm-256color', COLORTERM: undefined, color: '256', ascii: false },
  { TERM: 'tmux-256color', COLORTERM: undefined, color: '256', ascii: false },
  { TERM: 'screen-256color', COLORTERM: undefined, color: '256', ascii: false },
  { TERM: 'screen', COLORTERM: undefined, color: '16', ascii: false },
  { TERM: 'xterm', COLORTERM: undefined, color: '16', ascii: false },
  { TERM: 'linux', COLORTERM: undefined, color: '16', ascii: true },
  { TERM: 'vt100', COLORTERM: undefined, color: 'none', ascii: false },
] as const;

describe.each(TERMS)('on $TERM (COLORTERM $COLORTERM)', ({ TERM, COLORTERM, color, ascii }) => {
  test('sends the colours and glyphs that it knows, hears its keys, and gives it back', async () => {
    const t = new TestTerm(VZDECK, [], { env: { VZDECK_ROOT: root, TERM, COLORTERM } });
    term = t;
    let sent = '';
    t.pty.onData((data) => {
      sent += Buffer.from(data).toString('latin1');
    });
    await t.waitFor(begun);
    // F1 as xterm and its kind send it, and as the Linux console does
    if (TERM === 'linux') t.type('\x1b[[A');
    else t.press('f1');
    await t.waitFor('Keys of the table');
    t.press('escape');
    await t.waitFor((screen) => !screen.includes('Keys of the table'));
    t.press('q');
    expect((await t.exit).code).toBe(0);
    const forms = Object.entries(COLORS).filter(([, form]) => form.test(sent));
    expect(forms.map(([name]) => name)).toEqual(color === 'none' ? [] : [color]);
    expect(/[\x80-\xff]/.test(sent)).toBe(!ascii);
    expect(t.modes()).toMatchObject({ alternate: false, cursorHidden: false, mouse: 'none', bracketedPaste: false, wraparound: true });
  });
});

const TMUX = spawnSync('tmux', ['-V']).status === 0;

test.skipIf(!TMUX)('works within tmux, which keeps the screen while nobody looks and gives it back at the end', async () => {
  const socket = join(root, 'tmux');
  const tmux = (...args: string[]) => spawnSync('tmux', ['-S', socket, ...args], { encoding: 'utf8' });
  const env = { VZDECK_ROOT: root };
  const open = (...args: string[]): TestTerm => {
    term = new TestTerm('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...args], { columns: 100, rows: 30, env });
    return term;
  };
  try {
    let t = open('new-session', 'sh');
    await t.waitFor(/^[$#]/);
    t.type(`${VZDECK}; echo "ended with $?"\r`);
    await t.waitFor(begun);
    t.press('ctrl-b', 'd');
    await t.exit;
    t.term.dispose();
    t = open('attach');
    await t.waitFor(begun);
    t.press('?');
    await t.waitFor('Keys of the table');
    t.press('escape');
    await t.waitFor((screen) => !screen.includes('Keys of the table'));
    t.press('q');
    await t.waitFor('ended with 0');
  } finally {
    tmux('kill-server');
  }
});
