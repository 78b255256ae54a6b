// The form of a container's parameters as people use it: the real program in a terminal, and what files and kernel say afterwards.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const suite = requires('root', 'launcher', 'busybox');

const openManager = (lab: Lab, args: readonly string[] = []): TestTerm =>
  new TestTerm(join(HOME, 'bin/vzdeck'), args, { columns: 80, rows: 24, env: { VZDECK_ROOT: lab.root } });

const MIB = 1024 * 1024;

suite('the form of parameters', () => {
  let lab: Lab;
  let term: TestTerm;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { NUMPROC: '60' });
    await lab.born(102, { NUMPROC: '70' });
    await lab.engine.create(103, { ostemplate: 'busybox', values: {} });
    term = openManager(lab);
    await term.waitFor(/▌101/);
  });
  afterAll(async () => {
    await term.close();
    await lab.down();
  });

  const conf = (id: number): string => readFileSync(`${lab.root}/etc/vz/conf/${id}.conf`, 'utf8');
  const kernel = (id: number) => {
    const vitals = lab.engine.vitals(id);
    return { numproc: vitals?.numproc.limit, memory: vitals?.memory.limit };
  };

  /** The cursor on a parameter that is found by its name. */
  async function to(words: string, key: string): Promise<void> {
    term.type(`/\x15${words}`);
    await term.waitFor(new RegExp(`${key} `));
    term.press('enter', 'home', 'down');
    await term.waitFor(new RegExp(`▌. ${key} `));
  }

  async function change(words: string, key: string, value: string): Promise<void> {
    await to(words, key);
    term.press('enter');
    await term.waitFor('leave it');
    term.type(`\x15${value}`);
    await term.waitFor(/vzctl +set/);
  }

  test('changes numproc and RAM of a running container in one call, and the kernel has both', async () => {
    term.type('f');
    await term.waitFor(/NUMPROC +60 +60/);
    await change('numproc', 'NUMPROC', '80');
    await term.waitFor('--numproc 80 --save');
    term.press('enter');
    await term.waitFor(/● NUMPROC +80 +60/);
    await change('resident', 'PHYSPAGES', '128M');
    term.press('enter');
    await term.waitFor(/● PHYSPAGES +128M +256M/);
    expect(kernel(101)).toEqual({ numproc: 60, memory: 256 * MIB });
    term.type('w');
    await term.waitFor('2 changes to be saved');
    await term.waitFor(/- NUMPROC="60"/);
    await term.waitFor(/\+ NUMPROC="80"/);
    await term.waitFor(/\+ PHYSPAGES="0:32768"/);
    await term.waitFor(/pids\.max +60 → 80/);
    await term.waitFor(new RegExp(`${256 * MIB} → ${128 * MIB}`));
    await term.waitFor('vzctl set 101 --numproc 80 --ram 128M --save');
    term.press('enter');
    await term.waitFor('101 is set: NUMPROC, PHYSPAGES');
    expect(kernel(101)).toEqual({ numproc: 80, memory: 128 * MIB });
    expect(conf(101)).toMatch(/^NUMPROC="80"$/m);
    expect(conf(101)).toMatch(/^PHYSPAGES="0:32768"$/m);
  });

  test('takes it back', async () => {
    term.type('\x15');
    await term.waitFor('Take back NUMPROC, PHYSPAGES?');
    term.press('enter');
    await term.waitFor('101 is as before');
    expect(kernel(101)).toEqual({ numproc: 60, memory: 256 * MIB });
    expect(conf(101)).toMatch(/^NUMPROC="60"$/m);
  });

  test('takes no value that is none, and says why', async () => {
    await change('numproc', 'NUMPROC', '7x');
    await term.waitFor('! Expected N[:N] or unlimited');
    term.press('enter');
    await term.waitFor('leave it');
    term.press('escape');
    await term.waitFor(/NUMPROC +60 +60/);
  });

  test('a value that the kernel refuses changes neither file nor kernel', async () => {
    const before = conf(101);
    await lab.inside(101, 'dd if=/dev/zero of=/dev/shm/held bs=1M count=60');
    await change('resident', 'PHYSPAGES', '8M');
    term.press('enter');
    await term.waitFor(/● PHYSPAGES +8M/);
    await lab.engine.set(101, { SWAPPAGES: '0:0' }, { save: false });
    term.type('w');
    await term.waitFor('one change to be saved');
    await term.waitFor(/8388608/);
    term.press('enter');
    await term.waitFor(/set 101 failed/);
    expect(kernel(101).memory).toBe(256 * MIB);
    expect(conf(101)).toBe(before);
    await term.waitFor(/● PHYSPAGES +8M +256M/);
    term.press('backspace');
    await lab.inside(101, 'rm /dev/shm/held');
  });

  test('resolves what file and kernel say differently, either way', async () => {
    await lab.engine.set(101, { NUMPROC: '90' }, { save: false });
    await to('numproc', 'NUMPROC');
    await term.waitFor(/NUMPROC +60 +90 !/);
    term.type('>w');
    await term.waitFor(/pids\.max +90 → 60/);
    term.press('enter');
    await term.waitFor('101 is set: NUMPROC');
    await term.waitFor(/▌ {2}NUMPROC +60 +60 /);
    expect(kernel(101).numproc).toBe(60);
    await lab.engine.set(101, { NUMPROC: '90' }, { save: false });
    await term.waitFor(/NUMPROC +60 +90 !/);
    term.type('<w');
    await term.waitFor(/\+ NUMPROC="90"/);
    await term.waitFor('nothing changes at once');
    term.press('enter');
    await term.waitFor(/▌ {2}NUMPROC +90 +90 /);
    expect(conf(101)).toMatch(/^NUMPROC="90"$/m);
  });

  test('is saved to all that is marked, running or not, and taken back from all', async () => {
    term.press('escape');
    await term.waitFor(/▌101/);
    term.type('A');
    await term.waitFor('3 marked');
    term.type('f');
    await term.waitFor(/NUMPROC +90/);
    await change('numproc', 'NUMPROC', '55');
    term.press('f2');
    await term.waitFor('one change to be saved');
    await term.waitFor(/→ 55/);
    term.type('A');
    await term.waitFor('Set NUMPROC of 3 containers?');
    term.press('enter');
    await term.waitFor(/set 3 containers .*3 of 3 done/);
    expect([101, 102].map((id) => kernel(id).numproc)).toEqual([55, 55]);
    for (const id of [101, 102, 103]) expect(conf(id)).toMatch(/^NUMPROC="55"$/m);
    term.type('\x15');
    await term.waitFor('Take back NUMPROC?');
    term.press('enter');
    await term.waitFor(/undo 3 containers .*3 of 3 done/);
    expect([101, 102].map((id) => kernel(id).numproc)).toEqual([90, 70]);
    expect(conf(103)).toMatch(/^NUMPROC="300"$/m);
    term.press('escape', 'escape', 'escape');
  });

  test('makes a sample of the container, and compares others with it', async () => {
    await term.waitFor(/▌101/);
    term.type('fS');
    await term.waitFor('Make a sample of 101');
    term.type('\x15mine');
    term.press('enter');
    await term.waitFor('The sample mine is made of 101');
    const sample = readFileSync(`${lab.root}/etc/vz/conf/ve-mine.conf-sample`, 'utf8');
    expect(sample).toMatch(/^# Made from container 101\n/);
    expect(sample).toMatch(/^NUMPROC="90"$/m);
    expect(sample).not.toMatch(/OSTEMPLATE|VE_PRIVATE|VZDECK_IDBASE/);
    term.type(']5c');
    await term.waitFor('Compare with which sample?');
    term.press('home', 'down', 'down');
    await term.waitFor(/▌ mine /);
    term.press('enter');
    await term.waitFor('SAMPLE mine');
    await term.waitFor(/NUMPROC +70 +90/);
    term.press('escape', 'escape');
  });

  test('changes nothing where only looking is allowed', async () => {
    const looking = openManager(lab, ['--read-only']);
    try {
      await looking.waitFor(/▌101/);
      looking.type('f');
      await looking.waitFor(/NUMPROC +90 +90/);
      looking.type('w');
      await looking.waitFor('Read-only');
      looking.type('/numproc\rjS');
      await looking.waitFor('Read-only');
      expect(conf(101)).toMatch(/^NUMPROC="90"$/m);
    } finally {
      await looking.close();
    }
  });
});
