// The manager as people use it: the real program in a terminal, real containers behind it, from the empty screen to the empty screen.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const suite = requires('root', 'launcher', 'busybox');

/** The program that `vzdeck` alone starts, on this lab's prefix, with settings of its own. */
function openManager(lab: Lab, columns = 80, rows = 24): TestTerm {
  return new TestTerm(join(HOME, 'bin/vzdeck'), [], {
    columns,
    rows,
    env: { VZDECK_ROOT: lab.root },
  });
}

suite('a container in the manager', () => {
  let lab: Lab;
  let term: TestTerm;
  beforeAll(() => {
    lab = openLab();
    term = openManager(lab);
  });
  afterAll(async () => {
    await term.close();
    await lab.down();
  });

  test('is made by the form, which shows first what it will do', async () => {
    await term.waitFor('No containers yet.');
    term.press('c');
    await term.waitFor('New container');
    term.type('web');
    term.press('tab');
    term.type('web.example.org');
    term.press('tab', 'tab');
    term.type('40x');
    await term.waitFor('! Expected N');
    term.press('backspace', 'tab');
    term.type('64M');
    await term.waitFor('vzctl create 101 --ostemplate busybox --layout simfs --name web');
    term.press('enter');
    await term.waitFor('This will be done for 101 web');
    await term.waitFor('vzctl set 101 --numproc 40 --ram 64M --save');
    expect(lab.engine.find('101')).toBeNull();
    term.press('enter');
    await term.waitFor(/▌101 +web\S*( +\S+)? +running .*\/40 .*\/64M/);
    expect(lab.engine.find('web')?.state).toBe('running');
    expect(readFileSync(`${lab.root}/etc/vz/conf/101.conf`, 'utf8')).toContain('NUMPROC="40"');
  });

  test('nothing that runs around a start draws on its screen, neither a script of the node nor a shell inside', async () => {
    const conf = (name: string): string => `${lab.root}/etc/vz/conf/101.${name}`;
    for (const name of ['mount', 'start']) writeFileSync(conf(name), `#!/bin/sh\necho SCRIBBLE >&2; echo SCRIBBLE\n`, { mode: 0o755 });
    const before = lab.engine.find('101')?.init?.pid;
    term.press('r');
    await term.waitFor(/[Rr]estart/);
    term.type('y');
    await expect.poll(() => lab.engine.find('101')?.init?.pid ?? before).not.toBe(before);
    await term.waitFor(/101 web has been restarted/);
    expect(term.screen().join('\n')).not.toContain('SCRIBBLE');
    for (const name of ['mount', 'start']) rmSync(conf(name));
  });

  test('lets one in: what is typed reaches a shell inside', async () => {
    term.press('i');
    await term.waitFor('Ctrl-] leaves');
    await term.waitFor(/root@\S+:\/# /);
    term.type('echo in-$(hostname)-$((6*7))\r');
    await term.waitFor('in-web.example.org-42');
    expect(term.cursor().hidden).toBe(false);
  });

  test('gives the pane a terminal of its own size, which follows the window', async () => {
    term.type('stty size\r');
    await term.waitFor('17 78');
    term.resize(100, 30);
    await term.waitFor((screen) => screen.split('\n')[0]?.trimEnd().length === 99);
    term.type('clear; stty size\r');
    await term.waitFor('23 98');
  });

  test('gives the keyboard back on the leave chord, and the pane waits in the background', async () => {
    term.type('\x1d');
    await term.waitFor('↵ type');
    term.press('escape');
    await term.waitFor(/▌101 +web/);
    term.press('p');
    await term.waitFor('23 98');
  });

  test('closes a pane in which something runs after a question only', async () => {
    term.press('enter');
    await term.waitFor('Ctrl-] leaves');
    term.type('sleep 1000\r');
    await term.waitFor('sleep 1000');
    await expect.poll(async () => (await lab.inside(101, 'ps')).out).toContain('sleep 1000');
    term.type('\x1d');
    await term.waitFor('↵ type');
    term.press('w');
    await term.waitFor('Close the shell in 101?');
    await term.waitFor('sleep runs in it');
    term.press('n', 'enter');
    await term.waitFor('Ctrl-] leaves');
    term.type('\x03clear\r');
    await term.waitFor((screen) => !screen.includes('sleep'));
    term.type('\x1d');
    await term.waitFor('↵ type');
    term.press('w');
    await term.waitFor(/▌101 +web/);
  });

  test('shows its console, of which every byte is only drawn', async () => {
    term.press('C');
    await term.waitFor('101 web console');
    const titles: string[] = [];
    term.term.onTitleChange((title) => titles.push(title));
    await lab.inside(101, "printf 'before\\033]0;owned\\007\\033]52;c;b3duZWQ=\\007\\033[?1049l\\033[6n after' > /dev/console");
    // leaving an alternate screen that it was not on, the pane's emulator goes to its upper left corner
    await term.waitFor((screen) => screen.includes('before') && screen.includes('┃ after'));
    expect(titles).toEqual([]);
    expect(term.modes().alternate).toBe(true);
    term.type('\x1d');
    await term.waitFor('↵ type');
    term.press('w');
    await term.waitFor(/▌101 +web/);
  });

  test('tells of what others do to it', async () => {
    await lab.engine.stop(101, { fast: true });
    await term.waitFor(/▌101 +web\S*( +\S+)? +stopped/);
    // a look may fall between two states
    await term.waitFor(/101 web is stopped now, was (running|stopping|mounted)/);
    await lab.engine.start(101);
    await term.waitFor(/▌101 +web\S*( +\S+)? +running/);
  });

  test('stops after a question that says how many processes end', async () => {
    term.press('x');
    await term.waitFor(/\d+ processes in it end\./);
    term.press('enter');
    await term.waitFor(/▌101 +web\S*( +\S+)? +stopped/);
    expect(lab.engine.find('101')?.state).toBe('stopped');
    // the verb goes on for a moment, and its container is busy until then
    await term.waitFor(/101 web is stopped(?! now)/);
  });

  test('that can not start says why, and keeps saying so', async () => {
    const init = `${lab.root}/vz/private/101/sbin/init`;
    rmSync(init);
    term.press('s');
    await term.waitFor('! start 101 web failed: execve /sbin/init: ENOENT');
    await term.waitFor(/▌101 +web\S*( +\S+)? +! failed/);
    term.press('e');
    await term.waitFor('! start 101 web failed');
    await term.waitFor(/The kernel said +ENOENT from execve/);
    await term.waitFor('vzctl mount 101');
    term.press('d', 'escape');
    await term.waitFor(/▌101 +web/);
  });

  test('is destroyed by y alone, and the screen is empty again', async () => {
    term.press('D');
    await term.waitFor('Destroy 101 web?');
    term.press('enter');
    await term.waitFor('Only y does that');
    expect(lab.engine.find('101')).not.toBeNull();
    term.press('y');
    await term.waitFor('No containers yet.');
    // its area is gone then; its config goes last
    await expect.poll(() => lab.engine.find('101')).toBeNull();
  });

  test('leaves the terminal as it was', async () => {
    term.press('q');
    expect((await term.exit).code).toBe(0);
    expect(term.modes()).toEqual({
      alternate: false,
      cursorHidden: false,
      mouse: 'none',
      bracketedPaste: false,
      focusReports: false,
      applicationCursorKeys: false,
      wraparound: true,
    });
  });
});

suite('the manager among containers', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { NAME: 'web' });
  });
  afterAll(() => lab.down());

  test('that is killed has its terminal given back by the shell that waits for it', async () => {
    const killed = openManager(lab);
    await killed.waitFor(/101 +web/);
    const [pid] = readFileSync(`/proc/${killed.pty.pid}/task/${killed.pty.pid}/children`, 'utf8').split(' ');
    process.kill(Number(pid), 'SIGKILL');
    expect((await killed.exit).code).toBe(137);
    expect(killed.text()).toContain('the manager was killed (status 137); containers go on without it');
    expect(killed.modes()).toMatchObject({
      alternate: false,
      cursorHidden: false,
      bracketedPaste: false,
      focusReports: false,
      mouse: 'none',
    });
    await killed.close();
  });

  test('draws hostile names and nothing else', async () => {
    const conf = readFileSync(`${lab.root}/etc/vz/conf/101.conf`, 'utf8');
    const evil = '\x1b]0;owned\x07\x1b[2J\u202e\x9b31mevil';
    writeFileSync(
      `${lab.root}/etc/vz/conf/102.conf`,
      `${conf}\nNAME="${evil}"\nHOSTNAME="${evil}"\nDESCRIPTION="${evil}"\nOSTEMPLATE="${evil}"\n`,
    );
    mkdirSync(`${lab.root}/vz/private/102`, { recursive: true });
    const term = openManager(lab, 200, 50);
    const titles: string[] = [];
    term.term.onTitleChange((title) => titles.push(title));
    await term.waitFor(/102 .*stopped/);
    term.press('j', 'enter');
    await term.waitFor(/^ 102 /m);
    expect(titles).toEqual([]);
    expect(term.text()).not.toMatch(/\u202e/);
    expect(term.screen()[0]).toMatch(/2 CTs, 1 up/);
    term.press('q');
    expect((await term.exit).code).toBe(0);
    rmSync(`${lab.root}/etc/vz/conf/102.conf`);
    await term.close();
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('gives the terminal back on %s, and containers go on', async (signal) => {
    const term = openManager(lab);
    await term.waitFor(/▌101 +web\S*( +\S+)? +running/);
    term.press('i');
    await term.waitFor('Ctrl-] leaves');
    await term.waitFor(/root@\S+:\/# /);
    process.kill(term.pty.pid, signal);
    await term.exit;
    expect(term.modes()).toMatchObject({ alternate: false, cursorHidden: false, bracketedPaste: false });
    expect(lab.engine.find('101')?.state).toBe('running');
    await term.close();
  });

  test('lets a verb that is at work end when the terminal goes', async () => {
    await lab.engine.create(103, { ostemplate: 'busybox', values: {} });
    const term = openManager(lab);
    await term.waitFor(/103 .*stopped/);
    term.press('j', 's');
    await term.waitFor(/start 103|103 +– +(starting|running)/);
    process.kill(term.pty.pid, 'SIGHUP');
    await term.exit;
    expect(lab.engine.find('103')?.state).toBe('running');
    await term.close();
  });

  test('remembers sort and theme, and nothing that it should not', async () => {
    const first = openManager(lab);
    await first.waitFor(/▌101 +web\S*( +\S+)? +running/);
    first.press('>', 'R', 'T');
    await first.waitFor('NAME▾');
    first.press('q');
    await first.exit;
    await first.close();
    const second = openManager(lab);
    await second.waitFor('NAME▾');
    second.press('q');
    await second.exit;
    await second.close();
    expect(JSON.parse(readFileSync(join(lab.root, 'etc/vzdeck/manager.json'), 'utf8'))).toEqual({
      lastPanes: {
        panes: [{ ct: 101, kind: 'enter', name: '', pinned: false }],
        arrangement: { pane: 0 },
        chosen: 0,
        zoomed: false,
      },
      toured: true,
      theme: 'light',
      mouse: false,
      sort: { column: 'name', descending: true },
    });
  });
});
