// The first run: the tour on real containers by the real keys, offered once, remembered, and ended at any moment.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('the first run', () => {
  let lab: Lab;
  const open = (env: Record<string, string> = {}): TestTerm =>
    new TestTerm(join(HOME, 'bin/vzdeck'), [], { env: { VZDECK_ROOT: lab.root, ...env } });
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { NAME: 'web' });
    await lab.engine.create(102, { ostemplate: 'busybox', values: { NAME: 'spare' } });
  });
  afterAll(() => lab.down());

  test('of a manager among containers is told of the tour, once', async () => {
    const first = open();
    await first.waitFor('First time here? Ctrl-G shows you round');
    first.press('q');
    expect((await first.exit).code).toBe(0);
    const second = open();
    await second.waitFor(/▌101/);
    await second.waitFor(/2 CTs/);
    expect(second.screen().join('\n')).not.toContain('First time here?');
    second.press('q');
    await second.exit;
  });

  test('of a demo begins with the tour, which goes on as one does what it says', async () => {
    const term = open({ VZDECK_TOUR: '1' });
    await term.waitFor(/Tour, 1 of 12 .* Ctrl-G ends it/);
    term.press('j');
    await term.waitFor(/Tour, 2 of 12/);
    term.press('enter');
    await term.waitFor(/Tour, 3 of 12/);
    term.press('escape');
    await term.waitFor(/Tour, 4 of 12/);
    term.press('/');
    term.type('web\r');
    await term.waitFor(/Tour, 5 of 12/);
    term.press('escape');
    await term.waitFor(/Tour, 8 of 12/);
    term.press('g', 'i');
    await term.waitFor(/Tour, 9 of 12/);
    await term.waitFor(/root@\S+:\/# /);
    term.type('\x1d');
    await term.waitFor('↵ type');
    term.press('w');
    await term.waitFor(/Tour, 10 of 12/);
    term.press('G', 's');
    await term.waitFor(/Tour, 11 of 12/);
    expect(lab.engine.find('102')?.state).toBe('running');
    term.press('ctrl-g');
    await term.waitFor('The tour is over');
    expect(term.screen().join('\n')).not.toContain('Tour,');
    term.press('q');
    expect((await term.exit).code).toBe(0);
  });
});
