// The list of templates as people use it: the real program, a real cache, a build that is cancelled in the middle.
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

function openManager(lab: Lab): TestTerm {
  return new TestTerm(join(HOME, 'bin/vzdeck'), [], { env: { VZDECK_ROOT: lab.root } });
}

requires(
  'root',
  'launcher',
  'busybox',
  'zstd',
)('the templates in the manager', () => {
  let lab: Lab;
  let term: TestTerm;
  let cache: string;
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    cache = `${lab.root}/vz/template/cache`;
    mkdirSync(cache, { recursive: true });
    copyFileSync(`${HOME}/build/templates/busybox.tar.zst`, `${cache}/mine.tar.zst`);
    writeFileSync(`${cache}/junk.tar.gz`, 'hello\n');
    await lab.engine.create(101, { ostemplate: 'mine', layout: 'overlay', values: {} });
    await lab.engine.create(102, { ostemplate: 'mine', values: {} });
    term = openManager(lab);
    await term.waitFor(/▌101/);
  });
  afterAll(async () => {
    await term.close();
    await lab.down();
  });

  test('are listed with use and faults, and read to their end when asked', async () => {
    term.press('O');
    await term.waitFor(/mine +\d+K +\w+ +2 +1 +an archive that was put there/);
    await term.waitFor(/junk .* ! is neither a tar archive/);
    term.press('j', 'j', 'v');
    await term.waitFor('Read to its end: whole');
    expect(term.screen().join('\n')).toContain('They stand on its tree, which stays as long as they do: 101');
  });

  test('stay while containers stand on them, and go after a question', async () => {
    term.press('D');
    await term.waitFor('mine is the lower layer of 101; destroy these first');
    await lab.engine.destroy(101);
    await term.waitFor(/mine +\d+K +\w+ +1 +0 /);
    term.press('D');
    await term.waitFor('Remove template mine?');
    await term.waitFor('1 container made from it (102) has its own copy and goes on.');
    term.type('y');
    await term.waitFor('Template mine is removed');
    await term.waitFor((screen) => !/^.mine /m.test(screen));
    expect(readdirSync(cache).filter((name) => name.includes('mine'))).toEqual([]);
    expect(lab.engine.find('102')?.state).toBe('stopped');
  });

  test('lead to a container', async () => {
    term.press('g', 'c');
    await term.waitFor('New container');
    await term.waitFor(/Template +busybox/);
    term.press('escape');
    await term.waitFor('TEMPLATE');
  });
});

requires(
  'root',
  'launcher',
  'mmdebstrap',
  'network',
)('a build in the manager', () => {
  let lab: Lab;
  let term: TestTerm;
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    term = openManager(lab);
    await term.waitFor('No containers yet.');
  });
  afterAll(async () => {
    await term.close();
    await lab.down();
  });

  test('is chosen from the recipes, shows its steps, and leaves nothing when it is cancelled', async () => {
    term.press('O');
    await term.waitFor('TEMPLATE');
    term.press('B');
    await term.waitFor(/▌debian-12 +Debian bookworm/);
    term.type('bookworm --as web');
    term.press('enter');
    await term.waitFor(/build template web +Fetching/);
    expect(existsSync(`${lab.root}/vz/template/cache/.build-web`)).toBe(true);
    term.press('x');
    await term.waitFor('build template web was cancelled');
    expect(readdirSync(`${lab.root}/vz/template/cache`)).toEqual([]);
  });
});
