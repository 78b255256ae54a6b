import { spawn as spawnChild } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, existsSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IPty, spawn } from 'node-pty';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EnterOutcome, StartedKeeper } from '../../../src/engine/launcher/launcher.ts';
import { enterFile } from '../../../src/engine/launcher/protocol.ts';
import { visit } from '../../../src/engine/launcher/visit.ts';
import type { EnterPlan, Op } from '../../../src/engine/spec/op.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { BASE, type Bed, descendants, makeBed, orGone } from './bed.ts';

let bed: Bed;
let ct: StartedKeeper;
beforeAll(async () => {
  bed = makeBed();
  ct = await bed.start();
});
afterAll(async () => {
  await bed.end(ct);
  await bed.down();
});

const inside = (line: string, plan?: Partial<EnterPlan>) => bed.inside(ct.init, line, plan);
const exec = (...files: string[]): Op => ({ op: 'exec', files, argv: ['sh', '-c', 'exit 3'], env: [] });

/** The process P of the only enter that runs. */
function enterPid(): number {
  const pids = descendants(process.pid).map((line) => Number(line.split(' ')[0]));
  return pids.find((pid) => orGone(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.includes('\0enter\0')) ?? Number.NaN;
}

async function appears(path: string): Promise<void> {
  await expect.poll(() => existsSync(path)).toBe(true);
}

/** A pane: node-pty, and the launcher with a plan in a file. */
function pane(line: string, plan: Partial<EnterPlan> = {}) {
  const file = `${bed.dir}/plan-${Math.random()}`;
  writeFileSync(file, enterFile(bed.enterPlan(ct.init, line, { pty: true, ...plan })), { mode: 0o600 });
  const pty: IPty = spawn(LAUNCHER, ['enter', file], { cols: 91, rows: 33, name: 'xterm', encoding: null });
  let text = '';
  let wake = () => {};
  pty.onData((data) => {
    text += Buffer.from(data as unknown as Uint8Array).toString('latin1');
    wake();
  });
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  return {
    pty,
    file,
    ended,
    text: () => text,
    async until(wanted: string) {
      while (!text.includes(wanted))
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
  };
}

requires(
  'root',
  'launcher',
  'busybox',
)('a program in a container', () => {
  test('has its exit code or its signal reported', async () => {
    expect(await inside('exit 7')).toMatchObject({ code: 7, signal: null });
    expect(await inside('kill -9 $$')).toMatchObject({ code: null, signal: 9 });
    expect(await inside('exit 0')).toMatchObject({ code: 0, signal: null });
  });

  test('has the descriptors that it was given and nothing else of the node', async () => {
    process.env['SECRET_OF_THE_NODE'] = 'x';
    const { out } = await inside('ls /proc/self/fd; env; id -u; pwd; hostname; cat /proc/keys; tty; ls /proc/self/ns | wc -l');
    expect(out.split('\n').slice(0, 4)).toEqual(['0', '1', '2', '3']); // 3 is the directory that ls reads
    expect(out).not.toContain('SECRET');
    expect(out).toContain('not a tty');
    for (const key of out.match(/^[0-9a-f]{8} .*$/gm) ?? []) expect(key.split(/ +/)[5]).toBe('0');
  });

  test('reads its standard input and writes its two outputs apart', async () => {
    const script = `
      import { openLauncher } from ${JSON.stringify(new URL('../../../src/engine/launcher/client.ts', import.meta.url).href)};
      const outcome = await openLauncher(${JSON.stringify(LAUNCHER)}).enter({ pid: ${ct.init.pid}, startTime: ${ct.init.startTime}n, cgroup: '', pty: false, size: null, typed: new Uint8Array(), back: null,
        ops: [{ op: 'exec', files: ['/bin/sh'], argv: ['sh', '-c', 'cat; echo problem >&2; exit 2'], env: ['PATH=/bin'] }] });
      process.exitCode = outcome.code;`;
    const child = spawnChild(process.execPath, ['--input-type=module-typescript', '-e', script]);
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.stdin.end('piped in');
    const [code] = await once(child, 'close');
    expect({ code, out, err }).toEqual({ code: 2, out: 'piped in', err: 'problem\n' });
  });

  test('is everything that the plan says: ids, capabilities, limits, directory', async () => {
    const { out } = await inside('', {
      ops: [
        { op: 'rlimit', resource: 7, soft: 99n, hard: 100n },
        { op: 'caps', keep: 0x21n | (1n << 6n) | (1n << 7n) },
        { op: 'cwd', path: '/tmp' },
        {
          op: 'exec',
          files: ['/bin/sh'],
          argv: ['sh', '-c', 'id -u; id -g; id -G; ulimit -n; ulimit -Hn; pwd; grep Cap /proc/self/status'],
          env: ['PATH=/bin'],
        },
      ],
    });
    expect(out.split('\n').slice(0, 6)).toEqual(['0', '0', '0', '99', '100', '/tmp']);
    expect(out).toMatch(/CapEff:\t00000000000000e1\nCapBnd:\t00000000000000e1\n/);
  });

  test('the first file that can be executed is; otherwise the record names the one that was there', async () => {
    expect(await inside('', { ops: [exec('/bin/none', '/tmp', '/bin/sh')] })).toMatchObject({ code: 3 });
    const record = await bed.failure(inside('', { ops: [{ op: 'cwd', path: '/' }, exec('/bin/none', '/tmp', '/bin/nix')] }));
    expect(record).toMatchObject({ stage: 'enter', index: 1, op: 'exec', syscall: 'execve', path: '/tmp', errno: 'EACCES' });
  });

  test('a process of another start time, a dead one and one that is in no container are refused', async () => {
    expect(await bed.failure(inside('true', { startTime: ct.init.startTime + 1n }))).toMatchObject({
      stage: 'enter',
      op: 'join',
      errno: 'ESRCH',
    });
    expect(await bed.failure(inside('true', { pid: 0 }))).toMatchObject({ errno: 'ESRCH' });
    const here = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[19] ?? '';
    expect(await bed.failure(inside('true', { pid: process.pid, startTime: BigInt(here) }))).toMatchObject({
      syscall: 'setns',
      errno: 'EINVAL',
    });
  });

  test('plans that do not end in exec, or join a cgroup from inside, are refused before anything is done', async () => {
    expect(await bed.failure(inside('', { ops: [] }))).toMatchObject({ stage: 'enter', errno: 'EPROTO' });
    expect(
      await bed.failure(inside('', { ops: [{ op: 'cwd', path: '/' }, { op: 'mkdir', path: '/tmp/x', mode: 0 }, exec('/bin/sh')] })),
    ).toMatchObject({ errno: 'EPROTO' });
    expect(await bed.failure(inside('', { ops: [{ op: 'cwd', path: '/' }] }))).toMatchObject({ errno: 'EPROTO' });
  });

  test('joins the cgroups it is told to; the process that waits for it does not', async () => {
    const mount = readFileSync('/proc/self/mounts', 'utf8').match(/^\S+ (\S+) cgroup2 /m)?.[1];
    const group = `${mount}/vzdeck-enter-${process.pid}`;
    const program: Op = {
      op: 'exec',
      files: ['/bin/sh'],
      argv: ['sh', '-c', 'cat /proc/self/cgroup; echo > /tmp/ready; read x < /tmp/go'],
      env: ['PATH=/bin'],
    };
    spawnChild('mkfifo', [`${bed.tree}/tmp/go`]);
    await appears(`${bed.tree}/tmp/go`);
    const running = inside('', { cgroup: group, ops: [program] });
    await appears(`${bed.tree}/tmp/ready`);
    // who has joined for it is on its way out
    await expect.poll(() => readFileSync(`${group}/cgroup.procs`, 'utf8').trim().split('\n').length).toBe(1);
    writeFileSync(`${bed.tree}/tmp/go`, '\n');
    expect((await running).out).toMatch(new RegExp(`0::.*vzdeck-enter-${process.pid}`));
    await bed.launcher.ops({ ops: [{ op: 'rmCgroup', path: group }] });
    expect(existsSync(group)).toBe(false);
    expect(await bed.failure(inside('', { cgroup: '/nowhere/x', ops: [program] }))).toMatchObject({
      op: 'join',
      syscall: 'mkdir',
      errno: 'ENOENT',
    });
    expect(await bed.failure(inside('', { ops: [{ op: 'joinCgroup', path: '/nowhere' }, program] }))).toMatchObject({
      stage: 'enter',
      index: 0,
      op: 'joinCgroup',
    });
  });

  test('does not get a terminal of the node: it could read its keys when it has long ended', async () => {
    const looking = pane('for i in 0 1 2; do readlink /proc/self/fd/$i; test -t $i && echo terminal; done; exit 7', { pty: false });
    expect(await looking.ended).toBe(7);
    expect(looking.text()).toMatch(/^(pipe:\[\d+\]\r\n){3}$/);
    const talking = pane('cat; echo heard > /proc/self/fd/1; echo trouble >&2; exit 8', { pty: false });
    talking.pty.write('typed\n\x04');
    expect(await talking.ended).toBe(8);
    for (const shown of ['typed\r\ntyped', 'heard', 'trouble']) expect(talking.text()).toContain(`${shown}\r\n`);
  });

  test('has all its output shown, but nobody waits for what others go on writing', async () => {
    const all = pane('seq 1 100000; exit 6', { pty: false });
    expect(await all.ended).toBe(6);
    expect(all.text().match(/\n/g)?.length).toBe(100_000);
    const flood = pane('(while :; do echo flood; done) & exit 5', { pty: false });
    expect(await flood.ended).toBe(5);
  });

  test('gets no directory of the node as a descriptor', async () => {
    const fd = openSync('/', 'r');
    const enter = bed.launcher.enter(bed.enterPlan(ct.init, 'exit 0'), [fd, 'ignore', 'ignore']);
    expect(await bed.failure(enter)).toMatchObject({ stage: 'enter', errno: 'EISDIR' });
    closeSync(fd);
  });

  const back = (always: boolean, failure = 0) => ({
    argv: ['/bin/sh', '-c', 'printf "[%s] $TERM" "$1"; exit 42', 'sh'],
    env: ['TERM=mine'],
    always,
    failure,
    title: 'vzctl exec',
  });
  test.each([
    ['exit 0', back(false), '', 0],
    ['exit 7', back(false), '', 7],
    ['exit 7', back(false, 8), '', 8],
    ['exit 7', back(true), '[exit 7] mine', 42],
    ['kill -9 $$', back(false), '[signal 9] mine', 42],
  ])('%s: who asked comes back when there is something to say', async (line, hand, text, code) => {
    const ended = pane(line, { pty: false, back: hand });
    expect(await ended.ended).toBe(code);
    expect(ended.text().replaceAll('\r\n', ' ')).toBe(text);
  });

  test('arguments may be as long as the kernel takes them, and so may be the title that shows them', async () => {
    const long = 'x'.repeat(131_071);
    const argv = ['sh', '-c', 'test "$8" = last', 'sh', ...Array.from({ length: 7 }, () => long), 'last'];
    const ops: Op[] = [{ op: 'exec', files: ['/bin/sh'], argv, env: ['PATH=/bin'] }];
    const { ended, text } = pane('', { ops, pty: false, back: { ...back(false), title: argv.join(' ') } });
    expect([await ended, text()]).toEqual([0, '']);
    const more: Op[] = [{ op: 'exec', files: ['/bin/sh'], argv: ['sh', '-c', `: ${long}`], env: [] }];
    expect(await bed.failure(inside('', { ops: more }))).toMatchObject({ op: 'exec', syscall: 'execve', errno: 'E2BIG' });
  });

  test('who cannot come back says so itself', async () => {
    const failing = pane('kill -9 $$', { pty: false, back: { ...back(false), argv: ['/nowhere'] } });
    expect(await failing.ended).toBe(128 + 9);
    expect(failing.text()).toBe('signal\r\n9\r\n');
  });

  test('where the plan cannot be left in a file, whoever asked stays as he is', () => {
    bed.launcher.become(bed.enterPlan(ct.init, ''), '/nowhere/plan');
  });

  test('who asked comes back when nothing could be executed, with the failure', async () => {
    const failing = pane('', { ops: [exec('/bin/none')], back: back(false) });
    expect(await failing.ended).toBe(42);
    expect(failing.text().replaceAll('\r\n', ' ')).toBe('[failed enter 0 exec execve /bin/none ENOENT] mine');
  });

  test('Ctrl-Z stops it with all that it started, fg lets it go on; its end meanwhile holds up nobody', async () => {
    const file = `${bed.dir}/stopped`;
    writeFileSync(file, enterFile(bed.enterPlan(ct.init, 'sleep 1000 & wait')), { mode: 0o600 });
    // only below a shell with job control: elsewhere the kernel forgets a stop that nobody could end
    const shell = spawn('/bin/bash', ['-mc', `${LAUNCHER} enter ${file} < /dev/null & read x; wait $!; exit $?`], {});
    const ended = new Promise<number>((resolve) => shell.onExit(({ exitCode }) => resolve(exitCode)));
    // on the way there are others, as many as these
    await expect.poll(() => descendants(shell.pid).at(-1)).toMatch(/ sleep$/);
    const [relay = 0, ...inmates] = descendants(shell.pid).map((line) => Number(line.split(' ')[0]));
    expect(inmates.length).toBe(2);
    const state = (pid: number) => /\) (\S)/.exec(orGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? '')?.[1] ?? '';
    const all = async (wanted: string) => {
      for (const pid of [relay, ...inmates]) await expect.poll(() => state(pid)).toBe(wanted);
    };
    process.kill(relay, 'SIGTSTP');
    await all('T');
    process.kill(relay, 'SIGCONT');
    await all('S');
    process.kill(relay, 'SIGTSTP');
    await all('T');
    for (const pid of inmates) process.kill(pid, 'SIGKILL');
    for (const pid of inmates) await expect.poll(() => state(pid)).toBe('');
    process.kill(relay, 'SIGCONT');
    // a shell that has not heard of it yet waits for nobody who is stopped
    await expect.poll(() => state(relay)).toBe('');
    shell.write('\n');
    expect(await ended).toBe(128 + 9);
  });

  test('never runs on the files of the node: who is not where an init will be cannot be joined', async () => {
    const early = spawnChild('unshare', [
      '--user',
      '--mount',
      '--pid',
      '--ipc',
      '--uts',
      '--net',
      '--cgroup',
      '--fork',

      'sleep',
      '1000',
    ]);
    try {
      await expect.poll(() => descendants(early.pid ?? 0).length).toBe(1);
      const pid = Number(descendants(early.pid ?? 0)[0]?.split(' ')[0]);
      for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${pid}/${map}`, `0 ${BASE} 65536`);
      const startTime = BigInt(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? 0);
      const plan = { ...bed.enterPlan(ct.init, 'touch /tmp/on-the-node'), pid, startTime };
      expect(await bed.failure(bed.launcher.enter(plan))).toMatchObject({ op: 'join', syscall: 'open', path: '/', errno: 'EAGAIN' });
    } finally {
      for (const line of descendants(early.pid ?? 0)) process.kill(Number(line.split(' ')[0]), 'SIGKILL');
      await once(early, 'close');
    }
  });

  test('waits for its turn when it is begun in the background, as often as it is woken there', async () => {
    const file = `${bed.dir}/behind`;
    writeFileSync(file, enterFile(bed.enterPlan(ct.init, 'echo arrived', { pty: true })), { mode: 0o600 });
    const stopped = 'until jobs %1 | grep -q Stopped; do sleep 0.01; done';
    const script = `${LAUNCHER} enter ${file} & ${stopped}; bg %1; ${stopped}; echo it rests; fg %1`;
    const shell = spawn('/bin/bash', ['-mc', script], {});
    let text = '';
    shell.onData((data) => {
      text += data;
    });
    const code = await new Promise<number>((resolve) => shell.onExit(({ exitCode }) => resolve(exitCode)));
    expect(code).toBe(0);
    expect(text.indexOf('it rests')).toBeGreaterThan(0);
    expect(text.indexOf('arrived')).toBeGreaterThan(text.indexOf('it rests'));
  });

  test('a shell at the end of its input ends, although it throws away what was typed before it was ready', async () => {
    const ops: Op[] = [{ op: 'exec', files: ['/bin/sh'], argv: ['sh', '-i'], env: ['PATH=/bin', 'TERM=xterm'] }];
    for (let i = 0; i < 20; i++) expect(await inside('', { ops, pty: true })).toMatchObject({ code: 0 });
  });

  test('that is frozen on its way in holds nobody up who wants to leave, and nothing of it is left', async () => {
    const mount = readFileSync('/proc/self/mounts', 'utf8').match(/^\S+ (\S+) cgroup2 /m)?.[1];
    const group = `${mount}/vzdeck-frozen-${process.pid}`;
    await bed.launcher.ops({ ops: [{ op: 'mkdir', path: group, mode: 0o755 }] });
    writeFileSync(`${group}/cgroup.freeze`, '1');
    const procs = (): string => readFileSync(`${group}/cgroup.procs`, 'utf8');
    const plan: Partial<EnterPlan> = { cgroup: group, ops: [exec('/bin/sh')] };
    for (const leave of [
      async () => {
        const frozen = pane('', { ...plan, pty: false });
        await expect.poll(procs).not.toBe('');
        process.kill(frozen.pty.pid, 'SIGINT');
        expect(await frozen.ended).toBe(125);
        expect(frozen.text()).toContain('ECANCELED');
      },
      async () => {
        const patience = new AbortController();
        const frozen = bed.launcher.enter(bed.enterPlan(ct.init, '', plan), ['ignore', 'ignore', 'ignore'], patience.signal);
        await expect.poll(procs).not.toBe('');
        patience.abort();
        await expect(frozen).rejects.toMatchObject({ code: 'cancelled' });
      },
    ]) {
      await leave();
      await expect.poll(procs).toBe('');
    }
    await bed.launcher.ops({ ops: [{ op: 'rmCgroup', path: group }] });
  });

  test('gets the signals that its launcher gets', async () => {
    for (const [signal, name] of [
      ['SIGTERM', 'TERM'],
      ['SIGINT', 'INT'],
    ] as const) {
      const mark = `/tmp/trap-${name}`;
      const plan = bed.enterPlan(ct.init, `trap 'exit 9' ${name}; echo > ${mark}; while :; do sleep 0.05; done`);
      const executed = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<EnterOutcome>();
      // before it knows that the program runs it would end by a signal itself, and take that along
      const events = { executed: executed.resolve, ended: ended.resolve, failed: ended.reject };
      const { child } = visit(LAUNCHER, plan, ['ignore', 'ignore', 'ignore'], events);
      await executed.promise;
      await appears(bed.tree + mark);
      child.kill(signal);
      expect(await ended.promise).toMatchObject({ code: 9 });
    }
  });

  test('Ctrl-C ends what a shell waits for, too', async () => {
    const line = pane('echo here; sleep 1000; echo slept', { pty: false });
    await line.until('here');
    line.pty.write('\x03');
    expect(await line.ended).toBe(128 + 2);
  });

  test('that has ended is reaped even when its launcher was told to stop: the container can end', async () => {
    const other = makeBed();
    const born = await other.start();
    const running = other.inside(born.init, 'echo > /tmp/there; while :; do sleep 1; done');
    await appears(`${other.tree}/tmp/there`);
    const relay = enterPid();
    process.kill(relay, 'SIGTSTP');
    await other.end(born);
    try {
      process.kill(relay, 'SIGCONT');
    } catch {
      // ESRCH: where no shell could wake it (an orphaned process group) the kernel does not stop it, and it may have ended
    }
    expect(await running).toMatchObject({ signal: 9 });
    await other.down();
  });
});

requires(
  'root',
  'launcher',
  'busybox',
)('a terminal in a container', () => {
  test('is one of its own devpts, with the size of ours, and follows it', async () => {
    const shell = pane('', { ops: [{ op: 'exec', files: ['/bin/sh'], argv: ['-sh'], env: ['PATH=/bin', 'PS1=$ '] }] });
    shell.pty.write('tty; stty size; echo fi""rst\n');
    await shell.until('first');
    expect(shell.text()).toMatch(/\/dev\/pts\/\d+\r\n33 91\r\n/);
    shell.pty.resize(70, 20);
    shell.pty.write('stty size; echo sec""ond\n');
    await shell.until('second');
    expect(shell.text()).toContain('20 70\r\n');
    expect(existsSync(shell.file)).toBe(false);
    shell.pty.write('exit 5\n');
    expect(await shell.ended).toBe(5);
  });

  test('shows everything that was printed before the end', async () => {
    const all = pane('seq 1 100000; exit 6');
    expect(await all.ended).toBe(6);
    expect(all.text().replaceAll('\r', '').split('\n').slice(-3)).toEqual(['99999', '100000', '']);
    expect(all.text().match(/\n/g)?.length).toBe(100_000);
  });

  test('gets what is to be typed before the keys', async () => {
    const shell = pane('', {
      typed: Buffer.from('echo ty""ped; exit 4\n'),
      ops: [{ op: 'exec', files: ['/bin/sh'], argv: ['-sh'], env: ['PATH=/bin'] }],
    });
    await shell.until('typed');
    expect(await shell.ended).toBe(4);
  });

  test('passes control keys instead of obeying them', async () => {
    const running = pane("trap 'echo caught' INT; echo ready; until read x; do :; done; echo got; exit 8");
    await running.until('ready');
    running.pty.write('\x03');
    await running.until('caught');
    running.pty.write('\x1a\n');
    expect(await running.ended).toBe(8);
  });

  test('a failure that nobody comes back for is told there', async () => {
    const failing = pane('', { ops: [exec('/bin/none')] });
    expect(await failing.ended).toBe(125);
    expect(failing.text()).toBe('failed\r\nenter\r\n0\r\nexec\r\nexecve\r\n/bin/none\r\nENOENT\r\n');
  });

  test('a plan file that others could have written is refused', async () => {
    const plan = enterFile(bed.enterPlan(ct.init, 'exit 0', { pty: true }));
    const file = `${bed.dir}/loose`;
    writeFileSync(file, plan, { mode: 0o666 });
    chmodSync(file, 0o666);
    symlinkSync(file, `${bed.dir}/link`);
    for (const name of ['loose', 'link', 'none']) {
      const child = spawnChild(LAUNCHER, ['enter', `${bed.dir}/${name}`], { stdio: ['ignore', 'ignore', 'pipe'] });
      const [code] = await once(child, 'close');
      expect(code, name).toBe(125);
    }
  });

  test('the multiplexer must be one: a container that puts something else there is told so', async () => {
    await inside('mount -t tmpfs none /dev/pts; ln -s /dev/null /dev/pts/ptmx');
    expect(await bed.failure(inside('exit 0', { pty: true }))).toMatchObject({ stage: 'enter', op: 'pty', errno: 'ELOOP' });
    await inside('rm /dev/pts/ptmx; mkfifo /dev/pts/ptmx');
    expect(await bed.failure(inside('exit 0', { pty: true }))).toMatchObject({ op: 'pty', errno: 'ENOTTY' });
    await inside('umount /dev/pts');
    expect(await inside('tty >/dev/null && exit 3', { pty: true })).toMatchObject({ code: 3 });
  });

  test('its program hears when ours is gone', async () => {
    const mark = `${bed.tree}/tmp/hung-up`;
    const running = pane("trap 'echo > /tmp/hung-up; exit 0' HUP; echo ready; while :; do sleep 0.05; done");
    await running.until('ready');
    process.kill(running.pty.pid, 'SIGKILL');
    await appears(mark);
  });
});
