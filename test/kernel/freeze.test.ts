// Freeze and thaw on the real kernel: what stands still, what is told meanwhile, and what every other verb makes of it.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';
import { until } from './until.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('a container that is frozen', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    // runs all the time: what all containers of a node have in common is made once
    await lab.born(102);
    await lab.engine.create(101, { ostemplate: 'busybox', values: { HOSTNAME: 'one' } });
  });
  beforeEach(() => lab.engine.start(101));
  afterEach(async () => {
    if (state() !== 'stopped') await lab.engine.stop(101, { fast: true });
    for (const left of ['vz/private/101/asked', 'vz/private/101/n', 'etc/vz/conf/101.stop']) rmSync(join(lab.root, left), { force: true });
    lab.said();
  });
  afterAll(() => lab.down());

  const counted = (): number => Number(readFileSync(`${lab.root}/vz/private/101/n`, 'utf8') || 0);
  const state = (): string | undefined => lab.engine.find('101')?.state;
  /** Counts in a file until it is stopped, from a group of its own below the container's. */
  const count = async (): Promise<void> => {
    await lab.inside(
      101,
      'd=/sys/fs/cgroup/sub; mkdir $d; (echo 0 >$d/cgroup.procs; n=0; while :; do n=$((n+1)); echo $n >/n; done) </dev/null >/dev/null 2>&1 &',
    );
    await until(() => {
      try {
        return counted() > 0;
      } catch {
        return false;
      }
    });
  };
  /** Time in which another container gets something done. */
  const time = () => lab.inside(102, 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done');

  test('stands still with all sub-groups, is told as frozen by list, status and sampler, and goes on where it stood', async () => {
    await count();
    const sampler = lab.engine.sampler();
    expect(sampler.tick().containers[0]?.state).toBe('running');
    await lab.engine.freeze(101, lab.run);
    const stood = counted();
    await time();
    expect(counted()).toBe(stood);
    expect(state()).toBe('frozen');
    expect(lab.engine.status(101).state).toBe('frozen');
    expect(lab.engine.entries([101])[0]?.state).toBe('frozen');
    expect(sampler.tick().containers[0]?.state).toBe('frozen');
    await lab.engine.thaw(101, lab.run);
    // a sampler knows by the processor that somebody has had, and nobody is given one at once
    await until(() => counted() > stood);
    expect(sampler.tick().containers[0]?.state).toBe('running');
    sampler.close();
    expect(lab.said().filter((line) => /frozen|goes on/.test(line))).toEqual(['Container was frozen', 'Container goes on']);
  });

  test('is frozen once and thawed once; a second time is a success that says so; what does not run is refused', async () => {
    lab.said();
    await lab.engine.thaw(101, lab.run);
    await lab.engine.freeze(101);
    await lab.engine.freeze(101, lab.run);
    expect(lab.said()).toEqual(['! Container is not frozen', '! Container is already frozen']);
    await lab.engine.stop(101, { fast: true });
    for (const verb of ['freeze', 'thaw'] as const) await expect(lab.engine[verb](101)).rejects.toMatchObject({ code: 'not-running' });
  });

  test('lets nobody in, with the way out of it; its console can be looked at', async () => {
    await lab.engine.freeze(101);
    await expect(lab.inside(101, 'true')).rejects.toMatchObject({ code: 'frozen', remedy: 'Thaw it first: vzdeck thaw 101' });
    const console = await lab.engine.console(101, 1);
    console.close();
    await lab.engine.thaw(101);
    expect(await lab.inside(101, 'hostname')).toEqual({ code: 0, out: 'one\n' });
  });

  test('takes other limits and another name meanwhile', async () => {
    await lab.engine.freeze(101);
    await lab.engine.set(101, { NUMPROC: '77', HOSTNAME: 'two' }, { save: false });
    expect((await lab.engine.parameters(101)).find(({ key }) => key === 'HOSTNAME')).toMatchObject({ live: 'two' });
    const sampler = lab.engine.sampler();
    expect(sampler.tick().containers[0]).toMatchObject({ state: 'frozen', numproc: { limit: 77 } });
    sampler.close();
    await expect(lab.engine.start(101)).rejects.toMatchObject({ code: 'running' });
    await expect(lab.engine.destroy(101)).rejects.toMatchObject({ code: 'destroy-running' });
    await expect(lab.engine.umount(101)).rejects.toMatchObject({ code: 'umount-running' });
  });

  test('is stopped as one that runs: thawed, its stop script run, its init asked', async () => {
    writeFileSync(`${lab.root}/etc/vz/conf/101.stop`, 'touch /asked\n');
    await lab.engine.freeze(101);
    await lab.engine.stop(101, {}, lab.run);
    expect(lab.said()).not.toContain('Killing container ...');
    expect(readFileSync(`${lab.root}/vz/private/101/asked`, 'utf8')).toBe('');
    expect(state()).toBe('stopped');
  });

  test('is killed without running another moment', async () => {
    await count();
    writeFileSync(`${lab.root}/etc/vz/conf/101.stop`, 'touch /asked\n');
    await lab.engine.freeze(101);
    const stood = counted();
    lab.said();
    await lab.engine.stop(101, { fast: true }, lab.run);
    expect(lab.said()[0]).toBe('! Warning: the stop script of container 101 failed: Container 101 is frozen');
    expect(counted()).toBe(stood);
    expect(state()).toBe('stopped');
  });

  test('is restarted, and runs', async () => {
    await lab.engine.freeze(101);
    await lab.engine.restart(101);
    expect(state()).toBe('running');
    expect((await lab.inside(101, 'hostname')).out).toBe('one\n');
  });

  test('stands still again when its stop is cancelled', async () => {
    await lab.engine.freeze(101);
    const cancel = new AbortController();
    const report = ({ text }: { text: string }): void => {
      if (text.startsWith('Stopping')) cancel.abort();
    };
    await expect(lab.engine.stop(101, {}, { signal: cancel.signal, report })).rejects.toThrow('Stop was cancelled');
    expect(state()).toBe('frozen');
  });

  test('ends when its init is killed from outside, and nothing of it is left', async () => {
    await lab.engine.freeze(101);
    process.kill(lab.engine.find('101')?.init?.pid ?? 0, 'SIGKILL');
    await until(() => lab.engine.find('101')?.trouble !== '');
    expect(lab.engine.find('101')?.trouble).toBe('Init was ended by signal 9');
    // how it ended is noted before the engine that was sent for has left
    await until(() => readdirSync(`${lab.root}/vz/lock`).length === 0);
    await lab.engine.start(101);
    expect(state()).toBe('running');
  });

  test('whose keeper was killed gets another one by freeze and by thaw', async () => {
    for (const verb of ['freeze', 'thaw'] as const) {
      process.kill(Number(readFileSync(`${lab.root}/run/vzdeck/101/keeper`, 'utf8').split(' ')[0]), 'SIGKILL');
      await until(() => lab.engine.find('101')?.unattended === true);
      await lab.engine[verb](101);
      expect(lab.engine.find('101')?.unattended).toBe(false);
    }
    expect((await lab.inside(101, 'hostname')).out).toBe('one\n');
  });

  test('is only planned with --dry-run', async () => {
    const plan = await lab.engine.plan((engine) => engine.freeze(101));
    expect(plan.map(({ detail }) => detail)).toContainEqual(expect.stringMatching(/^write path=\S+101\/\S+ data="(1|FROZEN)"$/));
    expect(state()).toBe('running');
  });

  test('that was cancelled on its way goes on', async () => {
    const cancel = new AbortController();
    cancel.abort();
    await expect(lab.engine.freeze(101, { signal: cancel.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(state()).toBe('running');
  });
});
