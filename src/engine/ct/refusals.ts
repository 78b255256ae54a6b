// The programs that refuse in the kernel's place, from the first start to the last end: made once for all containers of a prefix, each container put
// under them before anybody lives in it, and gone when nobody needs them. Kernels that let no program answer for them are not asked twice per boot.
import { openKernelTypes } from '../account/kernel-types.ts';
import type { CgroupTopology } from '../cgroup/face.ts';
import {
  changeLimits,
  dropRefusals,
  holdGroup,
  letGo,
  makeRefusals,
  type RefusalLimits,
  refusalsIn,
  refusedRows,
} from '../cgroup/refusals.ts';
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import { REFUSED, type Refused } from '../spec/bpf/refusal-frame.ts';
import { parseRefusalLimits } from '../spec/bpf/refusals.ts';
import type { Op } from '../spec/op.ts';
import type { Values } from '../spec/params/read.ts';
import { boundOf, derivedUbc, pairOf } from '../spec/ubc.ts';
import { UNLIMITED } from '../spec/units.ts';
import { bpfPlace, hasBpfPlace, makeBpfPlace } from '../store/bpf-place.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { recordedIds } from '../store/record.ts';
import { bootOf } from './mechanisms.ts';

/** That the kernel has refused all of them since this boot. Where no prefix moves it, since it is the same for all. */
const REFUSED_ALL = '/run/vzdeck-no-refusals';

export interface Refusals {
  /** What is done once the container's cgroup is there and nobody lives in it; [] where the kernel lets no program refuse. */
  hold(id: number, limits: RefusalLimits): Promise<readonly Op[]>;
  /** What a running container is held to; null where it is under no programs. */
  held(id: number): RefusalLimits | null;
  /** Throws VzError 'launch-failed'. */
  change(id: number, limits: RefusalLimits): Promise<void>;
  /** Before its groups go. */
  forget(id: number): Promise<void>;
  /** After the end of a container: the programs go with the last one. */
  drop(): Promise<void>;
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

export function openRefusals(host: Host, node: NodeConfig, topology: () => CgroupTopology): Refusals {
  const { files } = host;
  const dir = (): string => refusalsIn(bpfPlace(host), topology());
  const refused = (): boolean => files.read(REFUSED_ALL) === bootOf(host);
  const groupOf = (id: number): string => `${topology().unified}${topology().top}/${id}`;

  const underLock = async (work: () => Promise<void>): Promise<void> => {
    files.mkdir(`${node.runDir}/lock`, 0o700);
    const lock = await host.launcher.lock(`${node.runDir}/lock/refusals`, { wait: true });
    try {
      await work();
    } finally {
      await lock?.release();
    }
  };

  const ready = async (): Promise<boolean> => {
    if (host.planning || topology().unified === null) return false;
    const known = (): boolean | null => (files.stat(dir()) ? true : refused() ? false : null);
    if (known() === null)
      await underLock(async () => {
        await makeBpfPlace(host);
        if (known() !== null) return;
        const types = openKernelTypes(host);
        const made = await makeRefusals(host, topology(), dir(), types);
        types.keep();
        if (!made) ifRoom(() => files.write(REFUSED_ALL, bootOf(host), 0o644, 'boot'));
      });
    return known() ?? false;
  };

  return {
    async hold(id, limits) {
      const able = await ready().catch((error: unknown) => {
        if (error instanceof VzError) return false;
        throw error;
      });
      return able ? holdGroup(dir(), groupOf(id), limits) : [];
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
    async drop() {
      if (host.planning || !hasBpfPlace(host) || files.stat(dir()) === null || recordedIds(host, node).length > 0) return;
      await underLock(async () => {
        const going = dir().replace('refusals_', 'going_');
        if (files.stat(dir()) === null) return;
        // a start leaves its record before it looks for the name, an end takes the name before it looks for records: one of them sees the other
        files.rename(dir(), going);
        if (recordedIds(host, node).length > 0) files.rename(going, dir());
        else dropRefusals(host, going);
      });
    },
  };
}
