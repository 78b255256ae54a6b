// A bed for a birth: a busybox tree in a throw-away directory, a plan that brings it to life with as little as possible, and what tests ask of
// processes. Everything below one directory that goes at the end.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import type { EnterOutcome, Launcher, LaunchFailure, ProcessId, StartedKeeper, Stdio } from '../../../src/engine/launcher/launcher.ts';
import { type AdoptPlan, type EnterPlan, NO_SLOT, type Op, type StartPlan, type TtyPlan } from '../../../src/engine/spec/op.ts';
import { LAUNCHER } from '../requires.ts';

export const BASE = 0x7ffe_0000;
const MAP = `0 ${BASE} 65536`;
const [NOSUID, NODEV, NOEXEC] = [2n, 4n, 8n];
const [SHARED, SLAVE] = [1n << 20n, 1n << 19n];
const DETACH = 2;
/** NEWUSER NEWNS NEWPID NEWUTS NEWIPC NEWNET NEWCGROUP */
const NAMESPACES = 0x7e02_0000n;
const APPLETS = [
  'sh',
  'ls',
  'cat',
  'id',
  'hostname',
  'ps',
  'tty',
  'grep',
  'sleep',
  'env',
  'stty',
  'kill',
  'seq',
  'true',
  'reboot',
  'head',
  'md5sum',
  'mkdir',
];

export interface Wish {
  /** Shell line that init is. */
  readonly init?: string;
  readonly ttys?: readonly Partial<TtyPlan>[];
  readonly prepare?: readonly Op[];
  readonly born?: readonly Op[];
  /** Before pivot, and between pivot and exec. */
  readonly inside?: readonly Op[];
  readonly last?: readonly Op[];
  readonly plan?: Partial<StartPlan>;
}

export interface Bed {
  readonly dir: string;
  readonly runDir: string;
  readonly tree: string;
  readonly launcher: Launcher;
  plan(wish?: Wish): StartPlan;
  start(wish?: Wish): Promise<StartedKeeper>;
  adoption(started: StartedKeeper, wish?: Wish): AdoptPlan;
  enterPlan(init: ProcessId, line: string, plan?: Partial<EnterPlan>): EnterPlan;
  /** Outcome and output of a shell line inside. */
  inside(init: ProcessId, line: string, plan?: Partial<EnterPlan>): Promise<EnterOutcome & { readonly out: string }>;
  /** The failure record of something that must fail. */
  failure(attempt: Promise<unknown>): Promise<LaunchFailure>;
  /** Ends init, waits for the keeper, and takes the mount of the node away. */
  end(started: StartedKeeper): Promise<void>;
  /** What the keeper left: "STATUS MS". */
  note(name: string): string;
  mounts(): readonly string[];
  umount(): Promise<void>;
  down(): Promise<void>;
}

function plant(tree: string): void {
  for (const name of ['', '/bin', '/proc', '/sys', '/dev', '/tmp', '/etc', '/root']) mkdirSync(tree + name);
  copyFileSync('/bin/busybox', `${tree}/bin/busybox`);
  chmodSync(`${tree}/bin/busybox`, 0o755);
  for (const name of APPLETS) symlinkSync('busybox', `${tree}/bin/${name}`);
}

export function makeBed(binary = LAUNCHER): Bed {
  const dir = mkdtempSync('/tmp/vzdeck-bed-');
  const [tree, root, runDir] = [`${dir}/tree`, `${dir}/root`, `${dir}/run`];
  plant(tree);
  for (const made of [root, runDir]) mkdirSync(made);
  const launcher = openLauncher(binary);

  const keeper = (wish: Wish) => ({
    id: 101,
    creator: BASE,
    ttys: (wish.ttys ?? [{}]).map((tty, index) => ({ number: index + 1, log: `${dir}/tty${index + 1}.log`, logBytes: 1 << 16, ...tty })),
    runDir,
    lease: '',
    home: '',
    onExit: [],
    onExitEnv: [],
    cleanup: [],
  });

  const ttyOps = (wish: Wish): Op[] =>
    (wish.ttys ?? [{}]).flatMap((tty, index): Op[] => {
      const number = tty.number ?? index + 1;
      const path = number === 1 ? '/dev/console' : `/dev/tty${number}`;
      return [
        { op: 'file', path, mode: 0o600 },
        { op: 'ttyAt', tty: number, path },
      ];
    });

  const bed: Bed = {
    dir,
    runDir,
    tree,
    launcher,
    plan: (wish = {}) => ({
      ...keeper(wish),
      cloneFlags: NAMESPACES,
      sigpending: 20n,
      cgroup: '',
      become: [],
      prepare: [
        { op: 'userns', slot: 0, base: BASE, count: 65536 },
        { op: 'cloneTree', slot: 1, path: tree, recursive: 0 },
        { op: 'setTree', slot: 1, set: NOSUID | NODEV, clear: 0n, propagation: 0n, userns: 0 },
        { op: 'attach', slot: 1, path: root },
        { op: 'setTree', slot: 1, set: 0n, clear: 0n, propagation: SHARED, userns: NO_SLOT },
        { op: 'cloneTree', slot: 2, path: root, recursive: 0 },
        { op: 'setTree', slot: 2, set: 0n, clear: NOSUID, propagation: SLAVE, userns: NO_SLOT },
        {
          op: 'newFs',
          slot: 3,
          type: 'devpts',
          options: ['ptmxmode=666', 'mode=620', `gid=${BASE + 5}`, 'max=8'],
          attrs: NOSUID | NOEXEC,
          fsuid: 0,
        },
        { op: 'cloneTree', slot: 4, path: '/dev/null', recursive: 0 },
        ...(wish.prepare ?? []),
      ],
      born: [{ op: 'idmap', uids: MAP, gids: MAP }, { op: 'notePid', path: `${runDir}/init` }, ...(wish.born ?? [])],
      inside: [
        { op: 'root', slot: 2, path: '/' },
        { op: 'mount', type: 'proc', path: '/proc', options: [], attrs: NOSUID | NODEV | NOEXEC },
        { op: 'mount', type: 'tmpfs', path: '/dev', options: ['mode=755', 'size=64k'], attrs: NOSUID | NOEXEC },
        { op: 'dir', path: '/dev/pts', mode: 0o755 },
        { op: 'place', slot: 3, path: '/dev/pts' },
        { op: 'symlink', target: 'pts/ptmx', path: '/dev/ptmx' },
        { op: 'file', path: '/dev/null', mode: 0o600 },
        { op: 'place', slot: 4, path: '/dev/null' },
        ...ttyOps(wish),
        ...(wish.inside ?? []),
        { op: 'stdio', tty: 1 },
        { op: 'pivot' },
        ...(wish.last ?? []),
        { op: 'exec', files: ['/bin/sh'], argv: ['sh', '-c', wish.init ?? 'while :; do sleep 1000; done'], env: ['PATH=/bin', 'HOME=/'] },
      ],
      ...wish.plan,
    }),
    start: (wish) => launcher.start(bed.plan(wish)),
    adoption: ({ init }, wish = {}) => ({
      ...keeper(wish),
      pid: init.pid,
      startTime: init.startTime,
      prepare: [],
      inside: ttyOps(wish).filter(({ op }) => op === 'ttyAt'),
    }),
    enterPlan: (init, line, plan = {}) => ({
      pid: init.pid,
      startTime: init.startTime,
      pty: false,
      size: null,
      cgroup: '',
      typed: new Uint8Array(),
      back: null,
      ops: [{ op: 'exec', files: ['/bin/sh'], argv: ['sh', '-c', line], env: ['PATH=/bin'] }],
      ...plan,
    }),
    async inside(init, line, plan = {}) {
      const fd = openSync(`${dir}/out`, 'w+');
      const stdio: Stdio = ['ignore', fd, fd];
      try {
        const outcome = await launcher.enter(bed.enterPlan(init, line, plan), stdio);
        return { ...outcome, out: readFileSync(`${dir}/out`, 'utf8') };
      } finally {
        closeSync(fd);
      }
    },
    failure: (attempt) =>
      attempt.then(
        () => Promise.reject(new Error('It did not fail')),
        (error: { fields?: LaunchFailure }) => error.fields ?? Promise.reject(error),
      ),
    async end({ init, keeper: { pid, startTime } }) {
      await launcher.kill(init, 9);
      await launcher.ended(init);
      await launcher.ended({ pid, startTime });
      await bed.umount();
    },
    note: (name) => readFileSync(`${runDir}/${name}`, 'utf8').trim(),
    mounts: () =>
      readFileSync('/proc/self/mounts', 'utf8')
        .split('\n')
        .map((line) => line.split(' ')[1] ?? '')
        .filter((path) => path.startsWith(dir)),
    umount: () => launcher.ops({ ops: bed.mounts().map((path) => ({ op: 'umount', path, flags: DETACH })) }),
    async down() {
      await bed.umount();
      launcher.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return bed;
}

/** Processes of which some ancestor is `pid`, with their names; without those that end meanwhile. */
export function descendants(pid: number): readonly string[] {
  const told = (path: string): string => orGone(() => readFileSync(path, 'utf8')) ?? '';
  return (orGone(() => readdirSync(`/proc/${pid}/task`)) ?? [])
    .flatMap((task) => told(`/proc/${pid}/task/${task}/children`).split(' '))
    .filter(Boolean)
    .flatMap((child) => [`${child} ${told(`/proc/${child}/comm`).trim()}`, ...descendants(Number(child))])
    .filter((line) => !line.endsWith(' '));
}

/** The kept process of an engine's launcher; with `holding`, the one that has this file open. */
export function serverOf(engine = process.pid, holding?: string): number {
  const servers = descendants(engine)
    .filter((line) => line.endsWith(' vzdeck-launcher'))
    .map((line) => Number(line.split(' ')[0]));
  const found = servers.find((pid) => holding === undefined || openFiles(pid).includes(holding));
  if (found === undefined) throw new Error('There is no such launcher');
  return found;
}

function openFiles(pid: number): readonly string[] {
  return (orGone(() => readdirSync(`/proc/${pid}/fd`)) ?? []).flatMap((fd) => orGone(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? []);
}

/** What a process or a descriptor of it has under /proc; undefined once it has ended. */
export function orGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

/** A process as it is now; start time 0 when it is not there. */
export function identity(pid: number): ProcessId {
  try {
    return { pid, startTime: BigInt(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '0') };
  } catch {
    return { pid, startTime: 0n };
  }
}

export const alive = (pid: number): boolean => spawnSync('kill', ['-0', String(pid)]).status === 0;
