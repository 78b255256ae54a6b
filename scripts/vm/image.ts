// Builds the test machine once: Debian 13's kernel, a small initrd, a root disk, and Debian 13's QEMU, which is run from the cache and not
// installed (older ones hang). What it takes is in the tables here and in guest/; a change of these makes another image.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { inProject } from '../setup/machine.mjs';
import { debianNames } from '../setup/packages.mjs';
import { Refusal, run } from '../setup/run.mjs';
import { hashOf } from '../setup/stamp.mjs';
import { type Apt, openApt } from './apt.ts';
import { cacheDir, dropUnused, workIn } from './cache.ts';

const SUITE = 'trixie';
const KERNEL = 'linux-image-cloud-amd64';
/** Bytes of the root disk; sparse. */
const ROOT_SIZE = 8 * 2 ** 30;
/** A node of systemd, beside what the project itself asks for. */
const NODE_PACKAGES =
  'systemd systemd-sysv dbus udev kmod util-linux iputils-ping iptables e2fsprogs quota btrfs-progs attr acl libcap2-bin psmisc strace apparmor nfs-kernel-server'.split(
    ' ',
  );
/** Needed before the root disk is there. */
const EARLY_MODULES = ['virtio_pci', 'virtio_blk', 'virtio_console', 'ext4', 'quota_v2', 'virtio_rng'];
/** Of a machine that lives for minutes, has no network, and whose /tmp is to be a disk. */
const MASKED_UNITS =
  `getty.target getty@tty1.service serial-getty@ttyS0.service serial-getty@hvc0.service systemd-timesyncd.service tmp.mount
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service man-db.timer
  systemd-firstboot.service systemd-machine-id-commit.service systemd-update-utmp.service systemd-hwdb-update.service ldconfig.service
  systemd-journal-flush.service systemd-journal-catalog-update.service quotaon.service quota.service quotarpc.service nftables.service
  apparmor.service nfs-server.service nfs-client.target rpcbind.service rpcbind.socket nfsdcld.service nfs-blkmap.service
  nfs-idmapd.service rpc-statd.service rpc-statd-notify.service`.split(/\s+/);
const UNNEEDED = ['doc', 'man', 'locale', 'info'];

export interface Image {
  readonly dir: string;
  /** The program with its own loader and libraries, ready for arguments. */
  readonly qemu: readonly string[];
  readonly qemuImg: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly kernel: string;
  readonly initrd: string;
  readonly root: string;
}

const key = (): string => hashOf(['scripts/vm/image.ts', 'scripts/vm/guest', 'scripts/setup/packages.mjs']).slice(0, 12);

/** The image for these sources, built when it is not there. Throws Refusal when it cannot be. */
export async function image(say: (text: string) => void): Promise<Image> {
  if (process.arch !== 'x64') throw new Refusal('The test machine runs on x86-64 only');
  const dir = join(cacheDir(), `image-${key()}`);
  if (!existsSync(dir)) {
    const start = performance.now();
    say('Test machine: not built yet … ');
    await build(dir);
    say(`${((performance.now() - start) / 1000).toFixed(0)} s\n`);
  }
  dropUnused(cacheDir(), basename(dir));
  const at = (...parts: string[]): string => join(dir, ...parts);
  const libraries = at('qemu/usr/lib/x86_64-linux-gnu');
  const program = (name: string): readonly string[] => [
    at('qemu/usr/lib64/ld-linux-x86-64.so.2'),
    '--library-path',
    libraries,
    at('qemu/usr/bin', name),
  ];
  return {
    dir,
    qemu: [...program('qemu-system-x86_64'), '-L', at('qemu/usr/share/qemu'), '-L', at('qemu/usr/share/seabios')],
    qemuImg: program('qemu-img'),
    env: { QEMU_MODULE_DIR: join(libraries, 'qemu') },
    kernel: at('vmlinux'),
    initrd: at('initrd'),
    root: at('root'),
  };
}

async function build(dir: string): Promise<void> {
  const work = workIn(cacheDir());
  const made = join(work, 'made');
  const root = join(work, 'root');
  try {
    mkdirSync(made);
    const apt = await openApt(join(work, 'apt'), SUITE);
    // mmdebstrap has an apt of its own
    await Promise.all([installRoot(apt, root), apt.unpackWhole(['qemu-system-x86', 'qemu-utils'], join(made, 'qemu'))]);
    for (const name of UNNEEDED) rmSync(join(made, 'qemu/usr/share', name), { recursive: true, force: true });
    const version = await installKernel(apt, join(work, 'kernel'), root, join(made, 'vmlinux'));
    await furnish(root);
    await makeInitrd(root, version, join(work, 'initrd'), join(made, 'initrd'));
    for (const name of [...UNNEEDED.map((place) => `usr/share/${place}`), 'var/cache/apt', 'var/lib/apt/lists'])
      rmSync(join(root, name), { recursive: true, force: true });
    await makeDisk(root, join(made, 'root'), ROOT_SIZE);
    renameSync(made, dir);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function installRoot(apt: Apt, root: string): Promise<void> {
  const packages = [...NODE_PACKAGES, ...debianNames('test')];
  const options = ['Acquire::Languages "none"', 'APT::Install-Recommends "false"'].map((option) => `--aptopt=${option}`);
  const excluded = UNNEEDED.map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  await run('mmdebstrap', [
    '--quiet',
    '--mode=root',
    '--variant=apt',
    `--aptopt=${apt.settings}`,
    ...options,
    ...excluded,
    `--include=${packages.join()}`,
    SUITE,
    root,
    apt.source,
  ]);
}

/** Puts the kernel's modules into the root and the kernel itself, as the ELF file that QEMU starts without decompressing, into `to`. */
async function installKernel(apt: Apt, work: string, root: string, to: string): Promise<string> {
  const name = await apt.behind(KERNEL, /^linux-image-\d/);
  const version = name.replace('linux-image-', '');
  await apt.unpack(name, work);
  const modules = join(root, 'usr/lib/modules', version);
  cpSync(join(work, 'usr/lib/modules', version), modules, { recursive: true, verbatimSymlinks: true });
  copyFileSync(join(work, 'boot', `config-${version}`), join(root, 'boot', `config-${version}`));
  await run('sh', ['-c', 'find "$1" -name "*.ko.xz" -print0 | xargs -0 -n64 -P2 xz -d', 'sh', modules]);
  await run('chroot', [root, 'depmod', version]);
  writeFileSync(to, elfInside(readFileSync(join(work, 'boot', `vmlinuz-${version}`))));
  return version;
}

/** The kernel in a bzImage (Documentation/arch/x86/boot.rst, header fields setup_sects, payload_offset and payload_length). */
function elfInside(bzImage: Buffer): Buffer {
  const start = ((bzImage.readUInt8(0x1f1) || 4) + 1) * 512 + bzImage.readUInt32LE(0x248);
  // the last four bytes are the size of what is packed
  const packed = bzImage.subarray(start, start + bzImage.readUInt32LE(0x24c) - 4);
  const { stdout } = spawnSync('zstd', ['-dc'], { input: packed, maxBuffer: 2 ** 30 });
  if (stdout.subarray(1, 4).toString() !== 'ELF') throw new Refusal(`The kernel of ${KERNEL} is not packed by zstd`);
  return stdout;
}

async function furnish(root: string): Promise<void> {
  const at = (path: string): string => join(root, path);
  const own = at('usr/local/lib/vzdeck');
  for (const dir of [own, at('project'), at('opt/node_modules'), at('etc/systemd/system/multi-user.target.wants')])
    mkdirSync(dir, { recursive: true });
  const texts = {
    'etc/hostname': 'node\n',
    'etc/hosts': '127.0.0.1 localhost node\n::1 localhost\n',
    'etc/fstab': '',
    'etc/machine-id': '',
    'etc/apt/sources.list': '',
  };
  for (const [path, text] of Object.entries(texts)) writeFileSync(at(path), text);
  writeFileSync(at('etc/shadow'), readFileSync(at('etc/shadow'), 'utf8').replace(/^root:[^:]*:/m, 'root::'));
  const from = (name: string): string => inProject('scripts', 'vm', 'guest', name);
  copyFileSync(from('job.service'), at('etc/systemd/system/job.service'));
  copyFileSync(from('job.c'), join(own, 'job.c'));
  await run('chroot', [root, 'gcc', '-O1', '-static', '-Wall', '-o', '/usr/local/lib/vzdeck/job', '/usr/local/lib/vzdeck/job.c']);
  symlinkSync('../job.service', at('etc/systemd/system/multi-user.target.wants/job.service'));
  for (const unit of MASKED_UNITS) {
    rmSync(at(`etc/systemd/system/${unit}`), { force: true });
    symlinkSync('/dev/null', at(`etc/systemd/system/${unit}`));
  }
  rmSync(at('etc/systemd/system/default.target'), { force: true });
  symlinkSync('/usr/lib/systemd/system/multi-user.target', at('etc/systemd/system/default.target'));
}

async function makeInitrd(root: string, version: string, work: string, to: string): Promise<void> {
  for (const dir of ['bin', 'modules', 'proc', 'sys', 'dev', 'run', 'newroot']) mkdirSync(join(work, dir), { recursive: true });
  copyFileSync(join(root, 'usr/bin/busybox'), join(work, 'bin/busybox'));
  copyFileSync(inProject('scripts', 'vm', 'guest', 'initrd'), join(work, 'init'));
  chmodSync(join(work, 'init'), 0o755);
  const plan = await run('chroot', [
    root,
    'modprobe',
    '--all',
    '--show-depends',
    '--ignore-install',
    '--set-version',
    version,
    ...EARLY_MODULES,
  ]);
  const files = [...new Set([...plan.matchAll(/^insmod (\S+)/gm)].map((line) => line[1] ?? ''))];
  for (const file of files) copyFileSync(join(root, file), join(work, 'modules', basename(file)));
  writeFileSync(join(work, 'modules/order'), files.map((file) => `${basename(file)}\n`).join(''));
  await run('sh', ['-c', 'find . | busybox cpio -o -H newc >"$1"', 'sh', to], { cwd: work });
}

/** Sparse. */
export function emptyDisk(file: string, size: number): void {
  writeFileSync(file, '');
  truncateSync(file, size);
}

/** A sparse ext4 disk with quotas for users, groups and projects, filled from a folder. One that is there already keeps its size: a machine may
 * have it. `size` in bytes. */
export async function makeDisk(from: string, to: string, size: number): Promise<void> {
  if (!existsSync(to)) emptyDisk(to, size);
  const features = [
    '-O',
    '^has_journal,^resize_inode,quota,project',
    '-E',
    'lazy_itable_init=1,nodiscard,quotatype=usrquota:grpquota:prjquota',
  ];
  await run('mkfs.ext4', ['-q', '-F', '-m', '0', ...features, '-d', from, to], {
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  });
}
