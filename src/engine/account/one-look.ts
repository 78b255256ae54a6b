// The accounts of containers for somebody who looks once, as a command does: rows put together from the same sources as those of account.ts, and nothing is
// kept open or in mind for a second look.
import type { CgroupTopology } from '../cgroup/face.ts';
import { type Glance, glances } from '../cgroup/usage.ts';
import type { Host } from '../host/port.ts';
import { controlReading, quantitiesOf } from './control-rows.ts';
import { groupNumbers } from './group-numbers.ts';
import { openTaskPass } from './iterator-rows.ts';
import { type LiveCt, merged, type RowReading, type RowReadings, readingsOf, type SourceKind } from './row-source.ts';
import { openToldCounters } from './told-counters.ts';

/** A pass over all tasks of the node costs as much as the files of so many containers. */
const MANY = 8;

interface Looked {
  readonly ct: LiveCt;
  readonly glance: Glance;
  /** In the order of the sources. */
  readonly told: { readonly readings: RowReadings }[];
}

function rowsOf({ glance, told }: Looked, names: readonly string[]): RowReadings {
  const rows: Record<string, RowReading> = {};
  for (const name of names) {
    const row = merged(readingsOf(name, told, controlReading(name, glance.usage, glance)));
    if (row === null) continue;
    row.maxheld = Math.max(row.held ?? 0, row.maxheld ?? 0);
    rows[name] = row;
  }
  return rows;
}

/**
 * Of a container whose groups are gone there is nothing.
 * @param names rows that are wanted: nothing is opened that none of them needs
 */
export function lookOnce(
  host: Host,
  topology: CgroupTopology,
  names: readonly string[],
  kinds: readonly SourceKind[],
  containers: readonly LiveCt[],
): ReadonlyMap<number, RowReadings> {
  const quantities = [...new Set(names.flatMap(quantitiesOf))];
  // whether its groups are there is asked in any case
  const glance = glances(host.files, topology, quantities.length > 0 ? quantities : ['cpuUsec']);
  const groups = groupNumbers(host, topology);
  const tasks = openTaskPass(host, topology);
  const counted = containers.length < MANY ? null : openToldCounters(host, topology, quantities, groups, tasks.read);
  const counters = counted?.(containers.map(({ id }) => id));
  const looked = containers.flatMap((ct): Looked[] => {
    const found = glance(ct.id, counters?.get(ct.id));
    return found === null ? [] : [{ ct, glance: found, told: [] }];
  });
  for (const kind of kinds) {
    const wanted = kind.rows.filter((name) => names.includes(name));
    const unknown = ({ told }: Looked): boolean => wanted.some((row) => !told.some(({ readings }) => readings[row]?.held !== undefined));
    const due = kind.otherwise ? looked.filter(unknown) : looked;
    const source = wanted.length === 0 || due.length === 0 ? null : kind.open(host, topology, wanted, groups, tasks.read);
    if (source === null) continue;
    const found = source.look(due.map(({ ct }) => ct));
    for (const { ct, told } of due) told.push({ readings: found.get(ct.id) ?? {} });
    source.close();
  }
  return new Map(looked.map((one) => [one.ct.id, rowsOf(one, names)]));
}
