// Who holds a container's memory: what is a process's own by its status, what is nobody's by the memory controller. Formats: proc(5),
// Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
import type { CgroupTopology } from '../../cgroup/face.ts';
import { fieldOf } from '../../cgroup/usage.ts';
import type { Holding } from '../../spec/who.ts';
import { quietly } from './scan.ts';
import type { Look } from './sockets.ts';

/** Keys of /proc/PID/status whose sum a process holds, in kilobytes. */
export const held = ({ processes }: Look, what: string, keys: readonly string[], perKilobyte: number): readonly Holding[] =>
  processes.map((process) => ({ what, process, amount: keys.reduce((sum, key) => sum + process.figure(key), 0) * perKilobyte }));

/** What the controller says of all of a container together, in bytes. */
export interface MemoryParts {
  /** Of processes, without what they share. */
  readonly own: number;
  readonly cache: number;
  readonly shared: number;
  readonly kernel: number;
  /** v2 alone tells what of the kernel's memory is what. */
  readonly kernelParts: readonly (readonly [what: string, bytes: number])[];
}

const KERNEL_PARTS = [
  ['slab_reclaimable', 'names and inodes of files'],
  ['slab_unreclaimable', 'the kernel’s part of files, sockets, processes'],
  ['kernel_stack', 'stacks in the kernel'],
  ['pagetables', 'page tables'],
  ['percpu', 'structures for each CPU'],
  ['sock', 'buffers of sockets'],
] as const;

export function memoryParts(files: Look['host']['files'], { controllers, top }: CgroupTopology, id: number): MemoryParts | null {
  const h = controllers.get('memory');
  if (h === undefined) return null;
  const dir = `${h.mount}${top}/${id}`;
  const text = quietly(() => files.read(`${dir}/memory.stat`));
  if (text === null) return null;
  if (h.version === 2) {
    const [file, shared] = [fieldOf(text, 'file'), fieldOf(text, 'shmem')];
    // `file` counts shared memory as well, `kernel` does not count the buffers of sockets
    const kernelParts = KERNEL_PARTS.map(([key, what]) => [what, fieldOf(text, key)] as const);
    return {
      own: fieldOf(text, 'anon'),
      cache: file - shared,
      shared,
      kernel: fieldOf(text, 'kernel') + fieldOf(text, 'sock'),
      kernelParts,
    };
  }
  const shared = fieldOf(text, 'total_shmem');
  const kernel = Number.parseInt(quietly(() => files.read(`${dir}/memory.kmem.usage_in_bytes`)) ?? '', 10) || 0;
  return {
    own: fieldOf(text, 'total_rss'),
    cache: fieldOf(text, 'total_cache') - shared,
    shared,
    kernel,
    kernelParts: [['memory of the kernel', kernel]],
  };
}

const nobody = (what: string, bytes: number, unit: number): Holding => ({ what, process: null, amount: Math.max(0, bytes) / unit });

/** Own memory by process; cache, shared and the kernel's by the controller, since several processes may share it or none. */
export function ram(look: Look, parts: MemoryParts | null, unit: number): readonly Holding[] {
  const own = held(look, 'own memory', ['RssAnon'], 1024 / unit);
  if (parts === null) return own;
  return [
    ...own,
    nobody('page cache, given back when memory is short', parts.cache, unit),
    nobody('shared memory: tmpfs, System V, memfd', parts.shared, unit),
    nobody('memory of the kernel', parts.kernel, unit),
  ];
}

/** Who maps it; what nobody has mapped lies in a tmpfs such as /dev/shm, or in a segment that was left behind. */
export function shared(look: Look, parts: MemoryParts | null, unit: number): readonly Holding[] {
  const mapped = held(look, 'mapped', ['RssShmem'], 1024 / unit);
  const most = mapped.reduce((max, { amount }) => Math.max(max, amount), 0);
  look.note('A segment that several processes map is told with each of them');
  const rest = (parts?.shared ?? 0) / unit - most;
  return rest <= 0 ? mapped : [...mapped, nobody('files of a tmpfs, or segments left behind', rest * unit, unit)];
}

/** Page tables by process, the rest by the controller. */
export function kernelMemory(look: Look, parts: MemoryParts | null): readonly Holding[] {
  const tables = held(look, 'page tables', ['VmPTE'], 1024);
  const told = tables.reduce((sum, { amount }) => sum + amount, 0);
  return [
    ...tables,
    ...(parts?.kernelParts ?? []).flatMap(([what, bytes]) => {
      if (what === 'page tables') return [];
      return [
        nobody(
          what === 'memory of the kernel' ? 'the rest of the kernel’s memory' : what,
          what === 'memory of the kernel' ? bytes - told : bytes,
          1,
        ),
      ];
    }),
  ];
}
