// Work that outlives its screen: the real program in a terminal, its process, and the next manager.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';

const suite = requires('root', 'launcher', 'busybox');

suite('work that outlives its screen', () => {
  let lab: Lab;
  const terms: TestTerm[] = [];
  const manager = (): TestTerm => {
    const term = new TestTerm(join(HOME, 'bin/vzdeck'), [], { env: { VZDECK_ROOT: lab.root } });
    terms.push(term);
    return term;
  };
  const done = (): string => join(lab.root, 'done');
  /** The process that shows on its screen that it works. */
  const pidOf = (term: TestTerm): number => Number(/process (\d+)/.exec(term.text())?.[1]);
  const gone = (pid: number): boolean => !existsSync(`/proc/${pid}`);
  /** Processes of the command that waits. */
  const commands = (): readonly string[] =>
    readdirSync('/proc').filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').endsWith(`\0sh\0${done()}\0`);
      } catch {
        // it has ended meanwhile
        return false;
      }
    });

  /** A manager whose user has left it with work in it. */
  async function leaveRunning(): Promise<TestTerm> {
    const term = manager();
    await term.waitFor(/101 +web +running/);
    term.press('U');
    await term.waitFor(/wait .*begun/);
    term.press('q');
    await term.waitFor('l leave running');
    term.press('l');
    return term;
  }

  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { NAME: 'web' });
    mkdirSync(join(lab.root, 'etc/vzdeck'), { recursive: true });
    // Ends when it is let: nothing here waits for a time.
    const wait = `echo begun; while [ ! -e "$1" ]; do sleep 0.05; done; echo ended`;
    const commands = [
      { name: 'wait', keys: 'U', run: ['sh', '-c', wait, 'sh', done()] },
      { name: 'inside', keys: 'Q', run: 'hostname', in: 'container', reads: true },
    ];
    writeFileSync(join(lab.root, 'etc/vzdeck/keys.json'), JSON.stringify({ commands }));
  });
  afterAll(async () => {
    writeFileSync(done(), '');
    for (const term of terms) await term.close();
    await lab.down();
  });

  test('an own command runs inside, and its output is the log of a task', async () => {
    const term = manager();
    await term.waitFor(/▌101 +web +running/);
    term.press('Q');
    await term.waitFor('inside 101 web: done');
    term.press('t');
    await term.waitFor(/vzctl exec3 101 hostname/);
    term.press('q');
    expect((await term.exit).code).toBe(0);
  });

  test('leaves the prompt free when it is left running, is shown by the next manager and cancelled there', async () => {
    const first = await leaveRunning();
    expect((await first.exit).code).toBe(0);
    expect(first.text()).toMatch(/1 task goes on in process \d+; the next vzdeck shows it/);
    expect(first.modes()).toMatchObject({ alternate: false, cursorHidden: false });
    const pid = pidOf(first);
    expect(gone(pid)).toBe(false);
    const second = manager();
    await second.waitFor('wait goes on from another session');
    second.press('t');
    await second.waitFor(new RegExp(`process ${pid}, without a screen`));
    second.press('x');
    await second.waitFor(/wait +cancelled/);
    await until(() => gone(pid));
    second.press('q');
    expect((await second.exit).code).toBe(0);
  });

  test('is cancelled when its process is asked to end', async () => {
    const first = await leaveRunning();
    await first.exit;
    const pid = pidOf(first);
    process.kill(pid, 'SIGTERM');
    await until(() => gone(pid));
    expect(lab.engine.tasks().past(1)).toMatchObject([{ title: 'wait', state: 'cancelled', left: true }]);
  });

  test('goes on when the terminal goes, to its end, and is among the past ones then', async () => {
    const first = manager();
    await first.waitFor(/101 +web +running/);
    first.press('U');
    await first.waitFor(/wait .*begun/);
    const [record = ''] = lab.engine
      .tasks()
      .others()
      .map((task) => String(task.pid));
    first.pty.kill('SIGHUP');
    const second = manager();
    await second.waitFor('wait goes on from another session');
    expect(gone(Number(record))).toBe(false);
    writeFileSync(done(), '');
    await second.waitFor('wait: done');
    await until(() => gone(Number(record)));
    expect(lab.engine.tasks().past(1)).toMatchObject([{ title: 'wait', state: 'done', left: true }]);
    second.press('q');
    expect((await second.exit).code).toBe(0);
  });

  test('of a manager that was killed is told as lost by the next one, and leaves nothing', async () => {
    rmSync(done());
    const first = manager();
    await first.waitFor(/101 +web +running/);
    first.press('U');
    await first.waitFor(/wait .*begun/);
    const [task] = lab.engine.tasks().others();
    process.kill(task?.pid ?? 0, 'SIGKILL');
    await first.exit;
    const second = manager();
    await second.waitFor(/101 +web +running/);
    second.press('t');
    await second.waitFor('The manager that did it was killed');
    expect(lab.engine.tasks().others()).toEqual([]);
    // nobody is left who would end the command with its manager
    writeFileSync(done(), '');
    await until(() => commands().length === 0);
    second.press('q');
    await second.exit;
  });

  test('stands in the journal with who did it and with which line', () => {
    const { entries, damaged } = lab.engine.journal(100);
    expect(damaged).toBe(0);
    expect(entries.filter((entry) => entry.program === 'manager')).toMatchObject([
      { verb: 'command', result: 'ok', command: 'vzctl exec3 101 hostname' },
      { verb: 'command', result: 'cancelled' },
      { verb: 'command', result: 'cancelled' },
      { verb: 'command', result: 'ok' },
    ]);
    expect(entries.some((entry) => entry.verb === 'exec' && entry.id === 101 && entry.program === 'vzctl')).toBe(true);
    expect(readFileSync('/etc/passwd', 'utf8')).toContain(`${entries[0]?.user}:`);
  });
});
