// How containers end: rebooted or halted from inside, by an init that dies, by kill -9 of what holds them; and what is left then.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CtSummary } from '../../src/engine/engine.ts';
import { openLauncher } from '../../src/engine/launcher/client.ts';
import { leaseFile } from '../../src/engine/store/lease.ts';
import { HOME, type Lab, openLab } from './lab.ts';
import { LAUNCHER, requires } from './requires.ts';
import { until } from './until.ts';

/** Above the kernel's highest pid. */
const NOBODY = 99_999_999;

/** The last end of all takes the place of the counting away after the container is told as stopped. */
const mountsBelow = (root: string): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(root));

requires(
  'root',
  'launcher',
  'busybox',
)('the end of a container', () => {
  let lab: Lab;
  const ct = (id: number): CtSummary => lab.engine.find(String(id)) as CtSummary;
  const state = (id: number): string => ct(id).state;
  /** By one look: between two of them the init that was there may have gone. */
  const anew = (id: number, before: CtSummary['init']): boolean => {
    const { state, init } = ct(id);
    return state === 'running' && init !== null && init.pid !== before?.pid;
  };

  beforeAll(() => {
    lab = openLab();
    lab.engine.bootstrap();
  });
  afterAll(() => lab.down());

  test('reboot inside starts it again, with a new init and a new keeper', async () => {
    await lab.born(101);
    const before = ct(101).init;
    await lab.inside(101, 'reboot');
    await until(() => anew(101, before));
    expect(ct(101).unattended).toBe(false);
    expect((await lab.inside(101, 'hostname')).out).toBe('ct101\n');
  });

  test('a reboot waits for whoever has the container, and for nobody who has stopped it', async () => {
    const run = `${lab.root}/run/vzdeck`;
    const reboot = async (): Promise<void> => {
      const { init } = ct(101);
      await lab.inside(101, 'reboot');
      await until(() => anew(101, init));
    };
    /** Between the end and the start that is put off, the longer the more reboots there were. */
    const due = (): boolean => existsSync(`${run}/101/outcome`) && !existsSync(`${run}/101/record`);
    await reboot();
    const launcher = openLauncher(LAUNCHER);
    const { init } = ct(101);
    await lab.inside(101, 'reboot');
    await until(due);
    const lock = await launcher.lock(`${run}/lock/101`, { wait: true });
    // the engine that has put it off stands in line then: the kernel lists who waits behind the lock
    const inode = statSync(`${run}/lock/101`).ino;
    await until(() =>
      readFileSync('/proc/locks', 'utf8')
        .split('\n')
        .some((line) => line.includes('->') && line.includes(`:${inode} `)),
    );
    expect(state(101)).toBe('stopped');
    await lock?.release();
    await until(() => anew(101, init));
    launcher.close();

    const keeper = readFileSync(`${run}/101/keeper`, 'utf8').split(' ')[0];
    await lab.inside(101, 'reboot');
    await until(due);
    lab.said();
    await lab.engine.stop(101, {}, lab.run);
    expect(lab.said()).toEqual(['The start after its reboot is called off', '! Unable to stop: container is not running']);
    await until(() => !existsSync(`/proc/${keeper}`));
    expect(state(101)).toBe('stopped');
    expect(existsSync(`${run}/101`)).toBe(false);
    await lab.engine.start(101);
  });

  test('halt inside is a clean stop: nothing mounted, no trouble', async () => {
    await lab.inside(101, 'halt');
    await until(() => state(101) === 'stopped');
    await until(() => !existsSync(`${lab.root}/run/vzdeck/101/record`));
    expect(ct(101).trouble).toBe('');
    await until(() => mountsBelow(lab.root).length === 0);
  });

  test('an init that dies at once fails the start, with its status and what it printed, and leaves nothing', async () => {
    await lab.engine.create(102, { ostemplate: 'busybox', values: {} });
    const init = '#!/bin/sh\necho broken beyond repair\nexit 42\n';
    await lab.engine.mount(102);
    const { writeFileSync, rmSync } = await import('node:fs');
    const path = `${lab.root}/vz/root/102/sbin/init`;
    rmSync(path);
    writeFileSync(path, init, { mode: 0o755 });
    await lab.engine.umount(102);
    const error = await lab.engine.start(102).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'init-died', fields: { how: 'exited with 42', lines: 'broken beyond repair' } });
    expect(state(102)).toBe('stopped');
    expect(ct(102).trouble).toContain('exited with 42');
    expect(mountsBelow(lab.root)).toEqual([]);
  });

  test('an init that is missing fails the start with stage, call and path', async () => {
    await lab.engine.mount(102);
    const { rmSync } = await import('node:fs');
    rmSync(`${lab.root}/vz/root/102/sbin/init`);
    await lab.engine.umount(102);
    const error = await lab.engine.start(102).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'launch-failed', fields: { stage: 'inside', op: 'exec', errno: 'ENOENT', path: '/sbin/init' } });
  });

  test('an init that is killed later leaves a stopped container that says why', async () => {
    await lab.born(103);
    process.kill(ct(103).init?.pid as number, 'SIGKILL');
    await until(() => state(103) === 'stopped' && ct(103).trouble !== '');
    expect(ct(103).trouble).toBe('Init was ended by signal 9');
    await until(() => mountsBelow(lab.root).length === 0);
  });

  const killKeeper = async (id: number): Promise<void> => {
    process.kill(Number(readFileSync(`${lab.root}/run/vzdeck/${id}/keeper`, 'utf8').split(' ')[0]), 'SIGKILL');
    await until(() => ct(id).unattended);
    expect(state(id)).toBe('running');
  };

  test('verbs that leave a container running give it a new keeper, and do what they are for', async () => {
    await lab.engine.start(103);
    await killKeeper(103);
    lab.said();
    await lab.engine.set(103, { NUMPROC: '77' }, { save: true }, lab.run);
    expect(lab.said()[0]).toMatch(/^The keeper was gone/);
    expect(ct(103).unattended).toBe(false);
    expect(lab.engine.config(103).own.get('NUMPROC')).toBe('77');
    await killKeeper(103);
    await expect(lab.engine.start(103, {}, lab.run)).rejects.toMatchObject({ code: 'running' });
    expect(lab.said()).toContainEqual(expect.stringMatching(/^The keeper was gone/));
    expect(ct(103).unattended).toBe(false);
    expect(ct(103).trouble).toBe('');
    // a keeper that is not init's parent sees its end, and before Linux 6.15 not always how it came
    await lab.inside(103, 'halt');
    await until(() => state(103) === 'stopped' && !existsSync(`${lab.root}/run/vzdeck/103/record`));
    expect(['', 'Init ended (nobody saw how)']).toContain(ct(103).trouble);
    await until(() => mountsBelow(lab.root).length === 0);
  });

  test('a container whose keeper was killed lives on unattended and gets a new one', async () => {
    await lab.engine.start(103);
    await killKeeper(103);
    const link = await lab.engine.console(103, 1);
    const seen: Buffer[] = [];
    link.onData((bytes) => void seen.push(Buffer.from(bytes)));
    expect(ct(103).unattended).toBe(false);
    await lab.inside(103, 'echo hello from inside > /dev/console');
    await until(() => Buffer.concat(seen).includes('hello from inside'));
    link.close();
    await lab.engine.stop(103, { fast: true });
    expect(state(103)).toBe('stopped');
  });

  test('a container whose keeper was killed keeps its id range in the next start, and holds none in between', async () => {
    const leaseOf = (): string => JSON.parse(readFileSync(`${lab.root}/run/vzdeck/103/record`, 'utf8')).lease;
    await lab.engine.start(103);
    const lease = leaseOf();
    for (const how of ['stop', 'init'] as const) {
      await killKeeper(103);
      if (how === 'init') process.kill(ct(103).init?.pid as number, 'SIGKILL');
      await lab.engine.stop(103, { fast: true });
      expect(existsSync(lease), how).toBe(false);
      lab.said();
      await lab.engine.start(103, {}, lab.run);
      expect(lab.said().filter((line) => line.includes('id range'))).toEqual([]);
      expect(leaseOf()).toBe(lease);
    }
    await lab.engine.stop(103, { fast: true });
    expect(existsSync(lease)).toBe(false);
  });

  test('a range that somebody else is just taking is passed over, of which a start says nothing', async () => {
    const launcher = openLauncher(LAUNCHER);
    const wish = readFileSync(`${lab.root}/etc/vz/conf/103.conf`, 'utf8').match(/IDBASE="(\d+)"/)?.[1];
    const lease = leaseFile(Number(wish));
    const lock = await launcher.lock(lease, { wait: false });
    lab.said();
    await lab.engine.start(103, {}, lab.run);
    const said = lab.said();
    expect(said.filter((line) => /mounted|is taken/.test(line))).toEqual([
      'Container is mounted',
      expect.stringMatching(/^! Warning: id range \d+ is taken, using \d+ for this run$/),
    ]);
    await lab.engine.stop(103, { fast: true });
    rmSync(lease);
    await lock?.release();
    launcher.close();
  });

  test('kill -9 of the engine in the middle of a start leaves what the next verb finishes or removes', async () => {
    await lab.engine.create(104, { ostemplate: 'busybox', values: {} });
    const run = `${lab.root}/run/vzdeck/104`;
    // what appears one after the other: before the mount, before the birth, with the keeper, with init
    for (const notes = ['record', 'ended', 'layers', 'keeper', 'init']; notes.length > 0; ) {
      mkdirSync(run, { recursive: true, mode: 0o700 });
      const child = spawn(`${HOME}/bin/vzctl`, ['start', '104'], { env: { ...process.env, VZDECK_ROOT: lab.root }, stdio: 'ignore' });
      const gone = new Promise<[number | null, string | null]>((resolve) => child.once('exit', (...how) => resolve(how)));
      const watcher = watch(run, (_, name) => name === notes[0] && child.kill('SIGKILL'));
      const [code, signal] = await gone;
      watcher.close();
      // where this machine is busy it may be quicker than who watches: then another one is killed there
      if (signal === 'SIGKILL') notes.shift();
      else expect(code).toBe(0);
      await lab.engine.stop(104, { fast: true });
      if (state(104) === 'mounted') await lab.engine.umount(104);
      expect(state(104)).toBe('stopped');
      expect(mountsBelow(lab.root)).toEqual([]);
    }
    await lab.engine.start(104);
    expect(state(104)).toBe('running');
  });

  test('a start whose launcher is killed leaves on record what it could not take down, and the next verb does', async () => {
    await lab.engine.create(107, { ostemplate: 'busybox', values: {} });
    // Called by the engine once the root is mounted: ends its launcher.
    const script = `for p in /proc/[0-9]*; do grep -qs "^PPid:.$PPID$" $p/status && grep -qs vzdeck-launcher $p/comm && kill -9 \${p#/proc/}; done`;
    const file = `${lab.root}/etc/vz/conf/107.mount`;
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const start = spawn(`${HOME}/bin/vzctl`, ['start', '107'], { env: { ...process.env, VZDECK_ROOT: lab.root }, stdio: 'ignore' });
    expect(await new Promise((resolve) => start.once('exit', resolve))).not.toBe(0);
    rmSync(file);
    expect(state(107)).toBe('mounted');
    expect(existsSync(`${lab.root}/run/vzdeck/107/record`)).toBe(true);
    await lab.engine.stop(107);
    expect(state(107)).toBe('stopped');
    expect(mountsBelow(`${lab.root}/var/lib/vz/root/107`)).toEqual([]);
    expect(existsSync(`${lab.root}/run/vzdeck/107`)).toBe(false);
    await lab.engine.destroy(107);
  });

  test('halves of notes and configs, whose writers were killed, are in nobody’s way and go', async () => {
    await lab.born(106);
    for (const name of [`.exit.${NOBODY}`, `record.tmp${NOBODY}`]) writeFileSync(`${lab.root}/run/vzdeck/106/${name}`, 'half');
    await lab.engine.stop(106, { fast: true });
    expect(existsSync(`${lab.root}/run/vzdeck/106`)).toBe(false);
    for (const pid of [NOBODY, process.pid]) writeFileSync(`${lab.root}/etc/vz/conf/106.conf.tmp${pid}`, 'half');
    await lab.engine.set(106, { NUMPROC: '50:50' }, { save: true });
    expect(lab.engine.config(106).own.get('NUMPROC')).toBe('50');
    await lab.engine.destroy(106);
    expect(readdirSync(`${lab.root}/etc/vz/conf`).filter((name) => /\.tmp/.test(name))).toEqual([]);
  });

  test('twenty verbs at once on one container end in a defined state', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? lab.engine.stop(104, { fast: true }) : lab.engine.start(104))),
    );
    const codes = results.map((r) => (r.status === 'fulfilled' ? 'ok' : (r.reason as { code?: string }).code));
    expect(codes.filter((code) => !['ok', 'locked', 'running'].includes(code ?? '?'))).toEqual([]);
    expect(['running', 'stopped']).toContain(state(104));
    await lab.engine.stop(104, { fast: true });
    expect(readdirSync(`${lab.root}/vz/lock`)).toEqual([]);
  });

  test('two prefixes with the same ids never meet', async () => {
    const other = openLab();
    try {
      await lab.born(105);
      await other.born(105);
      const maps = [lab, other].map((l) => readFileSync(`/proc/${l.engine.find('105')?.init?.pid}/uid_map`, 'utf8'));
      expect(maps[0]).not.toBe(maps[1]);
      await lab.engine.stop(105, { fast: true });
      expect(other.engine.find('105')?.state).toBe('running');
    } finally {
      await other.down();
    }
  });

  test('the range that a container has given up is not what one of another prefix takes', async () => {
    const other = openLab();
    try {
      await lab.engine.create(108, { ostemplate: 'busybox', values: {} });
      await lab.engine.start(108);
      await lab.engine.stop(108, { fast: true });
      await other.born(108);
      lab.said();
      await lab.engine.start(108, {}, lab.run);
      expect(lab.said().filter((line) => line.includes('id range'))).toEqual([]);
    } finally {
      await other.down();
    }
  });
});
