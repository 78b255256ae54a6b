// The real screen in a real pty, under a shell: whatever ends or interrupts it, the terminal is whole again afterwards.

import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleFixture, type Fixture } from '../bundle-fixture.ts';
import { TestTerm } from '../test-term.ts';

let fixture: Fixture;
let term: TestTerm;
let folder: string;
let diary: string;

beforeAll(async () => {
  fixture = await bundleFixture(join(import.meta.dirname, 'fixtures/screen.tsx'));
  folder = mkdtempSync(join(tmpdir(), 'vzdeck-ways-out-'));
});
afterAll(() => {
  fixture.remove();
  rmSync(folder, { recursive: true });
});
beforeEach((context) => {
  diary = join(folder, `${context.task.id}.txt`);
});

/** Opens the screen from a shell that says "before" first and the exit code afterwards. */
async function open(redirection = '', env: NodeJS.ProcessEnv = {}): Promise<number> {
  term = new TestTerm('bash', ['--norc', '--noprofile'], { columns: 100, rows: 40, env: { PS1: '$ ', FIXTURE_DIARY: diary, ...env } });
  await term.waitFor('$');
  term.type(`echo before; '${fixture.file}' '${fixture.script}' ${redirection}; echo "code $?"\r`);
  await term.waitFor('footer');
  expect(term.modes()).toMatchObject({ alternate: true, cursorHidden: true, mouse: 'drag', bracketedPaste: true, wraparound: false });
  return Number(/header of (\d+)/.exec(term.text())?.[1]);
}

/** The shell's screen is back with all its modes, and the terminal line is as shells need it. */
async function expectWhole(code: number): Promise<void> {
  await term.waitFor(new RegExp(`^code ${code}$`, 'm'));
  expect(term.text()).toContain('before');
  term.type("stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo|isig|opost|icrnl|ixon)' | xargs echo line:\r");
  await term.waitFor(/^line: /m);
  expect(term.text()).toContain('line: icrnl ixon opost isig icanon echo');
  // The shell's line editor has its own bracketed paste on while it waits.
  expect(term.modes()).toMatchObject({
    alternate: false,
    cursorHidden: false,
    mouse: 'none',
    focusReports: false,
    applicationCursorKeys: false,
    wraparound: true,
  });
  await term.close();
}

const KEYS: readonly (readonly [what: string, key: string, code: number, says: string])[] = [
  ['quit with a message', 'q', 0, 'bye'],
  ['Ctrl-C as a key', 'ctrl-c', 130, ''],
  ['process.exit somewhere', 'e', 3, ''],
  ['a throw in a timer', 't', 70, 'A timer threw'],
  ['a rejection that nobody handles', 'p', 70, 'nobody waits'],
  ['a throw while rendering', 'r', 70, 'The tree is broken'],
];
test.each(KEYS)('%s', async (_, key, code, says) => {
  await open();
  term.press(key);
  await term.waitFor(says);
  await expectWhole(code);
});

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGQUIT', 131],
  ['SIGINT', 130],
] as const)('%s', async (signal, code) => {
  process.kill(await open(), signal);
  await expectWhole(code);
  expect(readFileSync(diary, 'utf8')).toBe('last work done\n');
});

test('a dialog of Ink floats over the surface and leaves it as it was', async () => {
  await open();
  term.press('x');
  await term.waitFor('keys x');
  const before = term.text();
  term.press('d');
  await term.waitFor('really?');
  expect(term.line(4)).toMatch(/^row 3 of 3┌─+┐\.+$/);
  expect(term.line(8)).toMatch(/^row 7 of 3└─+┘\.+$/);
  expect(term.line(10)).toMatch(/^row 9 of 38 \.+$/);
  term.press('D');
  await term.waitFor((text) => text.replace('keys x d D', 'keys x') === before);
  term.press('q');
  await expectWhole(0);
});

test('what libraries print waits until the screen is gone', async () => {
  await open();
  term.press('w', 'x');
  await term.waitFor('keys w x');
  expect(term.text()).not.toContain('complains');
  term.press('q');
  await term.waitFor('a library complains');
  await expectWhole(0);
});

test('the message goes where stderr goes, behind what is there', async () => {
  const file = `${diary}.stderr`;
  await open(`2>>'${file}'`);
  term.press('w', 'x');
  await term.waitFor('keys w x');
  term.press('q');
  await expectWhole(0);
  expect(readFileSync(file, 'utf8')).toBe('a library complains\nbye\n');
});

test('Ctrl-Z gives the terminal to the shell, fg draws everything anew', async () => {
  await open();
  term.press('x', 'ctrl-z');
  await term.waitFor('Stopped');
  expect(term.modes()).toMatchObject({ alternate: false, cursorHidden: false, mouse: 'none', wraparound: true });
  term.type('echo in the shell\r');
  await term.waitFor(/^in the shell$/m);
  term.type('fg; echo "code $?"\r');
  await term.waitFor('keys x ctrl-z');
  expect(term.modes()).toMatchObject({ alternate: true, cursorHidden: true, mouse: 'drag', wraparound: false });
  term.press('y');
  await term.waitFor('keys x ctrl-z y');
  term.press('q');
  await expectWhole(0);
});

test('a stop and a continue from outside', async () => {
  const pid = await open();
  process.kill(pid, 'SIGTSTP');
  await term.waitFor('Stopped');
  term.type('fg; echo "code $?"\r');
  await term.waitFor('footer');
  process.kill(pid, 'SIGSTOP');
  await term.waitFor('Stopped');
  term.type('clear; stty sane; fg; echo "code $?"\r');
  await term.waitFor('footer');
  term.press('y');
  await term.waitFor('keys y');
  term.press('q');
  await expectWhole(0);
});

test('a child gets the real terminal with every key, and its exit code comes back', async () => {
  await open();
  term.press('a');
  await term.waitFor('child here');
  expect(term.modes()).toMatchObject({ alternate: false, cursorHidden: false, mouse: 'none', wraparound: true });
  term.type('hello\r');
  await term.waitFor('{"code":7,"signal":null}');
  expect(term.modes()).toMatchObject({ alternate: true, mouse: 'drag' });
  term.press('y');
  await term.waitFor(/null} y/);
  term.press('q');
  await expectWhole(0);
});

test('a child that is killed in the middle of everything', async () => {
  await open();
  term.press('k');
  await term.waitFor('wild');
  term.type('\r');
  await term.waitFor('{"code":null,"signal":"SIGKILL"}');
  expect(term.modes()).toMatchObject({ alternate: true, mouse: 'drag', applicationCursorKeys: false });
  term.press('up');
  await term.waitFor('} up');
  term.press('q');
  await expectWhole(0);
});

test('Ctrl-C at a child is the child’s', async () => {
  await open();
  term.press('a');
  await term.waitFor('child here');
  term.press('ctrl-c');
  await term.waitFor('{"code":null,"signal":"SIGINT"}');
  term.press('q');
  await expectWhole(0);
});

test('a program that does not exist leaves the screen as it was', async () => {
  await open();
  term.press('n');
  await term.waitFor('ENOENT');
  term.press('q');
  await expectWhole(0);
});

test('the window may change its size while it is open', async () => {
  await open();
  for (const [columns, rows] of [
    [120, 30],
    [20, 5],
    [3, 2],
    [1, 1],
    [100, 40],
  ] as const) {
    term.resize(columns, rows);
    if (columns > 20) await term.waitFor(`row 1 of ${rows - 2} `);
  }
  await term.waitFor((text) => text.includes('footer') && text.includes('header'));
  expect(term.line(39)).toBe('footer');
  term.press('q');
  await expectWhole(0);
});

/** Resolves when the diary holds what is asked for. */
function inDiary(holds: (text: string) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!existsSync(diary) || !holds(readFileSync(diary, 'utf8'))) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(folder, check);
    check();
  });
}

test('a line that stalls stops neither timers nor the way out', async () => {
  const pid = await open();
  term.pty.pause();
  term.press('f');
  // Far more frames than a terminal line holds.
  await inDiary((text) => text.split('\n').length > 300);
  process.kill(pid, 'SIGTERM');
  await inDiary((text) => text.includes('last work done'));
  term.pty.resume();
  // what the terminal answers to questions that the line had taken already comes when nobody is left to hear it
  await term.waitFor(/^(\^\[\[0n)*code 143$/m);
  await term.close();
});

test('the terminal goes away: the process follows, after its last work', async () => {
  const pid = await open();
  process.kill(term.pty.pid, 'SIGKILL');
  await term.close();
  await inDiary((text) => text === 'last work done\n');
  expect(pid).toBeGreaterThan(0);
});

test('who asks it to end right after a hang-up hurries its last work', async () => {
  const pid = await open('', { FIXTURE_ENDLESS: '1' });
  process.kill(pid, 'SIGHUP');
  await inDiary((text) => text === 'last work begins\n');
  process.kill(pid, 'SIGTERM');
  await inDiary((text) => text.includes('last work done'));
  await expectWhole(129);
});

test('whoever started it is killed and the shell has the terminal: it ends instead of painting on', async () => {
  term = new TestTerm('bash', ['--norc', '--noprofile'], { columns: 100, rows: 40, env: { PS1: '$ ', FIXTURE_DIARY: diary } });
  await term.waitFor('$');
  term.type(`echo before; sh -c "'${fixture.file}' '${fixture.script}'; :"; echo "code $?"\r`);
  await term.waitFor('footer');
  const pid = /header of (\d+)/.exec(term.text())?.[1];
  // by then the terminal's answer to the first frame is ours; the shell would take it
  term.press('f5');
  await term.waitFor('f5');
  const wrapper = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  process.kill(wrapper, 'SIGKILL');
  await inDiary((text) => text === 'last work done\n');
  term.type('echo "code $((4+3))"\r');
  await expectWhole(7);
});
