import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { requires } from '../requires.ts';
import { type Cell, Lab } from './lab.ts';

const suite = requires('root', 'launcher', 'cgroup2-controllers', 'disposable');

const MOUNT = '/sys/fs/cgroup';
const options = (): string => /^\S+ \/sys\/fs\/cgroup cgroup2 (\S+)/m.exec(readFileSync('/proc/self/mounts', 'utf8'))?.[1] ?? '';

/** Exactly these options: what is not named is switched off. */
function remount(wanted: string): void {
  const done = spawnSync('mount', ['--options-mode=ignore', '-t', 'cgroup2', '-o', `remount,${wanted}`, 'cgroup2', MOUNT], {
    encoding: 'utf8',
  });
  expect(done.stderr).toBe('');
}

suite('refused forks on a kernel that counts them in the group that forked', () => {
  let lab: Lab;
  let ct: Cell;

  const before = options();

  beforeAll(async () => {
    // gives a newer kernel the meaning that pids.events had before 6.11
    remount(`${before},pids_localevents`);
    lab = new Lab(linuxFiles);
    await lab.open();
    ct = await lab.cell(1, { numproc: 5 });
  });
  afterAll(async () => {
    await lab.close([1]);
    remount(before);
  });

  it('are those of the container’s limit, wherever below it', async () => {
    const init = ct.ct.births.init;
    await lab.ops(['a', 'b'].map((name) => ({ op: 'mkdir', path: `${init}/${name}`, mode: 0o755 })));
    for (const name of ['a', 'b']) {
      const shell = await ct.run(`echo $$ >${init}/${name}/cgroup.procs; for i in 1 2 3 4 5 6; do sleep 1000 & done`);
      expect(await shell.ended).toBe(2);
    }
    expect(lab.host.files.read(`${init}/../pids.events`)).toBe('max 0\n');
    expect(ct.usage('numprocFail')).toEqual({ numprocFail: 2 });
  });
});
