// Beancounters in the manager as people meet them: the real program in a terminal, a real container whose forks are refused.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const suite = requires('root', 'launcher', 'busybox');

/** So many more forks than it may have processes, each refusal noted by the shell that meets it; what was begun stays a while. */
const STORM = 'i=0; while [ $i -lt 40 ]; do (exec sleep 9999) & i=$((i+1)); done';

suite('beancounters in the manager', () => {
  let lab: Lab;
  let term: TestTerm;

  /** A shell ends with its first refused fork: several of them begin one storm. */
  const storm = (): Promise<unknown> => lab.inside(101, `for n in 1 2 3; do sh -c '${STORM}' >/dev/null 2>&1; done; true`);
  const failcnt = (): number => lab.engine.ubc([101])[0]?.rows.find(({ name }) => name === 'numproc')?.failcnt ?? 0;

  /** Sentences may be broken anywhere. */
  const says = (text: string): Promise<void> => term.waitFor((screen) => screen.replace(/\s+/g, ' ').includes(text), text);

  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { NAME: 'web', NUMPROC: '30' });
    await lab.born(102);
    term = new TestTerm(join(HOME, 'bin/vzdeck'), [], { columns: 80, rows: 24, env: { VZDECK_ROOT: lab.root } });
  });
  afterAll(async () => {
    await term.close();
    await lab.down();
  });

  test('show all rows of a container, with who holds it to each', async () => {
    await term.waitFor(/▌101/);
    term.type('b');
    await term.waitFor(/▌?numproc .* 30 +30 +0 .*kernel/);
    await term.waitFor(/kmemsize .*counted/);
    term.press('escape');
    await term.waitFor('CTID');
  });

  test('tell of refused forks in the table, and explain them with the line that helps', async () => {
    const refused = storm();
    await term.waitFor(/101 +web +! running/);
    await term.waitFor(/101 web refused \d+ forks? at numproc 30/);
    await term.waitFor('e explain');
    term.type('e');
    await term.waitFor(/▌numproc +! .* 30 +30 +\d+/);
    await says('At the limit fork() fails with EAGAIN');
    await term.waitFor('vzctl set 101 --numproc 45 --save');
    await refused;
    expect(failcnt()).toBeGreaterThan(0);
    await term.waitFor((screen) => new RegExp(`▌numproc .* 30 +30 +${failcnt()} `).test(screen));
  });

  test('tell who holds them', async () => {
    term.type('w');
    await term.waitFor(/\d\d +\d+% +\d+ +\d+ sleep 9999: \d+ processes/);
    term.type('w');
  });

  test('are found out to be what is wrong with the node, and the sentence leads back to them', async () => {
    await storm();
    term.type('W');
    await term.waitFor(/101 \(web\): refused \d+ forks?/);
    term.press('enter');
    await term.waitFor(/▌numproc/);
  });

  test('show how it was, once somebody has looked', async () => {
    term.type('h');
    await term.waitFor(/numproc, the last 15 minutes: \d+ at most, \d+ refused/);
    term.type('hhh');
    await term.waitFor(/numproc: \d+ of 30 held/);
  });

  test('stand in the grid of the node, the failing container first', async () => {
    term.press('escape', 'escape', 'escape');
    await term.waitFor('CTID▴');
    term.type('N');
    await term.waitFor(/▌101 .*web/);
    await term.waitFor(/RAM .*\d+%/);
    term.press('enter');
    await term.waitFor(/▌numproc/);
  });

  test('are set from their row: what is advised stands in the form', async () => {
    term.type('e');
    await says('A sensible value here is 45');
    term.type('s');
    await term.waitFor(/barrier 45/);
    term.press('enter');
    await term.waitFor(/pids.max +30 → 45/);
    term.press('enter');
    await term.waitFor(/numproc .* 45 +45 +\d+/);
    expect(lab.engine.config(101).values.get('NUMPROC')).toBe('45');
  });

  test('begin at 0 after a question', async () => {
    term.type('R');
    await term.waitFor('Begin the counts of 101 web at 0?');
    term.type('y');
    await term.waitFor(/numproc .* 45 +45 +0 /);
    expect(failcnt()).toBe(0);
  });

  test('only look where only looking is allowed', async () => {
    term.press('ctrl-r');
    term.type('s');
    await term.waitFor('Read-only');
    term.type('R');
    await term.waitFor('Read-only');
    term.press('ctrl-r');
  });
});
