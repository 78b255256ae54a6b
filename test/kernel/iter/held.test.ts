// A container from its start to its end under the programs that refuse: limits of the config, limits that change, the account, and nothing left.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
  'disposable',
)('a container under programs that refuse', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { NUMFILE: '400:400' });
  });
  afterAll(() => lab.down());

  const row = (name: string) => lab.engine.ubc([101])[0]?.rows.find((one) => one.name === name);
  const inside = async (line: string): Promise<string> => (await lab.inside(101, line)).out;
  const programs = (): readonly string[] =>
    existsSync(`${lab.root}/run/vzdeck/bpf`) ? readdirSync(`${lab.root}/run/vzdeck/bpf`).filter((name) => /refusals/.test(name)) : [];

  test('is held to the limits of its config, and its account says by whom', async () => {
    expect(programs()).toHaveLength(1);
    for (const name of ['numfile', 'numflock', 'privvmpages']) expect(row(name), name).toMatchObject({ enforced: 'bpf', failcnt: 0 });
    expect(row('numfile')).toMatchObject({ barrier: 400n, limit: 400n, source: 'bpf security_file_alloc' });
    const held = row('numfile')?.held ?? 0;
    expect(held).toBeGreaterThan(5);
    const said = await inside('i=0; while [ $i -lt 500 ]; do i=$((i+1)); eval "exec $((i+10))</dev/null" 2>&1 || exit 7; done');
    expect(said).toContain('Too many open files in system');
    expect(row('numfile')?.failcnt).toBeGreaterThan(0);
    expect(row('numfile')?.maxheld).toBe(400);
    expect(row('numfile')?.held).toBe(held);
  });

  test('takes lowered promised memory at once: what is asked for beyond it is refused', async () => {
    const before = row('privvmpages')?.held ?? 0;
    expect(before).toBeGreaterThan(100);
    expect(await inside('dd if=/dev/zero of=/dev/null bs=32M count=1 2>&1 && echo done')).toContain('done');
    await lab.engine.set(101, { PRIVVMPAGES: `${before + 4000}:${before + 4000}` }, { save: false });
    expect(await inside('dd if=/dev/zero of=/dev/null bs=32M count=1 2>&1; echo done')).toMatch(/out of memory/i);
    expect(await inside('dd if=/dev/zero of=/dev/null bs=8M count=1 2>&1 && echo done')).toContain('done');
    const after = row('privvmpages');
    expect(after?.failcnt).toBeGreaterThan(0);
    expect(after?.limit).toBe(BigInt(before + 4000));
    await lab.engine.set(101, { PRIVVMPAGES: 'unlimited' }, { save: false });
    expect(await inside('dd if=/dev/zero of=/dev/null bs=32M count=1 2>&1 && echo done')).toContain('done');
  });

  test('begins anew with its next start, and takes the programs along with its end', async () => {
    await lab.engine.stop(101, { fast: true });
    expect(programs()).toEqual([]);
    await lab.engine.start(101);
    expect(programs()).toHaveLength(1);
    expect(row('numfile')).toMatchObject({ enforced: 'bpf', limit: 400n });
    expect(row('numfile')?.held).toBeLessThan(100);
  });

  test('whose engine was killed in the middle of a start leaves nothing that the next one stumbles over', async () => {
    await lab.engine.stop(101, { fast: true });
    const env = { ...process.env, VZDECK_ROOT: lab.root };
    for (const timeout of [400, 900, 1600])
      spawnSync(`${HOME}/bin/vzdeck`, ['start', '101'], { env, timeout, killSignal: 'SIGKILL', stdio: 'ignore' });
    if (lab.engine.find('101')?.state !== 'running') await lab.engine.start(101);
    expect(row('numfile')).toMatchObject({ enforced: 'bpf', limit: 400n });
    await lab.engine.stop(101, { fast: true });
    expect(programs()).toEqual([]);
  });
});
