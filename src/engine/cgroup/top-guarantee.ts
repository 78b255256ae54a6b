// What lets a container's guarantee of memory through: the kernel gives a group no more protection than the groups above it have. So each level
// above the containers guarantees what they are promised together.
import type { CgroupTopology, GuaranteeLevel } from './face.ts';
import type { Reading } from './topology.ts';

const bytesIn = (text: string | null): number => (text === null ? 0 : text.startsWith('max') ? Number.POSITIVE_INFINITY : Number(text));

/** From the root down to T, as it must be when container `id` is promised `bytes`; [] on v1, which has no guarantee. */
export function guaranteeLevels(files: Reading, topology: CgroupTopology, id: number, bytes: number): readonly GuaranteeLevel[] {
  const h = topology.controllers.get('memory');
  if (h === undefined || h.version === 1) return [];
  const low = (group: string): number => bytesIn(files.read(`${h.mount}${group}/memory.low`));
  const others = (files.list(`${h.mount}${topology.top}`) ?? []).filter((name) => /^\d+$/.test(name) && name !== String(id));
  const promised = others.reduce((sum, name) => sum + low(`${topology.top}/${name}`), bytes);
  const names = topology.top.split('/').filter(Boolean);
  return names.map((name, depth) => {
    const group = `/${names.slice(0, depth + 1).join('/')}`;
    const now = low(group);
    // What an administrator has promised to a whole slice stays; T is ours alone.
    const wanted = depth === names.length - 1 ? promised : Math.max(now, promised);
    return { path: `${h.mount}${group}/memory.low`, unit: topology.service === null ? null : name, now, wanted };
  });
}
