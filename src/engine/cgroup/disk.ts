// Which block device the input and output of a directory go to: behind partitions, file systems without a device number of their own, loop
// devices and the device mapper; and what divides that disk by weights. Only reads.
import { parseMountinfo } from '../host/mountinfo.ts';
import { inside } from '../host/paths.ts';
import type { Files } from '../host/port.ts';
import type { Disk } from './face.ts';
import { cgroupMounts } from './mount-info.ts';

type Reading = Pick<Files, 'read' | 'stat' | 'list'>;

const SYS = '/sys/dev/block';

/** glibc's and the kernel's encoding of st_dev. */
function numbersOf(dev: number): string {
  const d = BigInt(dev);
  const major = ((d >> 8n) & 0xfffn) | ((d >> 32n) & ~0xfffn);
  const minor = (d & 0xffn) | ((d >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}

const existsAsDisk = (files: Reading, device: string): boolean => files.stat(`${SYS}/${device}`) !== null;

/** The device that a file system with a number of its own (btrfs) was mounted from; of several the one that was named. */
function sourceOf(files: Reading, proc: string, path: string): string | null {
  const mounts = parseMountinfo(files.read(`${proc}/self/mountinfo`) ?? '').filter((m) => inside(path, m.path) || m.path === '/');
  const source = mounts.reduce((best, m) => (m.path.length >= best.path.length ? m : best), mounts[0] ?? { path: '', source: '' }).source;
  const device = source.startsWith('/dev/') ? files.stat(source)?.device : undefined;
  return device === undefined ? null : `${device.major}:${device.minor}`;
}

/** A partition has no queue of its own. */
function wholeDisk(files: Reading, device: string): string {
  return files.read(`${SYS}/${device}/partition`) === null ? device : (files.read(`${SYS}/${device}/../dev`) ?? device).trim();
}

/** The disk itself and those below it: of a mapped device its parts, of a loop device the disk of its file. */
function stackOf(files: Reading, device: string, backing: (path: string) => string | null): readonly string[] {
  const whole = wholeDisk(files, device);
  const slaves = (files.list(`${SYS}/${whole}/slaves`) ?? []).flatMap(
    (name) => (files.read(`/sys/class/block/${name}/dev`) ?? '').trim() || [],
  );
  const file = (files.read(`${SYS}/${whole}/loop/backing_file`) ?? '').trim();
  const under = file === '' ? null : backing(file);
  return [whole, ...[...slaves, ...(under === null ? [] : [under])].flatMap((below) => stackOf(files, below, backing))];
}

const schedulerOf = (files: Reading, device: string): string =>
  /\[([^\]]+)\]/.exec(files.read(`${SYS}/${device}/queue/scheduler`) ?? '')?.[1] ?? 'none';

/** io.cost divides a disk only once the node has switched it on for it. */
function hasIoCost(files: Reading, proc: string, devices: readonly string[]): boolean {
  const tree = cgroupMounts(files.read(`${proc}/self/mountinfo`) ?? '').find((m) => m.version === 2);
  const lines = tree === undefined ? [] : (files.read(`${tree.mount}/io.cost.qos`) ?? '').split('\n');
  return devices.some((device) => lines.some((line) => line.startsWith(`${device} `) && line.includes('enable=1')));
}

/** The disk of what lies at `path`; null where there is none by name (tmpfs, NFS, ZFS). */
export function diskOf(files: Reading, proc: string, path: string): Disk | null {
  const deviceOf = (at: string): string | null => {
    const dev = files.stat(at)?.dev;
    const device = dev === undefined ? null : numbersOf(dev);
    if (device === null || existsAsDisk(files, device)) return device;
    const source = sourceOf(files, proc, at);
    return source !== null && existsAsDisk(files, source) ? source : null;
  };
  const device = deviceOf(path);
  if (device === null) return null;
  const stack = stackOf(files, device, deviceOf);
  const whole = stack[0] ?? device;
  const bfq = stack.find((d) => schedulerOf(files, d) === 'bfq');
  return {
    device: whole,
    name: /^DEVNAME=(.+)$/m.exec(files.read(`${SYS}/${whole}/uevent`) ?? '')?.[1] ?? whole,
    weigher: bfq !== undefined ? 'bfq' : hasIoCost(files, proc, stack) ? 'iocost' : null,
    scheduler: schedulerOf(files, bfq ?? stack.at(-1) ?? whole),
  };
}
