// A room by the manager's form: real containers, each with its password, the list saved where only root reads it.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('many containers by the form', () => {
  let lab: Lab;
  let term: TestTerm;
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    term = new TestTerm(join(HOME, 'bin/vzdeck'), [], { env: { VZDECK_ROOT: lab.root } });
    await term.waitFor('No containers yet.');
  });
  afterAll(async () => {
    await term.close();
    await lab.down();
  });

  test('are counted while one types, planned, made and started', async () => {
    term.press('ctrl-n');
    await term.waitFor('10 new containers');
    term.press('backspace', 'backspace', 'backspace');
    term.type('103');
    await term.waitFor('3 new containers');
    await term.waitFor('101 seat-01 seat-01  …  103 seat-03 seat-03');
    term.press('enter');
    await term.waitFor('This will be done for 101-103');
    expect(lab.engine.list()).toEqual([]);
    term.press('enter');
    await term.waitFor('3 of 3 made');
    await term.waitFor((screen) => (screen.match(/made and started/g) ?? []).length === 3);
    expect(lab.engine.list().map(({ name, state }) => [name, state])).toEqual([
      ['seat-01', 'running'],
      ['seat-02', 'running'],
      ['seat-03', 'running'],
    ]);
  });

  test('leave their passwords in a new file for root alone, and nowhere else', async () => {
    const file = `${lab.root}/seats.tsv`;
    term.press('S');
    await term.waitFor('Save the list with its passwords');
    term.press('ctrl-u');
    term.type(`${file}\r`);
    await term.waitFor(`Saved in ${file}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const rows = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'));
    expect(rows.map(([id]) => id)).toEqual(['101', '102', '103']);
    const { logDir, confDir, runDir } = lab.engine.node;
    for (const [, , , , password = ''] of rows) {
      expect(term.screen().join('\n')).toContain(password);
      expect(spawnSync('grep', ['-rF', '--exclude-dir=bpf', '--', password, logDir, confDir, runDir], { encoding: 'utf8' })).toMatchObject({
        status: 1,
        stdout: '',
      });
    }
    term.press('escape');
    // the one that was in the table first: they are made side by side
    await term.waitFor(/▌10[123]/);
  });
});
