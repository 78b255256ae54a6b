// What this machine lacks for containers, apart from cgroups and file systems, each with its remedy: rights of ours and namespaces of the
// kernel. Only reads small files; says nothing of how the engine copes.
import { FIRST_BASE, RANGE } from '../spec/id-range.ts';
import type { Files } from './port.ts';

export interface Obstacle {
  readonly what: string;
  readonly remedy: string;
  /** Containers cannot be started at all; otherwise only what is named is missing. */
  readonly fatal: boolean;
}

type Reading = Pick<Files, 'read' | 'lstat' | 'stat'>;

interface Right {
  /** Bit of the capability (linux/capability.h) → its name. */
  readonly bits: Readonly<Record<number, string>>;
  readonly loss: string;
  readonly fatal: boolean;
}

/** Found by leaving out one after the other; without any of the others everything works. */
const RIGHTS: readonly Right[] = [
  {
    bits: { 0: 'CHOWN', 1: 'DAC_OVERRIDE', 3: 'FOWNER', 6: 'SETGID', 7: 'SETUID', 8: 'SETPCAP', 21: 'SYS_ADMIN' },
    loss: 'no container can be started',
    fatal: true,
  },
  { bits: { 18: 'SYS_CHROOT', 19: 'SYS_PTRACE' }, loss: 'nobody can enter a container', fatal: false },
  { bits: { 5: 'KILL' }, loss: 'containers with systemd cannot be asked to stop', fatal: false },
];

/** Effective user id of this process; null where procfs does not tell. */
export function effectiveUser(files: Pick<Files, 'read'>, proc: string): number | null {
  const uid = /^Uid:\t\d+\t(\d+)/m.exec(files.read(`${proc}/self/status`) ?? '')?.[1];
  return uid === undefined ? null : Number(uid);
}

/** Bit n = capability n; null where procfs does not tell. */
export function effectiveRights(files: Pick<Files, 'read'>, proc: string): bigint | null {
  const effective = /^CapEff:\t([0-9a-f]+)/m.exec(files.read(`${proc}/self/status`) ?? '')?.[1];
  return effective === undefined ? null : BigInt(`0x${effective}`);
}

function rightsObstacles(files: Reading, proc: string): readonly Obstacle[] {
  const uid = effectiveUser(files, proc);
  const held = effectiveRights(files, proc);
  if (uid === null || held === null) return [];
  if (uid !== 0)
    return [{ what: `Containers are run by root, and this is user ${uid}`, remedy: 'Type it once more with sudo', fatal: true }];
  return RIGHTS.flatMap(({ bits, loss, fatal }) => {
    const missing = Object.entries(bits).filter(([bit]) => ((held >> BigInt(bit)) & 1n) === 0n);
    const names = missing.map(([, name]) => `CAP_${name}`).join(', ');
    const what = `Root is here without ${names}: ${loss}`;
    return missing.length === 0
      ? []
      : [{ what, remedy: 'Look for what took it away: an outer container, or CapabilityBoundingSet= of a service', fatal }];
  });
}

/** Root of an outer container has but a few ids to give: lines of "inside outside count" (user_namespaces(7)). */
function idObstacles(files: Reading, proc: string): readonly Obstacle[] {
  const map = files.read(`${proc}/self/uid_map`);
  const rows = (map ?? '').split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const held = rows.some(([first = 0, , count = 0]) => first <= FIRST_BASE && first + count >= FIRST_BASE + RANGE);
  if (map === null || held) return [];
  const what = `User ids from 0x${FIRST_BASE.toString(16)} on are not mapped: this root is that of an outer container`;
  return [{ what, remedy: 'Run it on the machine itself, or give the outer container all ids', fatal: true }];
}

/** /proc/self/ns/<name> and /proc/sys/user/max_<name>_namespaces → what they are called, and the kernel's option. */
const NAMESPACES: Readonly<Record<string, readonly [title: string, option: string]>> = {
  user: ['User', 'USER_NS'],
  pid: ['Process', 'PID_NS'],
  net: ['Network', 'NET_NS'],
  mnt: ['Mount', 'NAMESPACES'],
  uts: ['Host name', 'UTS_NS'],
  ipc: ['IPC', 'IPC_NS'],
  cgroup: ['Cgroup', 'CGROUPS'],
};

function namespaceObstacles(files: Reading, proc: string): readonly Obstacle[] {
  // A procfs that is not of this machine (tests of formats) says nothing of its kernel.
  if (files.stat(`${proc}/self/ns`) === null) return [];
  return Object.entries(NAMESPACES).flatMap(([name, [title, option]]): Obstacle[] => {
    const limit = `${proc}/sys/user/max_${name}_namespaces`;
    if (files.lstat(`${proc}/self/ns/${name}`) === null) {
      const what = `${title} namespaces are missing: the kernel is built without them`;
      return [{ what, remedy: `Use a kernel with CONFIG_${option}`, fatal: true }];
    }
    if (files.read(limit)?.trim() !== '0') return [];
    const remedy = `Type sysctl user.max_${name}_namespaces=15000, and look into /etc/sysctl.d for who switched them off`;
    return [{ what: `${title} namespaces are switched off: ${limit} is 0`, remedy, fatal: true }];
  });
}

/** What a start needs of rights and kernel. @param proc where procfs is */
export function kernelObstacles(files: Reading, proc: string): readonly Obstacle[] {
  return [...rightsObstacles(files, proc), ...idObstacles(files, proc), ...namespaceObstacles(files, proc)];
}
