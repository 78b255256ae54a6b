// Panes on real containers: several at once, programs that tell what they get, copying through to the terminal, the terminal handed over.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const suite = requires('root', 'launcher', 'busybox');
const LEAVE = '\x1d';
/** A program that asks for everything a terminal can tell, and says byte for byte what it gets. */
const TELLS = (modes: string): string =>
  `sh -c 'stty raw -echo; printf "${modes}ready\\r\\n"; while :; do dd bs=256 count=1 2>/dev/null | cat -v; done'\r`;

function openManager(lab: Lab, env: Record<string, string> = {}, columns = 160, rows = 30): TestTerm {
  return new TestTerm(join(HOME, 'bin/vzdeck'), [], { columns, rows, env: { VZDECK_ROOT: lab.root, ...env } });
}

/** A shell in the container under the cursor, and its prompt. */
async function enter(term: TestTerm): Promise<void> {
  term.press('i');
  await term.waitFor('Ctrl-] leaves');
  await term.waitFor(/root@\S+:\/# /);
}
async function leave(term: TestTerm): Promise<void> {
  term.type(LEAVE);
  await term.waitFor('↵ type');
}

/** Texts that the terminal was asked to put on its clipboard. */
function clipboardOf(term: TestTerm): string[] {
  const texts: string[] = [];
  term.term.parser.registerOscHandler(52, (data) => {
    texts.push(Buffer.from(data.split(';')[1] ?? '', 'base64').toString());
    return true;
  });
  return texts;
}

suite('panes', () => {
  let lab: Lab;
  let term: TestTerm;
  let copied: string[];
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { NAME: 'web' });
    await lab.born(102, { NAME: 'db' });
    term = openManager(lab);
    copied = clipboardOf(term);
    await term.waitFor(/102 +db +running/);
  });
  afterAll(async () => {
    await term.close();
    await lab.down();
  });

  test('of two containers stand beside each other, each in its own size, and outlive the view', async () => {
    await enter(term);
    await leave(term);
    term.press('escape');
    await term.waitFor(/▌101 +web/);
    term.press('down');
    await term.waitFor(/▌102 +db/);
    term.press('i');
    await term.waitFor(/┏ 2 102 db shell .*Ctrl-] leaves/);
    await term.waitFor((screen) => (screen.match(/root@\S+:\/# /g) ?? []).length === 2);
    term.type('stty size; hostname\r');
    await term.waitFor(/23 78/);
    await leave(term);
    term.press('escape', 'p');
    await term.waitFor(/1 101 web shell +▌2 102 db shell/);
  });

  test('are typed into together, with the alarm in frames and foot, until the leave chord', async () => {
    term.press('m', 'tab', 'm', 'B');
    await term.waitFor((screen) => (screen.match(/! BROADCAST to 2 panes/g) ?? []).length === 2);
    await term.waitFor('! BROADCAST: what you type goes to 2 panes: 1 101 web shell, 2 102 db shell');
    const look = term.lookOf('! BROADCAST: ');
    expect(look.bold).toBe(true);
    term.type('echo at-$(hostname)-end\r');
    const hosts = await Promise.all([101, 102].map(async (id) => (await lab.inside(id, 'hostname')).out.trim()));
    for (const host of hosts) await term.waitFor(`at-${host}-end`);
    await leave(term);
    expect(term.text()).not.toContain('BROADCAST');
    term.press('enter');
    await term.waitFor('Ctrl-] leaves');
    term.type('echo only-$((20+3))\r');
    await term.waitFor('only-23');
    expect(term.text().match(/only-23/g)).toHaveLength(1);
    await leave(term);
  });

  test('tell the program what the terminal tells: cursor keys and keypad as it asked, pastes with their marks, focus, mouse in its own cells', async () => {
    term.press('enter');
    await term.waitFor('Ctrl-] leaves');
    term.type(`clear; ${TELLS('\\033[?1h\\033=\\033[?2004h\\033[?1004h\\033[?1000h\\033[?1006h')}`);
    await term.waitFor('ready');
    await term.waitFor(() => term.modes().mouse === 'vt200' && term.modes().focusReports, 'the modes of the program on the terminal');
    expect(term.term.modes.applicationKeypadMode).toBe(true);
    term.type('\x1b[A\x1b[200~pasted\x1b[201~\x1b[O\x1b[I');
    term.click(4, 5);
    await term.waitFor('^[OA^[[200~pasted^[[201~^[[O^[[I^[[<0;4;3M^[[<0;4;3m');
    await leave(term);
    // the program hears that the keyboard went and came; the terminal is not asked for anything meanwhile
    expect(term.modes()).toMatchObject({ mouse: 'none', focusReports: false, applicationCursorKeys: false });
    expect(term.term.modes.applicationKeypadMode).toBe(false);
    term.press('enter');
    await term.waitFor('^[[O^[[I');
    await leave(term);
    term.press('w');
    await term.waitFor(/Close the shell in 101\?/);
    await term.waitFor('sh runs in it');
    term.press('enter');
    await term.waitFor(/^(?!.*2 102)/s);
  });

  test('copy from their history to the clipboard of the terminal; a program inside can not', async () => {
    term.press('enter');
    await term.waitFor('Ctrl-] leaves');
    term.type("clear; printf '\\033]52;c;ZXZpbA==\\007'; seq 1 200; echo done-$((1+1))\r");
    await term.waitFor('done-2');
    await leave(term);
    term.press('/');
    term.type('137');
    await term.waitFor('1 of 1 "137"');
    const y = term.screen().findIndex((line) => line.startsWith('┃137'));
    expect(term.cell(1, y)).toMatchObject({ text: '1', inverse: true, underline: true });
    term.press('enter');
    term.press('V', 'j', 'y');
    await term.waitFor('Copied 2 lines to your clipboard');
    expect(copied).toEqual(['137\n138\n']);
    await term.waitFor('done-2');
  });

  test('are selected by a drag of the mouse, while they are typed into', async () => {
    term.press('M', 'enter');
    await term.waitFor('Ctrl-] leaves');
    await term.waitFor(() => term.modes().mouse === 'drag', 'reports of drags');
    const y = term.screen().findIndex((line) => line.startsWith('┃done-2')) + 1;
    term.type(`\x1b[<0;2;${y}M\x1b[<32;4;${y}M\x1b[<32;5;${y}M\x1b[<0;5;${y}m`);
    await term.waitFor(() => copied.length === 2, 'the clipboard');
    expect(copied[1]).toBe('done');
    await leave(term);
    term.press('M');
    await term.waitFor(() => term.modes().mouse === 'none', 'no reports');
  });

  test('have the whole terminal until the chord, and the screen and its modes come back', async () => {
    const [before, modes] = [term.screen(), term.modes()];
    term.press('A');
    await term.waitFor(() => !term.modes().alternate, 'the primary screen');
    await term.waitFor('done-2');
    expect(term.text()).not.toContain('CTs');
    term.type('stty size; echo here-$((2+2))\r');
    await term.waitFor('here-4');
    expect(term.text()).toContain(`${term.term.rows} ${term.term.cols}`);
    // what would steer the terminal does not reach it
    const titles: string[] = [];
    term.term.onTitleChange((title) => titles.push(title));
    term.type("printf '\\033]0;owned\\007\\033]52;c;ZXZpbA==\\007\\033[?1000h\\033[4h\\033(0'; echo mess-$((3+3))\r");
    await term.waitFor(() => term.modes().mouse === 'vt200', 'the program’s own mouse mode');
    term.type(LEAVE);
    await term.waitFor(() => term.modes().alternate, 'the screen of the manager');
    await term.waitFor('↵ type');
    expect(term.modes()).toEqual(modes);
    expect(titles).toEqual([]);
    expect(copied).toHaveLength(2);
    for (const y of [1, 2, 26, 27]) expect(term.line(y)).toBe(before[y]);
    term.press('enter');
    await term.waitFor('Ctrl-] leaves');
    // the pane's own terminal is still as the program has left it
    term.type("printf '\\033(B\\033[4l'; clear; echo fine-$((4+4))\r");
    await term.waitFor('fine-8');
    await leave(term);
  });

  test('end without a question where nothing runs, and the terminal is as it was', async () => {
    term.press('w');
    await term.waitFor(/▌102 +db|▌101 +web/);
    term.press('q');
    expect((await term.exit).code).toBe(0);
    expect(term.modes()).toMatchObject({
      alternate: false,
      mouse: 'none',
      bracketedPaste: false,
      focusReports: false,
      applicationCursorKeys: false,
    });
  });
});

suite('panes that were open when the manager was left', () => {
  test.each([
    ['by q', (term: TestTerm) => term.press('q', 'enter')],
    ['by a line that broke', (term: TestTerm) => process.kill(term.pty.pid, 'SIGHUP')],
    ['by SIGTERM', (term: TestTerm) => process.kill(term.pty.pid, 'SIGTERM')],
  ])('are offered to be opened again, in their places: left %s', async (_, quit) => {
    const lab = openLab();
    await lab.born(101, { NAME: 'web' });
    const first = openManager(lab);
    let again: TestTerm | null = null;
    try {
      await first.waitFor(/101 +web +running/);
      await enter(first);
      await leave(first);
      first.press('|');
      await first.waitFor('Ctrl-] leaves');
      await leave(first);
      first.press('r');
      first.type('build\r');
      await first.waitFor(/build \(101 web\)/);
      quit(first);
      await first.exit;
      again = openManager(lab);
      await again.waitFor('2 panes were open when the manager was left last; p opens them again');
      again.press('p');
      await again.waitFor('Open the 2 panes of last time again?');
      again.press('enter');
      await again.waitFor(
        (screen) => (screen.match(/root@\S+:\/#/g) ?? []).length === 2 && /101 web shell .*build \(101 web\)/.test(screen),
      );
    } finally {
      await first.close();
      await again?.close();
      await lab.down();
    }
  });
});

suite('the clipboard inside tmux', () => {
  test('is tmux’s own buffer, and through it the clipboard of the terminal around', async () => {
    const lab = openLab();
    await lab.born(101, { NAME: 'web' });
    const socket = join(lab.root, 'tmux');
    const manager = `VZDECK_ROOT=${lab.root} ${join(HOME, 'bin/vzdeck')}`;
    const term = new TestTerm('tmux', ['-u', '-S', socket, '-f', '/dev/null', 'new-session', manager], {
      columns: 100,
      rows: 30,
    });
    const copied = clipboardOf(term);
    try {
      await term.waitFor(/101 +web +running/);
      await enter(term);
      term.type('echo through-$((5*5))\r');
      await term.waitFor('through-25');
      await leave(term);
      term.press('/');
      term.type('through-25');
      await term.waitFor('1 of 1');
      term.press('enter', 'v', '$', 'y');
      await term.waitFor('Copied 10 characters');
      await term.waitFor(() => copied.includes('through-25'), 'the clipboard of the terminal around');
      expect(execFileSync('tmux', ['-S', socket, 'show-buffer']).toString()).toBe('through-25');
    } finally {
      execFileSync('tmux', ['-S', socket, 'kill-server']);
      await term.close();
      await lab.down();
    }
  });
});
