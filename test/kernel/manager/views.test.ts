// The container view as people use it: the real program in a terminal, real containers behind it.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const suite = requires('root', 'launcher', 'busybox');

const openManager = (lab: Lab, env: Readonly<Record<string, string>> = {}): TestTerm =>
  new TestTerm(join(HOME, 'bin/vzdeck'), [], { columns: 80, rows: 24, env: { VZDECK_ROOT: lab.root, ...env } });

suite('the view of a container', () => {
  let lab: Lab;
  let term: TestTerm;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { HOSTNAME: 'one', NUMPROC: '60' });
    await lab.born(102);
    await lab.inside(101, '(exec sleep 4711) </dev/null >/dev/null 2>&1 &');
    term = openManager(lab);
  });
  afterAll(async () => {
    await term.close();
    await lab.down();
  });

  test('opens with what is used of each limit', async () => {
    await term.waitFor(/▌101/);
    term.press('enter');
    await term.waitFor(/Processes .* of 60/);
    await term.waitFor('Waits');
  });

  test('has the processes as they began one another, with the user inside, and sends a signal to one', async () => {
    term.type('2');
    await term.waitFor(/\d+ +1 root .*init/);
    term.type('/user:root mem>');
    await term.waitFor('! MEM > what? A size');
    term.type('4k 4711');
    await term.waitFor('1 shown');
    await term.waitFor(/▌ +\d+ +\d+ root .* sleep 4711/);
    term.press('enter');
    term.type('K');
    await term.waitFor('A signal for process');
    term.press('enter');
    await term.waitFor('Send TERM to process');
    term.press('enter');
    await term.waitFor('TERM was sent to process');
    await term.waitFor('No process is what is looked for');
    expect((await lab.inside(101, 'ps')).out).not.toContain('4711');
    term.type('/');
    term.press('escape');
    await term.waitFor('syslogd');
  });

  test('shows the console live, types into it after Enter, and gives its keyboard back', async () => {
    term.type('3');
    await term.waitFor(/console .* live/);
    await term.waitFor('login:');
    expect((await lab.engine.journal(100, 101)).entries.map(({ verb }) => verb)).not.toContain('console');
    term.press('enter');
    await term.waitFor('Ctrl-] leaves');
    term.type('root\r');
    await term.waitFor(/:~?\/?# /);
    term.type('echo tab-$((40+2))\r');
    await term.waitFor('tab-42');
    expect((await lab.engine.journal(100, 101)).entries.at(-1)).toMatchObject({ verb: 'console', result: 'ok' });
    term.type('\x1d');
    await term.waitFor(/console .* live/);
    const other = await lab.engine.console(101, 1);
    expect(other.writer).toBe(true);
    other.write(Buffer.from('echo by-somebody-else\r'));
    await term.waitFor('by-somebody-else');
    term.press('enter');
    await term.waitFor('somebody else types here');
    other.close();
    await term.waitFor((screen) => !screen.includes('somebody else'));
    term.type('\x1d');
    await term.waitFor(/console .* live/);
  });

  test('shows what is logged inside as it comes', async () => {
    term.type('4');
    await term.waitFor('/var/log/messages');
    await lab.inside(101, 'logger -p user.err came-just-now');
    await term.waitFor('came-just-now');
    term.type('vv');
    await term.waitFor((screen) => screen.includes('errors and worse') && !screen.includes('syslogd started'));
    term.type('vL');
    await term.waitFor(/console .*follows/);
  });

  test('shows parameters beside what the kernel has', async () => {
    term.type('5');
    await term.waitFor(/NUMPROC +60 +60/);
    await lab.engine.set(101, { NUMPROC: '70' }, { save: false });
    await term.waitFor(/NUMPROC +60 +70 !/);
  });

  test('freezes after a question, tells it, and thaws', async () => {
    term.type('z');
    await term.waitFor('Freeze 101');
    term.press('enter');
    await term.waitFor(/101.* frozen +up/);
    expect(lab.engine.find('101')?.state).toBe('frozen');
    term.type('4');
    await term.waitFor(/console|frozen/);
    term.type('Z');
    await term.waitFor(/101.* running +up/);
    term.type('6');
    await term.waitFor('vzdeck freeze 101');
    await term.waitFor('vzdeck thaw 101');
  });

  test('has a sister for all processes of the node', async () => {
    term.press('escape');
    await term.waitFor(/▌101/);
    term.type('P');
    await term.waitFor(/in 2 containers/);
    term.type('/ctid:102 init');
    await term.waitFor(/▌102 +\d+ +1 root/);
    term.press('enter', 'enter');
    await term.waitFor(/102 .* running/);
  });

  test('changes nothing where only looking is allowed', async () => {
    const looking = openManager(lab, { VZDECK_READ_ONLY: '1' });
    try {
      await looking.waitFor(/▌101/);
      looking.type('P');
      await looking.waitFor('containers');
      looking.type('K');
      await looking.waitFor('Read-only');
    } finally {
      await looking.close();
    }
  });
});
