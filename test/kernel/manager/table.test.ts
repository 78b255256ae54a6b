// The table over real containers: columns, filter, marks and what is done to them, in the real program.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const suite = requires('root', 'launcher', 'busybox');

const openManager = (lab: Lab, columns = 80, rows = 24): TestTerm =>
  new TestTerm(join(HOME, 'bin/vzdeck'), [], { columns, rows, env: { VZDECK_ROOT: lab.root } });

const settingsOf = (lab: Lab): unknown => JSON.parse(readFileSync(join(lab.root, 'etc/vzdeck/manager.json'), 'utf8'));

suite('the table', () => {
  let lab: Lab;
  let term: TestTerm;
  beforeAll(async () => {
    lab = openLab();
    for (const id of [101, 102, 103]) await lab.born(id, { NAME: `web-${id}`, HOSTNAME: `h${id}.example.org` });
    await lab.engine.create(104, { ostemplate: 'busybox', values: { NAME: 'spare', NUMPROC: '40:40' } });
    term = openManager(lab);
    await term.waitFor(/101 +h101\S* +running/);
  });
  /** A key right behind Escape would be Alt and that key. */
  const back = async (): Promise<void> => {
    term.press('escape');
    await term.waitFor(/CTID/);
  };
  afterAll(async () => {
    await term.close();
    await lab.down();
  });

  test('shows what the kernel has counted, once somebody wants it', async () => {
    term.press('|');
    await term.waitFor('Columns /');
    term.type('numproc.m');
    term.press('enter', 'escape');
    await term.waitFor(/NPROC\.M\n/);
    // a peak is counted by the kernel as long as the container runs, and by nobody of what does not
    await term.waitFor(/101 +h101.* [1-9]\d*\n/);
    await term.waitFor(/104 +spare .* stopped .*–\n/);
  });

  test('is narrowed by what is typed, says what it does not understand, and goes on', async () => {
    term.press('/');
    term.type('numproc.b=40');
    await term.waitFor('1 of 4 shown');
    await term.waitFor(/▌104 +spare/);
    term.type(' stat>3');
    await term.waitFor(/! No column is called stat; status\?/);
    await term.waitFor(/▌104 +spare/);
    term.press('escape');
    await term.waitFor(/103 +h103/);
  });

  test('does a verb to all that is marked, and shows why one of them failed', async () => {
    rmSync(`${lab.root}/vz/private/104/sbin/init`);
    term.press('A');
    await term.waitFor('4 marked');
    term.press('x');
    await term.waitFor('Stop 3 containers?');
    await term.waitFor('101 web-101, 102 web-102, 103 web-103.');
    await term.waitFor('Left out: 104: Unable to stop: container is not running.');
    term.press('enter');
    await term.waitFor(/stop 3 containers .*3 of 3 done/);
    expect(lab.engine.list().map((ct) => ct.state)).toEqual(['stopped', 'stopped', 'stopped', 'stopped']);
    await back();
    term.press('A', 's');
    await term.waitFor('Start 4 containers?');
    term.press('y');
    await term.waitFor(/start 4 containers .*3 of 4 done, 1 failed/);
    await term.waitFor(/✘ 104 spare +failed .*execve \/sbin\/init/);
    expect(lab.engine.list().map((ct) => ct.state)).toEqual(['running', 'running', 'running', 'stopped']);
    term.press('enter');
    await term.waitFor(/The kernel said +ENOENT/);
    term.press('escape');
    await term.waitFor('r try again  Esc back');
    term.press('r');
    await term.waitFor('Start 1 container?');
    term.press('n');
    await term.waitFor('1 marked');
  });

  test('freezes, thaws and destroys what is marked, and nothing else', async () => {
    term.press('\\', 'g', 'space', 'space', 'z');
    await term.waitFor('Freeze 2 containers?');
    term.press('y');
    await term.waitFor(/freeze 2 containers .*2 of 2 done/);
    await back();
    await term.waitFor(/102 +h102.* frozen/);
    expect(lab.engine.list().map((ct) => ct.state)).toEqual(['frozen', 'frozen', 'running', 'stopped']);
    term.press('g', 'space', 'space', 'Z');
    await term.waitFor('Thaw 2 containers?');
    term.press('y');
    await term.waitFor(/thaw 2 containers .*2 of 2 done/);
    expect(lab.engine.list().map((ct) => ct.state)).toEqual(['running', 'running', 'running', 'stopped']);
    await back();
    term.press('G', 'space', 'D');
    await term.waitFor('Destroy 1 container?');
    term.press('y');
    await term.waitFor(/destroy 1 container .*1 of 1 done/);
    expect(lab.engine.list().map((ct) => ct.id)).toEqual([101, 102, 103]);
    await back();
  });

  test('remembers columns, order and rate, but no filter', async () => {
    term.press('>', '-', '-', '/');
    await term.waitFor('3 of 3 shown');
    term.type('h101');
    term.press('enter');
    await term.waitFor('every 5 s');
    term.press('q');
    expect((await term.exit).code).toBe(0);
    const kept = settingsOf(lab) as { readonly columns: readonly string[]; readonly period: number };
    expect(kept.period).toBe(5000);
    for (const column of ['ctid', 'numproc.m']) expect(kept.columns).toContain(column);
    const again = openManager(lab);
    await again.waitFor(/NPROC\.M\n/);
    await again.waitFor('every 5 s');
    await again.waitFor(/103 +h103/);
    again.press('q');
    expect((await again.exit).code).toBe(0);
    await again.close();
  });
});
