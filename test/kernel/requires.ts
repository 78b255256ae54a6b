// What a test needs of the machine. A test that cannot run says why; with MUST=1 only what is on the known list may be missing.
import { spawnSync } from 'node:child_process';
import { accessSync, existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';
import { STOCK_NAMES, type StockName, stockArchive } from './stock-archive.ts';

const has = (program: string): boolean =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((dir) => existsSync(join(dir, program)));

const readable = (path: string): boolean => {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
};

interface Need {
  readonly there: () => boolean;
  /** Completes "needs …". */
  readonly what: string;
  /** May be missing even where everything must run, and why. */
  readonly known?: string;
}

const program = (name: string, known?: string): Need => ({
  there: () => has(name),
  what: `the program ${name}`,
  ...(known === undefined ? {} : { known }),
});

/** Without a network: from an earlier run of these tests. */
const stock = (name: StockName): Need => ({
  there: () => existsSync(stockArchive(name)) || (has('mmdebstrap') && mirrorAnswers()),
  what: `template ${name} from an earlier run, or mmdebstrap and a mirror that answers`,
  known: 'machines without a network build no templates',
});

/** Of the running kernel, as Debian installs it beside the kernel; where there is none, nothing is known of it. */
const built = (option: string, what: string): Need => ({
  there: () => {
    const file = `/boot/config-${release()}`;
    return readable(file) && new RegExp(`^CONFIG_${option}=[ym]$`, 'm').test(readFileSync(file, 'utf8'));
  },
  what: `${what} (CONFIG_${option} of a kernel that says so in /boot)`,
  known: 'the other kernel of the test run has it',
});

/** Bundled tests lie elsewhere than the tree that they were made from. */
export const LAUNCHER = process.env['VZDECK_LAUNCHER'] ?? new URL('../../build/launcher', import.meta.url).pathname;

export const NEEDS = {
  ...(Object.fromEntries(STOCK_NAMES.map((name) => [name, stock(name)])) as Readonly<Record<StockName, Need>>),
  root: { there: () => process.getuid?.() === 0, what: 'root' },
  launcher: {
    there: () => readable(LAUNCHER),
    what: 'the launcher: node scripts/setup.mjs',
  },
  cc: program('cc'),
  x64: { there: () => process.arch === 'x64', what: 'an x86-64 machine', known: 'its system calls are tried in the ways that it has' },
  busybox: program('busybox'),
  ip: program('ip'),
  nft: program('nft'),
  dnsmasq: program('dnsmasq', 'what the file says is tried without a resolver'),
  tmux: program('tmux'),
  mmdebstrap: program('mmdebstrap'),
  zstd: program('zstd'),
  vitest: {
    there: () => process.env['VITEST'] !== undefined,
    what: 'vitest as the runner',
    known: 'it takes minutes to start in the virtual machine, and what it tests needs no second kernel',
  },
  /** A mirror of the node's own distribution answers. */
  network: { there: mirrorAnswers, what: 'a Debian mirror that answers', known: 'machines without a network build no templates' },
  /** May be remounted and reconfigured, since nobody needs it afterwards. */
  disposable: {
    there: () => process.env['VZDECK_DISPOSABLE'] === '1',
    what: 'a machine that is thrown away afterwards (VZDECK_DISPOSABLE=1)',
    known: 'the virtual machine of the test run is one',
  },
  nfsd: {
    there: () => has('rpc.nfsd'),
    what: 'a kernel NFS server (rpc.nfsd)',
    known: 'the virtual machine of the test run has one',
  },
  boots: {
    there: () => process.env['VZDECK_BOOT'] !== undefined,
    what: 'a machine that is rebooted between its tests (VZDECK_BOOT says how often it was)',
    known: 'the virtual machine of the test run is one',
  },
  'project-quota': built('QFMT_V2', 'quota files on ext4'),
  vlan: built('VLAN_8021Q', 'VLANs'),
  ipvlan: built('IPVLAN', 'ipvlan'),
  bond: built('BONDING', 'bonds'),
  'bpf-trampoline': built('DYNAMIC_FTRACE_WITH_DIRECT_CALLS', 'BPF trampolines'),
  systemd: {
    there: () => readable('/run/systemd/system'),
    what: 'systemd as the init of the node',
    known: 'only the virtual machine can be booted with it',
  },
  apparmor: {
    there: () =>
      existsSync('/sys/module/apparmor/parameters/enabled') && readFileSync('/sys/module/apparmor/parameters/enabled', 'utf8') === 'Y\n',
    what: 'a kernel with AppArmor on',
    known: 'the other kernel of the test run has it',
  },
  cgroup2: { there: () => /^\S+ \S+ cgroup2 /m.test(readFileSync('/proc/self/mounts', 'utf8')), what: 'a cgroup v2 tree' },
  'cgroup2-controllers': {
    there: () => readable('/sys/fs/cgroup/cgroup.controllers') && /memory/.test(readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8')),
    what: 'controllers on cgroup v2',
    known: 'the other kernel of the test run has them',
  },
  'cgroup1-controllers': {
    there: () => /^\S+ \S+ cgroup \S*\bmemory\b/m.test(readFileSync('/proc/self/mounts', 'utf8')),
    what: 'controllers on cgroup v1',
    known: 'the other kernel of the test run has them',
  },
} as const satisfies Record<string, Need>;

export type NeedName = keyof typeof NEEDS;

let mirror: boolean | undefined;
/** By fetching the smallest thing that every Debian has, once per run. */
function mirrorAnswers(): boolean {
  const fetch = 'd=$(mktemp -d) && cd "$d" && timeout 30 apt-get -qq -o Acquire::Retries=0 download hostname; s=$?; rm -rf "$d"; exit $s';
  mirror ??= has('apt-get') && spawnSync('sh', ['-c', fetch], { stdio: 'ignore' }).status === 0;
  return mirror;
}

/**
 * `describe` for a file's suites: `const suite = requires('root', 'launcher')`. Where something is missing the suite is skipped and its name says
 * why; with MUST=1 it fails instead, unless the missing thing is on the known list (`known` above).
 */
export function requires(...names: readonly NeedName[]): (title: string, body: () => void) => void {
  const missing = names.map((name): Need => NEEDS[name]).filter((need) => !need.there());
  const why = `needs ${missing.map((need) => need.what).join(', ')}`;
  if (missing.length === 0) return describe;
  if (process.env['MUST'] === '1' && missing.some((need) => need.known === undefined)) {
    return (title) =>
      describe(title, () => {
        test('can run here', () => {
          throw new Error(`${why}, and MUST=1 allows no skip but those of the known list in test/kernel/requires.ts`);
        });
      });
  }
  return (title, body) => describe.skip(`${title} (skipped: ${why})`, body);
}
