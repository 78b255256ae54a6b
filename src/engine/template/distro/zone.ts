// The time zone of a container: /etc/localtime, and what its family keeps beside it.
import type { TreeOp } from '../../spec/op.ts';
import { remove, type Seen, symlink, type Wants, write } from '../seen.ts';
import { FAMILIES, type Family } from './families.ts';
import { keep } from './names.ts';

const FILE = '/etc/localtime';
const DATA = '/usr/share/zoneinfo';

export const zoneFiles = (zone: string): Wants => ({
  reads: [FILE, ...FAMILIES.flatMap((family) => family.zone.map(({ path }) => path))],
  looks: [FILE, `${DATA}/${zone}`],
});

/**
 * Where the tree has time zone data its own is linked, as systemd and others want it; otherwise the node's is put in its place.
 * @param data of the node, byte string; "" where the node does not know the zone either
 */
export function zoneChanges(seen: Seen, family: Family, zone: string, data: string): readonly TreeOp[] {
  if (zone === '') return [];
  const own = seen.there(`${DATA}/${zone}`);
  const link = `..${DATA}/${zone}`;
  const linked = seen.link(FILE);
  const same = own ? linked === link || linked === `${DATA}/${zone}` : linked === null && seen.text(FILE) === data;
  const local = own ? symlink(FILE, link) : data === '' ? [] : [remove(FILE), write(FILE, data)];
  return [...(same ? [] : local), ...family.zone.flatMap((kept) => keep(kept, seen, zone))];
}

export const zoneKnown = (seen: Seen, zone: string): boolean => seen.there(`${DATA}/${zone}`);

/** By where its link leads; data that was put in its place has no name. */
export const zoneOf = (seen: Seen): string | null => /\/zoneinfo\/([\w+-]+(?:\/[\w+-]+){0,2})$/.exec(seen.link(FILE) ?? '')?.[1] ?? null;
