// The programs that count what the kernel refuses containers by itself, made once per boot and prefix and kept under names, with one map for all containers;
// they go with the place of their names when no container needs them. Knows how they come to be; what they count is told elsewhere (spec/bpf/denials.ts).
import type { CgroupTopology } from '../cgroup/face.ts';
import { refusal, unpin } from '../host/bpf.ts';
import type { Host } from '../host/port.ts';
import {
  createMap,
  dropElement,
  isNever,
  link,
  loadProgram,
  loadTypes,
  MAP,
  ON_DEMAND,
  openPinned,
  PROGRAM,
  pin,
} from '../spec/bpf/call.ts';
import { DENIAL_MAP, DENIAL_PROGRAMS, DENIALS, denialProgram, parseDenials } from '../spec/bpf/denials.ts';
import type { Op } from '../spec/op.ts';
import { bpfPlace, inBpfPlace } from '../store/bpf-place.ts';
import { patience } from '../watch/timer.ts';
import { openKernelTypes } from './kernel-types.ts';

/** Of programs and map: another set has another name, so that nobody takes what an older engine has left. */
const EDITION = 3;
const CONTAINERS = 16_384;
const [TYPES, COUNTS, PROGRAM_SLOT, LINK] = [0, 1, 2, 3] as const;

/** The set's directory, whether or not it is there: the map `counts`, and a link of its name for each program that this kernel takes. null where no v2 tree holds containers. */
export function denialsIn(host: Pick<Host, 'files' | 'root'>, { unified, top }: Pick<CgroupTopology, 'unified' | 'top'>): string | null {
  const group = unified === null ? null : host.files.stat(`${unified}${top}`);
  return group && `${bpfPlace(host)}/denials_${EDITION}_${group.ino}`;
}

const makeMap = (dir: string): readonly Op[] => [
  { op: 'mkdir', path: dir, mode: 0o700 },
  loadTypes(TYPES, DENIAL_MAP.bytes),
  createMap(COUNTS, {
    type: MAP.hash,
    key: 8,
    value: DENIAL_MAP.size,
    entries: CONTAINERS,
    name: 'vz_denials',
    flags: ON_DEMAND,
    types: { slot: TYPES, ...DENIAL_MAP },
  }),
  pin(COUNTS, `${dir}/counts`),
];

/**
 * Makes them where they are not there, in a directory that takes its name when all that this kernel takes are in it: so nobody asks again for what it refuses. What
 * failed for another reason is tried again by the next start. Throws VzError 'lock-stuck', and what is no answer of the kernel's.
 */
export async function makeDenials(host: Host, topology: CgroupTopology): Promise<void> {
  const { files } = host;
  const isThere = (): boolean => {
    const dir = denialsIn(host, topology);
    return dir === null || files.stat(dir) !== null;
  };
  if (host.planning || isThere()) return;
  const types = openKernelTypes(host);
  await inBpfPlace(host, patience, async () => {
    const dir = denialsIn(host, topology);
    if (dir === null || isThere()) return;
    const top = { id: BigInt(dir.slice(dir.lastIndexOf('_') + 1)), depth: topology.top.split('/').length - 1 };
    const growing = dir.replace(/denials_/, 'growing_denials_');
    unpin(files, growing);
    let failed = await refusal(host, makeMap(growing));
    for (const name of DENIAL_PROGRAMS) {
      const program = failed ? null : denialProgram(name, types, top, COUNTS);
      if (program === null) continue;
      const { attach } = DENIALS[name];
      const { target: of, program: code } = program;
      const unable = await refusal(host, [
        openPinned(COUNTS, `${growing}/counts`),
        loadProgram(PROGRAM_SLOT, { type: PROGRAM.tracing, attach, name: `vz_${name}`.slice(0, 15), license: 'GPL', of, code }),
        link(LINK, PROGRAM_SLOT, null, attach),
        pin(LINK, `${growing}/${name}`),
      ]);
      if (unable && !isNever(unable)) failed = unable;
    }
    types.keep();
    if (failed) unpin(files, growing);
    else files.rename(growing, dir);
  });
}

/** Before a container's groups go: its counts have been kept by then. Throws VzError 'launch-failed'. */
export async function forgetDenials(host: Host, topology: CgroupTopology, id: number): Promise<void> {
  const { unified, top } = topology;
  const [dir, path] = [denialsIn(host, topology), `${unified}${top}/${id}`];
  const group = host.files.stat(path);
  if (host.planning || dir === null || group === null) return;
  if (!parseDenials(host.files.read(`${dir}/counts`) ?? '').has(group.ino)) return;
  await host.launcher.ops({
    ops: [{ op: 'open', slot: TYPES, path }, openPinned(COUNTS, `${dir}/counts`), dropElement(COUNTS, { cgroupIn: TYPES })],
  });
}
