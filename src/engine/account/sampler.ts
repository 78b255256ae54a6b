// The once-a-second look at all containers: summaries from the caller, figures from the kernel through files that stay open, rates between
// two looks. Has no timer and no history; a row in which nothing changed is the same object as in the look before.
import type { CgroupTopology } from '../cgroup/face.ts';
import { type Counters, openCounters, type Quantity } from '../cgroup/usage.ts';
import type { Host } from '../host/port.ts';
import type { ListRow } from '../spec/list-fields.ts';
import type { CtState } from '../spec/states.ts';
import { openListed, wantedFields } from './listed.ts';
import { openNodeFigures } from './node-figures.ts';
import type { CtSample, CtSummary, Sampler } from './sample.ts';

/** Read at each look. */
const RESTLESS = ['memory', 'cpuUsec', 'frozen'] as const;
/** Read when the container has run since the last look: only its own processes are born, die and are refused. Limits come along. */
const MOVED = ['numproc', 'numprocLimit', 'numprocFail', 'memoryLimit', 'memoryFail'] as const;
/** What somebody outside did to a container that sleeps (set its limits, moved a process in) is seen after so many looks at the latest. */
const LOOKS_TO_REREAD = 5;

/** A container of one start: counters of the next start are others, even with the same files' names. */
interface Watched {
  readonly start: string;
  readonly restless: Counters<(typeof RESTLESS)[number]>;
  readonly moved: Counters<(typeof MOVED)[number]>;
  last: ReturnType<Watched['moved']['read']>;
  cpu: { readonly usec: number; readonly at: number } | null;
}

type Figures = Pick<CtSample, 'numproc' | 'memory' | 'cpu'> & Partial<Pick<CtSample, 'state'>>;

/** No file that the list is watched by changes when a container freezes: its freezer has the last word. */
function stateBy(frozen: boolean, state: CtState): CtState {
  if (state !== 'running' && state !== 'frozen') return state;
  return frozen ? 'frozen' : 'running';
}

const NOTHING: Figures = {
  numproc: { held: 0, limit: null, failcnt: 0 },
  memory: { held: 0, limit: null, failcnt: 0 },
  cpu: null,
};

const MINUTE = 60;
const USEC_PER_MS = 1000;

/** Seconds in the first minute, then whole minutes: what nobody is shown must not make a row another one each second. */
export function shownUptime(seconds: number): number {
  const whole = Math.floor(seconds);
  return whole < MINUTE ? whole : whole - (whole % MINUTE);
}

/** Tenths of a percent: finer is noise. */
const tenths = (percent: number): number => Math.round(percent * 10) / 10;

const limitOf = (n: number): number | null => (n === Number.POSITIVE_INFINITY ? null : n);

/** Of two values of one type: objects with the same keys, lists perhaps of other lengths. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  for (const key in b) if (!same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false;
  return true;
}

function startOf({ init }: CtSummary): string | null {
  return init && `${init.pid} ${init.startTime}`;
}

/**
 * @param list all containers as they are now, in any order
 * @param entryOf what is known of one of these beyond its summary
 */
export function openSampler(
  host: Host,
  topology: CgroupTopology,
  list: () => readonly CtSummary[],
  entryOf: (id: number) => ListRow['entry'] | null = () => null,
): Sampler {
  const node = openNodeFigures(host.files, host.proc);
  const listed = openListed(host.files, topology);
  const watched = new Map<number, Watched>();
  let rows = new Map<number, CtSample>();
  let looks = 0;

  const forget = (id: number): void => {
    const gone = watched.get(id);
    gone?.restless.close();
    gone?.moved.close();
    listed.forget(id);
    watched.delete(id);
  };

  const watch = (id: number, start: string): Watched => {
    const known = watched.get(id);
    if (known?.start === start) return known;
    forget(id);
    const open = <Q extends Quantity>(wanted: readonly Q[]): Counters<Q> => openCounters(host.files, topology, id, wanted);
    const fresh: Watched = { start, restless: open(RESTLESS), moved: open(MOVED), last: null, cpu: null };
    watched.set(id, fresh);
    return fresh;
  };

  const look = (summary: CtSummary): Figures => {
    const start = startOf(summary);
    if (start === null) {
      forget(summary.id);
      return NOTHING;
    }
    const ct = watch(summary.id, start);
    const values = ct.restless.read();
    const at = host.uptime();
    const before = ct.cpu;
    // 0: nothing here counts CPU time
    const slept = values !== null && values.cpuUsec !== 0 && values.cpuUsec === before?.usec;
    // in this order: what happens between the two readings shows in the next CPU time
    if (!slept || (summary.id + looks) % LOOKS_TO_REREAD === 0) ct.last = ct.moved.read();
    const { last } = ct;
    if (!values || !last) {
      forget(summary.id);
      return NOTHING;
    }
    ct.cpu = { usec: values.cpuUsec, at };
    const elapsed = before && (at - before.at) * USEC_PER_MS;
    return {
      state: stateBy(values.frozen === 1, summary.state),
      numproc: { held: last.numproc, limit: limitOf(last.numprocLimit), failcnt: last.numprocFail },
      memory: { held: values.memory, limit: limitOf(last.memoryLimit), failcnt: last.memoryFail },
      cpu: before && elapsed ? tenths((100 * (values.cpuUsec - before.usec)) / elapsed) : null,
    };
  };

  return {
    tick(names = []) {
      looks++;
      const wanted = wantedFields(names);
      const next = new Map<number, CtSample>();
      for (const summary of list()) {
        const { id } = summary;
        const uptime = shownUptime(summary.uptime);
        const figures = look(summary);
        const entry = names.length === 0 ? null : entryOf(id);
        const fields = entry && listed.fields({ ...entry, state: summary.state, uptime }, watched.has(id), wanted);
        const row: CtSample = { ...summary, uptime, ...figures, ...(fields && { fields }) };
        const last = rows.get(id);
        next.set(id, last && same(last, row) ? last : row);
      }
      for (const id of watched.keys()) if (!next.has(id)) forget(id);
      rows = next;
      const containers = [...next.values()].sort((a, b) => a.id - b.id);
      return { at: host.now(), ...node.read(), containers };
    },
    close() {
      for (const id of [...watched.keys()]) forget(id);
      listed.close();
      node.close();
    },
  };
}
