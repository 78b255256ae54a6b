// The weight of our top among the node's other groups: the only thing of ours that says how the node stands to its containers. Groups of the
// node itself are never touched.
import { sharesOf, unitsOfShares, unitsOfWeight, weightOf } from './cpu.ts';
import type { CgroupTopology, TopShare } from './face.ts';
import type { Reading } from './topology.ts';

/** The node's units against the 1000 of every other group, seen from the containers' side. */
const turned = (units: number): number => 1_000_000 / units;

export function topShare(files: Reading, topology: CgroupTopology, node: number): TopShare | null {
  const h = topology.controllers.get('cpu');
  if (h === undefined) return null;
  const path = `${h.mount}${topology.top}/${h.version === 1 ? 'cpu.shares' : 'cpu.weight'}`;
  const there = files.read(path);
  const text = String(h.version === 1 ? sharesOf(turned(node)) : weightOf(turned(node)));
  const unitsOf = h.version === 1 ? unitsOfShares : unitsOfWeight;
  const { service } = topology;
  return {
    path,
    text,
    // rounded on the way: what stands there for these units is these units
    now: there === null ? null : there.trim() === text ? node : Math.round(turned(unitsOf(Number(there)))),
    service: service === null ? null : { unit: service, property: `CPUWeight=${text}` },
  };
}
