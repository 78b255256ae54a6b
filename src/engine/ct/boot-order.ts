// Which containers come up with the node, and in which order they come up and go down: ONBOOT, BOOTORDER, DISABLED, and who was up when the node
// went down. Pure.
import type { Values } from '../spec/params/read.ts';

interface Ordered {
  readonly id: number;
  readonly values: Values;
}

/** yes: always; no: never; nothing said: if it was running when the node went down. */
export function startsAtBoot({ id, values }: Ordered, wasUp: ReadonlySet<number>): boolean {
  const onboot = values.get('ONBOOT');
  return values.get('DISABLED') !== 'yes' && (onboot === 'yes' || (onboot !== 'no' && wasUp.has(id)));
}

/** Without a BOOTORDER last of all. */
const orderOf = ({ values }: Ordered): number => Number(values.get('BOOTORDER') ?? -1);

/** Those of one BOOTORDER together, the highest order first; within it by id. */
export function bootGroups<T extends Ordered>(containers: readonly T[]): readonly (readonly T[])[] {
  const groups = new Map<number, T[]>();
  for (const ct of containers.toSorted((a, b) => orderOf(b) - orderOf(a) || a.id - b.id))
    groups.set(orderOf(ct), [...(groups.get(orderOf(ct)) ?? []), ct]);
  return [...groups.values()];
}
