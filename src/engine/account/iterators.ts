// The kernel's iterators over tasks, open files and containers' counters, made once per boot and prefix and kept under a name: whoever opens one gets a pass over all
// containers. Knows how they come to be; what a record says is told elsewhere (spec/bpf/passes.ts).
import type { CgroupTopology } from '../cgroup/face.ts';
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import type { Btf } from '../spec/bpf/btf.ts';
import { createMap, link, loadProgram, PROGRAM, pin } from '../spec/bpf/call.ts';
import { type CounterPlaces, type Counting, countingTaskProgram } from '../spec/bpf/counters.ts';
import { fileProgram, type GroupPlace, type IteratorProgram, taskProgram } from '../spec/bpf/iterators.ts';
import { bpfPlace, inBpfPlace } from '../store/bpf-place.ts';
import { patience } from '../watch/timer.ts';
import { openKernelTypes } from './kernel-types.ts';

/** BPF_TRACE_ITER of linux/bpf.h. */
const TRACE_ITER = 28;

/** Of what the programs write: another one has another name, so that nobody reads what an older engine has left. */
const EDITION = 7;

export interface Iterators {
  readonly tasks: string;
  readonly files: string;
}

/** The first that this kernel takes: counters come with tasks where they can. */
const PROGRAMS: Readonly<
  Record<keyof Iterators, readonly ((btf: Btf, top: GroupPlace, places: CounterPlaces) => IteratorProgram | null)[]>
> = {
  tasks: [
    (btf, top, places) => (Object.keys(places).length === 0 ? null : countingTaskProgram(btf, top, places)),
    (btf, top) => taskProgram(btf, top),
  ],
  files: [fileProgram],
};

const depthOf = (top: string): number => top.split('/').length - 1;

const COUNTING: readonly Counting[] = ['memory', 'pids'];

/** Groups of all containers in trees that count. */
function countingPlaces({ files }: Pick<Host, 'files'>, { controllers, top }: CgroupTopology): CounterPlaces {
  const found = COUNTING.flatMap((of) => {
    const h = controllers.get(of);
    const group = h && files.stat(`${h.mount}${top}`);
    return group ? [[of, { id: BigInt(group.ino), depth: depthOf(top), version: h.version }] as const] : [];
  });
  return Object.fromEntries(found);
}

/** Where they are, whether or not they are there; null where no v2 tree holds the containers. */
function namesOf(host: Pick<Host, 'files' | 'root'>, topology: CgroupTopology): Iterators | null {
  const { unified, top } = topology;
  const group = unified === null ? null : host.files.stat(`${unified}${top}`);
  const ids = Object.values(countingPlaces(host, topology)).map(({ id }) => id);
  const named = (what: keyof Iterators): string => `${bpfPlace(host)}/${what}_${EDITION}_${[...ids, group?.ino].join('_')}`;
  return group && { tasks: named('tasks'), files: named('files') };
}

/** Paths that each give one pass to who reads them; null while there are none. */
export function findIterators(host: Pick<Host, 'files' | 'root'>, topology: CgroupTopology): Iterators | null {
  const names = namesOf(host, topology);
  return names && host.files.stat(names.files) && host.files.stat(names.tasks) && names;
}

/**
 * Makes those that are not there, as far as this kernel can: it may not describe its types, lack a field, or refuse a program. Where no container has
 * a record there are none. Throws VzError 'lock-stuck', and what is no answer of the kernel's.
 */
export async function makeIterators(host: Host, topology: CgroupTopology): Promise<void> {
  if (topology.unified === null || host.planning || findIterators(host, topology)) return;
  const types = openKernelTypes(host);
  await inBpfPlace(host, patience, async () => {
    const names = namesOf(host, topology);
    if (names === null || findIterators(host, topology)) return;
    const top = { id: BigInt(names.tasks.slice(names.tasks.lastIndexOf('_') + 1)), depth: depthOf(topology.top) };
    const places = countingPlaces(host, topology);
    for (const what of ['tasks', 'files'] as const)
      for (const programOf of PROGRAMS[what]) {
        const program = host.files.stat(names[what]) === null ? programOf(types, top, places) : null;
        if (program !== null) await host.launcher.ops({ ops: iteratorOps(what, program, names[what]) }).catch(unlessRefused);
      }
    types.keep();
  }).catch(unlessRefused);
}

/** The kernel's no is no failure. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof VzError && error.code === 'launch-failed')) throw error;
}

const iteratorOps = (name: string, { target, program, maps }: IteratorProgram, path: string) => [
  ...maps.map(({ slot, ...shape }) => createMap(slot, shape)),
  loadProgram(0, { type: PROGRAM.tracing, attach: TRACE_ITER, name, license: 'GPL', of: target, code: program }),
  link(1, 0, null, TRACE_ITER),
  pin(1, path),
];
