// System packages: one table of what is needed for what, how to see that it is there, and its name per distribution family.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { family, inLibraries, isRoot, isStatic, systemPath, which } from './machine.mjs';
import { Refusal, run } from './run.mjs';

/** Whatever is done with the project needs the dependencies that are for development only, one of which is compiled here. */
const DEVELOP = ['test', 'vm', 'bench'];

/**
 * `use`: 'run' = to build and run, hence always; 'test' = for npm test, 'vm' = to build and start the test machine, 'bench' = the peers that
 * npm run bench compares with. It is there where its program is, or where `there` says so.
 * A family that is not named has it under the Debian name.
 */
const PACKAGES = [
  { debian: 'gcc', use: ['run'], program: 'gcc' },
  {
    debian: 'libc6-dev',
    fedora: 'glibc-static',
    suse: 'glibc-devel-static',
    arch: 'glibc',
    use: ['run'],
    there: () => inLibraries('libc.a'),
  },
  {
    debian: 'busybox-static',
    fedora: 'busybox',
    arch: 'busybox',
    use: ['run'],
    there: () => which('busybox') !== '' && isStatic(which('busybox')),
  },
  { debian: 'iproute2', fedora: 'iproute', use: ['run'], program: 'ip' },
  { debian: 'nftables', use: ['run'], program: 'nft' },
  { debian: 'tar', use: ['run'], program: 'tar' },
  { debian: 'xz-utils', fedora: 'xz', suse: 'xz', arch: 'xz', use: ['run'], program: 'xz' },
  { debian: 'zstd', use: ['run'], program: 'zstd' },
  { debian: 'make', use: DEVELOP, program: 'make' },
  { debian: 'python3', arch: 'python', use: DEVELOP, program: 'python3' },
  { debian: 'g++', fedora: 'gcc-c++', suse: 'gcc-c++', arch: 'gcc', use: DEVELOP, program: 'g++' },
  { debian: 'procps', fedora: 'procps-ng', arch: 'procps-ng', use: ['test'], program: 'ps' },
  { debian: 'tmux', use: ['test', 'bench'], program: 'tmux' },
  { debian: 'bzip2', use: ['test'], program: 'bzip2' },
  { debian: 'vim', use: ['test'], program: 'vim' },
  { debian: 'less', use: ['test'], program: 'less' },
  { debian: 'nano', use: ['test'], program: 'nano' },
  { debian: 'mc', use: ['test'], program: 'mc' },
  { debian: 'htop', use: ['test', 'bench'], program: 'htop' },
  { debian: 'dnsmasq-base', fedora: 'dnsmasq', suse: 'dnsmasq', arch: 'dnsmasq', use: ['test'], program: 'dnsmasq' },
  { debian: 'mmdebstrap', use: ['test', 'vm'], program: 'mmdebstrap' },
  { debian: 'e2fsprogs', use: ['vm'], program: 'mkfs.ext4' },
  { debian: 'dpkg', use: ['vm'], program: 'dpkg-deb' },
  { debian: 'util-linux', use: ['vm'], program: 'setpriv' },
  { debian: 'lxc', use: ['bench'], program: 'lxc-start' },
  { debian: 'runc', use: ['bench'], program: 'runc' },
  { debian: 'systemd-container', use: ['bench'], program: 'systemd-nspawn' },
];

const INSTALL = {
  debian: 'apt-get install -y --no-install-recommends',
  fedora: 'dnf install -y',
  suse: 'zypper --non-interactive install',
  arch: 'pacman -S --needed --noconfirm',
};

const isThere = ({ program, there }) => (there === undefined ? which(program) !== '' : there());

const neededFor = (use) => PACKAGES.filter((p) => p.use.includes('run') || p.use.includes(use));

/** What Debian calls everything of a use, whether it is here or not. */
export const debianNames = (use) => neededFor(use).map((p) => p.debian);

/** The programs by which the packages of a use are known. */
export const programsOf = (use) => neededFor(use).flatMap(({ program }) => program ?? []);

const missing = (use, where) => [
  ...new Set(
    neededFor(use)
      .filter((p) => !isThere(p))
      .map((p) => p[where] ?? p.debian),
  ),
];

export const packages = (use) => ({
  name: 'System packages',
  needed: () => {
    const names = missing(use, family() || 'debian');
    return names.length > 0 ? names.join(' ') : '';
  },
  do: async () => {
    const where = family();
    const names = missing(use, where || 'debian');
    if (!(where in INSTALL)) throw new Refusal(`Install with this system's package manager, then run it again: ${names.join(' ')}`);
    const command = `${INSTALL[where]} ${names.join(' ')}`;
    if (where !== 'debian') throw new Refusal(`Run this as root, then run it again: ${command}`);
    if (!isRoot()) throw new Refusal(`Run this, then run it again: sudo ${command}`);
    await aptInstall(command.split(' '));
  },
});

async function aptInstall([apt, ...args]) {
  const env = { ...process.env, PATH: systemPath(), DEBIAN_FRONTEND: 'noninteractive' };
  // dpkg keeps its journal here while it works: not empty = it was interrupted
  const journal = '/var/lib/dpkg/updates';
  if (existsSync(journal) && readdirSync(journal).length > 0) await run('dpkg', ['--configure', '-a'], { env });
  const lists = '/var/lib/apt/lists';
  if (!existsSync(lists) || !readdirSync(lists).some((name) => name.endsWith('Packages') || /Packages\.\w+$/.test(name)))
    await run(apt, ['update'], { env });
  // lists that are older than the mirror name versions that it no longer has
  const names = args.slice(args.indexOf('--no-install-recommends') + 1);
  const simulated = spawnSync(apt, ['install', '--print-uris', '-qq', '--no-install-recommends', ...names], { env });
  if (simulated.status !== 0) await run(apt, ['update'], { env });
  try {
    await run(apt, args, { env });
  } catch {
    await run(apt, ['update'], { env });
    await run(apt, args, { env });
  }
}
