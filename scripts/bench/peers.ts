// The programs that starts are compared with: own namespaces, no network, the same tree, the same init. Each is set up to do no more than it must;
// `like` is lxc once more, with what every container of ours has: a user namespace, an id-mapped tree, a system call filter, a console.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bench } from './figure.ts';
import { must, run, timeIn } from './processes.ts';

/** Their container, and their cgroups on every hierarchy. */
const NAME = 'vzdeck-bench';
const CGROUPS = '/sys/fs/cgroup';

export interface Peers {
  /** Name → command line that runs the clock as init; it ends by itself. */
  readonly starts: Readonly<Record<'lxc' | 'like' | 'runc' | 'nspawn', readonly [string, ...string[]]>>;
  /** What every one of these is run by, before the clock begins. */
  readonly within: readonly [string, ...string[]];
  /** When init began, nanoseconds of CLOCK_MONOTONIC; the note is taken away. */
  started(): Promise<bigint>;
  /** Starts an lxc container that stays; returns the command line that runs a program in it. */
  stay(): Promise<readonly string[]>;
  /** cgroup.procs of a v1 group that a process may put itself into, null without v1. */
  readonly group: string | null;
}

/** Where cgroup v1 counts processes, null without one. One lock serves all hierarchies, so an attach to any of them will do. */
function pidsHierarchy(): string | null {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  return mounts.find(([, , type, options = '']) => type === 'cgroup' && options.split(',').includes('pids'))?.[1] ?? null;
}

function directoriesBelow(dir: string): readonly string[] {
  const below = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap((entry) => directoriesBelow(join(dir, entry.name))), dir];
}

/** All groups are below ones of our name, so nothing of anybody else's is met. */
function removeCgroups(): void {
  const roots = [CGROUPS, ...readdirSync(CGROUPS).map((name) => join(CGROUPS, name))];
  for (const top of roots.map((root) => join(root, NAME)).filter((top) => existsSync(top)))
    for (const dir of directoriesBelow(top)) rmdirSync(dir);
}

/** Directories up to `top` that nobody else has put anything into. */
function removeEmpty(dir: string, top: string): void {
  for (let at = dir; at !== top && existsSync(at) && readdirSync(at).length === 0; at = dirname(at)) rmdirSync(at);
}

const lxcConfig = (tree: string): string => `lxc.uts.name = ${NAME}
lxc.rootfs.path = dir:${tree}
lxc.net.0.type = empty
lxc.apparmor.profile = unconfined
lxc.mount.auto = proc:mixed sys:mixed
lxc.tty.max = 0
lxc.cgroup.dir.monitor = ${NAME}/monitor
lxc.cgroup.dir.container = ${NAME}/container
lxc.cgroup.dir.monitor.pivot = ${NAME}/pivot
`;

const BARE = 'lxc.console.path = none\n';

const IDS = '1878982656:65536';
const LIKE = `lxc.idmap = u 0 ${IDS.replace(':', ' ')}
lxc.idmap = g 0 ${IDS.replace(':', ' ')}
lxc.rootfs.options = idmap=container
lxc.seccomp.profile = /usr/share/lxc/config/common.seccomp
`;

/** What `runc spec` proposes, with another program and tree. */
async function runcBundle(dir: string, tree: string): Promise<void> {
  mkdirSync(dir);
  await must('runc', ['spec', '--bundle', dir]);
  const file = join(dir, 'config.json');
  const spec = JSON.parse(readFileSync(file, 'utf8'));
  Object.assign(spec.process, { terminal: false, args: ['/sbin/init', 'leave'] });
  spec.root = { path: tree, readonly: false };
  spec.linux.cgroupsPath = `/${NAME}/runc`;
  writeFileSync(file, JSON.stringify(spec));
}

export async function peers(bench: Bench): Promise<Peers> {
  const dir = join(bench.dir, 'peers');
  const tree = join(dir, 'tree');
  const [lxc, state, bundle] = [join(dir, 'lxc'), join(dir, 'state'), join(dir, 'bundle')];
  for (const path of [tree, lxc]) mkdirSync(path, { recursive: true });
  chmodSync(bench.dir, 0o711); // its root has the rights of anybody there
  bench.later(() => {
    removeCgroups();
    rmSync(join('/run/lxc/lock', lxc.slice(1)), { recursive: true, force: true });
    removeEmpty(dirname(join('/run/lxc/lock', lxc.slice(1))), '/run/lxc/lock');
    removeEmpty(join('/run/systemd/nspawn/propagate', NAME), '/run/systemd/nspawn/propagate');
  });
  await must('tar', ['-C', tree, '-xf', join(bench.home, 'build/templates/busybox.tar.zst')]);
  rmSync(join(tree, 'sbin/init'));
  copyFileSync(bench.clock, join(tree, 'sbin/init'));
  writeFileSync(join(dir, 'lxc.conf'), lxcConfig(tree) + BARE);
  writeFileSync(join(dir, 'like.conf'), lxcConfig(tree) + LIKE);
  writeFileSync(join(dir, 'subid'), `root:${IDS}\n`);
  await runcBundle(bundle, tree);
  const ofLxc = ['-P', lxc, '-n', NAME];
  const pids = pidsHierarchy();
  if (pids !== null) mkdirSync(join(pids, NAME), { recursive: true });
  return {
    starts: {
      lxc: ['lxc-start', '-F', ...ofLxc, '-f', join(dir, 'lxc.conf'), '--', '/sbin/init', 'leave'],
      like: ['lxc-start', '-F', ...ofLxc, '-f', join(dir, 'like.conf'), '--', '/sbin/init', 'leave'],
      runc: ['runc', '--root', state, 'run', '--bundle', bundle, NAME],
      nspawn: [
        'systemd-nspawn',
        ...['--quiet', '--register=no', '--keep-unit', '--private-network', '-M', NAME, '-D', tree],
        ...['/sbin/init', 'leave'],
      ],
    },
    // newuidmap asks these files, and the machine's own are not ours to write
    within: [
      'unshare',
      '-m',
      'sh',
      '-c',
      `for file in subuid subgid; do mount --bind ${join(dir, 'subid')} /etc/$file; done; exec "$@"`,
      'sh',
    ],
    group: pids && join(pids, NAME, 'cgroup.procs'),
    started: () => timeIn(join(tree, 'started')),
    async stay() {
      const container = run('lxc-start', ['-F', ...ofLxc, '-f', join(dir, 'lxc.conf'), '--', '/sbin/init']);
      bench.later(async () => {
        await run('lxc-stop', ['-k', ...ofLxc]);
        await container;
      });
      await must('lxc-wait', [...ofLxc, '-s', 'RUNNING', '-t', '10']);
      return ['lxc-attach', ...ofLxc, '--'];
    },
  };
}
