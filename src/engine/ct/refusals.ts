// The programs that refuse in the kernel's place, from the first start to the last end: made once for all containers of a prefix, each container put
// under them before anybody lives in it, and gone when nobody needs them. Kernels that let no program answer for them are not asked twice per boot.
import { openKernelTypes } from '../account/kernel-types.ts';
import type { CgroupTopology } from '../cgroup/face.ts';
import { changeLimits, holdGroup, letGo, makeRefusals, type RefusalLimits, refusalsIn, refusedRows } from '../cgroup/refusals.ts';
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { REFUSED, type Refused } from '../spec/bpf/refusal-frame.ts';
import { parseRefusalLimits } from '../spec/bpf/refusals.ts';
import type { Op } from '../spec/op.ts';
import type { Values } from '../spec/params/read.ts';
import { boundOf, derivedUbc, pairOf } from '../spec/ubc.ts';
import { UNLIMITED } from '../spec/units.ts';
import { bpfPlace, inBpfPlace } from '../store/bpf-place.ts';
import { patience } from '../watch/timer.ts';
import { refusedForGood } from './refused-for-good.ts';

export interface Refusals {
  /** What is done once the container's cgroup is there and nobody lives in it; [] where the kernel lets no program refuse. Throws what has failed. */
  hold(id: number, limits: RefusalLimits): Promise<readonly Op[]>;
  /** What a running container is held to; null where it is under no programs. */
  held(id: number): RefusalLimits | null;
  /** Throws VzError 'launch-failed'. */
  change(id: number, limits: RefusalLimits): Promise<void>;
  /** Before its groups go. */
  forget(id: number): Promise<void>;
}

/** What of a config programs can refuse beyond. */
export function refusalLimitsOf(values: Values): RefusalLimits {
  const derived = derivedUbc(values);
  const bound = (row: Refused): number => {
    const key = row.toUpperCase();
    const pair = pairOf(values.get(key)) ?? pairOf(derived.get(key));
    const most = pair === null ? UNLIMITED : boundOf(row, pair);
    return most >= UNLIMITED ? Number.POSITIVE_INFINITY : Number(most);
  };
  return Object.fromEntries(REFUSED.map((row) => [row, bound(row)]));
}

export function openRefusals(host: Host, topology: () => CgroupTopology): Refusals {
  const { files } = host;
  const dir = (): string => refusalsIn(bpfPlace(host), topology());
  const refused = refusedForGood(host, 'refusals');
  const groupOf = (id: number): string => `${topology().unified}${topology().top}/${id}`;

  const ready = async (): Promise<boolean> => {
    if (host.planning || topology().unified === null || refused.known()) return false;
    const made = await inBpfPlace(host, patience, async () => {
      if (files.stat(dir())) return 'whole';
      const types = openKernelTypes(host);
      const answer = await makeRefusals(host, topology(), dir(), types);
      types.keep();
      return answer;
    });
    if (made === 'never') refused.note();
    return made === 'whole';
  };

  return {
    async hold(id, limits) {
      return (await ready()) ? holdGroup(dir(), groupOf(id), limits) : [];
    },
    held(id) {
      const group = files.stat(groupOf(id));
      const rows = group ? refusedRows(files, dir()) : [];
      const limits = rows.length === 0 ? undefined : parseRefusalLimits(files.read(`${dir()}/limits`) ?? '').get(group?.ino ?? 0);
      return limits === undefined ? null : Object.fromEntries(rows.map((row) => [row, limits[row]]));
    },
    change: (id, limits) => host.launcher.ops({ ops: changeLimits(dir(), groupOf(id), limits) }),
    async forget(id) {
      if (host.planning || files.stat(dir()) === null || files.stat(groupOf(id)) === null) return;
      await host.launcher.ops({ ops: letGo(dir(), groupOf(id)) }).catch((error: unknown) => {
        // it was started before there were programs
        if (!(error instanceof VzError)) throw error;
      });
    },
  };
}
