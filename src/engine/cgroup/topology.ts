// Which cgroup trees this machine has, which of them a container needs, and where our own part of them begins. Only reads; the service
// that owns our part on a systemd node is started elsewhere (service.ts), and what is missing is put into words elsewhere (obstacles.ts).
import type { Files } from '../host/port.ts';
import type { Op } from '../spec/op.ts';
import type { CgroupTopology, Hierarchy } from './face.ts';
import { type CgroupMount, cgroupMounts } from './mount-info.ts';

export type Reading = Pick<Files, 'read' | 'stat' | 'list'>;

/**
 * v1 controllers for which a container gets a place of its own, and whether a v2 tree beside them makes that unnecessary: it freezes and
 * counts CPU time without any controller. Each further hierarchy costs a directory and two moves at every start.
 */
const NEEDED: Readonly<Record<string, 'always' | 'without v2'>> = {
  pids: 'always',
  memory: 'always',
  cpu: 'always',
  devices: 'always',
  cpuacct: 'without v2',
  freezer: 'without v2',
};

/** What limits act through, and on v2 what is handed on into containers, so that an inner systemd can use it. */
export const USED = ['cpu', 'memory', 'pids', 'io', 'cpuset'] as const;

/** Kernels before 4.15 do not say; these were delegated ever since. */
const DELEGATE_FALLBACK = ['cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control'];

const words = (text: string | null): readonly string[] => (text ?? '').split(/\s+/).filter(Boolean);

const isNamed = (m: CgroupMount): boolean => m.options.some((o) => o.startsWith('name='));

/** Names of all v1 controllers that the kernel knows, from /proc/cgroups; "name=" and flags among mount options are none. */
function v1Names(files: Reading, proc: string): ReadonlySet<string> {
  const lines = (files.read(`${proc}/cgroups`) ?? '').split('\n').filter((line) => line && !line.startsWith('#'));
  return new Set(lines.map((line) => line.split('\t')[0] ?? ''));
}

function hierarchyOf(files: Reading, known: ReadonlySet<string>, m: CgroupMount): Hierarchy {
  const controllers = m.version === 2 ? words(files.read(`${m.mount}/cgroup.controllers`)) : m.options.filter((o) => known.has(o));
  return { version: m.version, mount: m.mount, controllers };
}

function isNeeded(h: Hierarchy, unified: boolean): boolean {
  return h.controllers.some((c) => NEEDED[c] === 'always' || (NEEDED[c] === 'without v2' && !unified));
}

/**
 * Where T is. systemd owns a pure v2 tree whole, and takes controllers away from groups that it does not know: there T is the delegated
 * cgroup of a service. On v1 and hybrid nodes it leaves groups beside its own alone.
 */
function place(files: Reading, mode: CgroupTopology['mode'], tag: string): Pick<CgroupTopology, 'top' | 'service'> {
  const name = tag === '' ? 'vz' : `vz-${tag}`;
  if (mode !== 'v2' || files.stat('/run/systemd/system') === null) return { top: `/${name}`, service: null };
  return { top: `/system.slice/${name}.service`, service: `${name}.service` };
}

/** @param proc where procfs is @param tag of the prefix, "" for the real root */
export function findTopology(files: Reading, proc: string, tag: string): CgroupTopology {
  const mounts = cgroupMounts(files.read(`${proc}/self/mountinfo`) ?? '');
  const known = v1Names(files, proc);
  const trees = mounts.map((m) => ({ m, h: hierarchyOf(files, known, m) }));
  const v2 = trees.find(({ h }) => h.version === 2);
  const v1 = trees.filter(({ h }) => h.version === 1);
  const unified = v2?.h.mount ?? null;
  const mode = v2 ? (v1.some(({ h }) => h.controllers.length > 0) ? 'hybrid' : 'v2') : 'v1';
  const controllers = new Map<string, Hierarchy>();
  for (const { h } of trees) for (const c of h.controllers) controllers.set(c, h);
  const memory = controllers.get('memory');
  return {
    mode,
    unified,
    controllers,
    hierarchies: [...(v2 ? [v2.h] : []), ...v1.filter(({ m, h }) => isNamed(m) || isNeeded(h, v2 !== undefined)).map(({ h }) => h)],
    ...place(files, mode, tag),
    delegate: words(files.read('/sys/kernel/cgroup/delegate') ?? DELEGATE_FALLBACK.join(' ')),
    swap:
      memory !== undefined && files.stat(memory.version === 1 ? `${memory.mount}/memory.memsw.limit_in_bytes` : `${proc}/swaps`) !== null,
    localPidsEvents: v2?.m.options.includes('pids_localevents') ?? false,
  };
}

/** v1 hierarchies in which a container gets a place only when a limit of its own asks for one: sets of CPUs, and input and output. */
const ON_DEMAND = ['cpuset', 'blkio'] as const;

export function onDemandHierarchies({ controllers, hierarchies }: CgroupTopology): readonly Hierarchy[] {
  const found = ON_DEMAND.flatMap((name) => controllers.get(name) ?? []);
  return [...new Set(found)].filter((h) => h.version === 1 && !hierarchies.includes(h));
}

/** Removes T on every hierarchy, with what dead containers left in it; refused by the kernel while anything lives there. */
export function removeTop(topology: CgroupTopology): readonly Op[] {
  return [...topology.hierarchies, ...onDemandHierarchies(topology)].map((h) => ({ op: 'rmCgroup', path: `${h.mount}${topology.top}` }));
}
