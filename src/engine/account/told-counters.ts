// What control files of containers would say, from the pass over all tasks in place of reading them: only numbers that those of one container have been
// found to say as well. Knows neither rows nor units of beancounters.
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Quantity } from '../cgroup/quantities.ts';
import { sourceOf } from '../cgroup/quantities.ts';
import { type Glance, glances, numberNameOf, type ToldFiles, toldOf } from '../cgroup/usage.ts';
import type { Host } from '../host/port.ts';
import { COUNTER_NAMES, counterRecords } from '../spec/bpf/counters.ts';
import type { GroupNumbers } from './group-numbers.ts';

/** By id; a container of which nothing is told has to be asked itself. */
export type ToldCounters = ReadonlyMap<number, ToldFiles>;

const NOTHING: ToldCounters = new Map();

/** What moves meanwhile lies between. */
const agree = (before: number | undefined, told: number | undefined, after: number | undefined): boolean =>
  before !== undefined && told !== undefined && after !== undefined && told >= Math.min(before, after) && told <= Math.max(before, after);

/** `pass`: of this look. The first look compares one container's numbers with its files. */
export function openToldCounters(
  { files }: Pick<Host, 'files'>,
  topology: CgroupTopology,
  wanted: readonly Quantity[],
  groups: GroupNumbers,
  pass: () => Uint8Array | null,
): (ids: readonly number[]) => ToldCounters {
  // mounted so, the file tells of forks that were refused at a limit above as well
  const all = COUNTER_NAMES.map((name) => (name.startsWith('pids.events.local') && topology.localPidsEvents ? undefined : name));
  const time = wanted.includes('cpuUsec') ? sourceOf(topology, 'cpuUsec') : null;
  /** Each CPU keeps what its groups have used until somebody reads them, or a group above: one reading for all (kernel/cgroup/rstat.c). */
  const addUpTime = (): void => {
    if (time !== null) files.readTrusted(`${time.in.mount}${topology.top}/${time.source.file}`);
  };
  /** Names of those that may be believed; null: nobody has tried yet. */
  let proven: ToldFiles['names'] | null = null;

  const prove = (numbers: Float64Array, id: number, before: Glance, after: Glance): ToldFiles['names'] => {
    const told = { names: all, numbers };
    const quantities = toldOf(topology, wanted, told);
    const glance = glances(files, topology, quantities)(id, told);
    const doubtful = quantities.filter((q) => before.from[q] === undefined || !agree(before.usage[q], glance?.usage[q], after.usage[q]));
    const doubted = new Set(doubtful.flatMap((q) => sourceOf(topology, q)?.source ?? []).map(numberNameOf));
    return all.map((name) => (name !== undefined && doubted.has(name) ? undefined : name));
  };

  return (ids) => {
    const [first] = ids;
    if (first === undefined) return NOTHING;
    const glance = proven === null ? glances(files, topology, wanted) : null;
    const before = glance?.(first);
    addUpTime();
    const records = new Map(counterRecords(pass() ?? new Uint8Array()).map(({ group, numbers }) => [group, numbers]));
    if (records.size === 0) return NOTHING;
    const numbersOf = (id: number): Float64Array | undefined => records.get(groups.of(id) ?? 0);
    if (proven === null) {
      const [numbers, after] = [numbersOf(first), glance?.(first)];
      if (!numbers || !before || !after) return NOTHING;
      proven = prove(numbers, first, before, after);
    }
    const told = new Map<number, ToldFiles>();
    for (const id of ids) {
      const numbers = numbersOf(id);
      if (numbers !== undefined) told.set(id, { names: proven, numbers });
    }
    return told;
  };
}
