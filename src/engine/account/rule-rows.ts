// Rules of containers' packet filters. Only a process in a container's network can have them listed, so the launcher counts them beside, seldom, and nobody who
// looks again and again waits for it; who looks once asks before (countRules).
import type { CgroupTopology } from '../cgroup/face.ts';
import { groupOf } from '../cgroup/members.ts';
import type { Host } from '../host/port.ts';
import type { Launcher, ProcessId } from '../launcher/launcher.ts';
import type { LiveCt, RowReadings, SourceKind } from './row-source.ts';

type Asking = Pick<Host, 'launcher' | 'uptime'>;

interface Known {
  readonly init: ProcessId;
  /** Of the question, milliseconds. */
  readonly at: number;
  readonly rows: RowReadings;
}

const EVERY = 30_000;
/** Milliseconds of processor time for all containers together: some ten thousand rules. */
const WORK = 200;
const SOURCE = 'rules in its networks';
const NOTHING: RowReadings = {};

/** By container; one answer serves all who look through the same launcher. */
const answers = new WeakMap<Launcher, Map<number, Known>>();
const answersOf = ({ launcher }: Asking): Map<number, Known> => {
  const known = answers.get(launcher) ?? new Map<number, Known>();
  answers.set(launcher, known);
  return known;
};

const isOf = ({ init }: LiveCt, known: Known | undefined): known is Known =>
  known !== undefined && known.init.pid === init.pid && known.init.startTime === init.startTime;

/** Asks now; what is not answered, for whatever reason, is not known. `whole` false: who prints bare figures need not know whether there are more. */
export async function countRules(host: Asking, topology: CgroupTopology, containers: readonly LiveCt[], whole = true): Promise<void> {
  if (containers.length === 0) return;
  const known = answersOf(host);
  const at = host.uptime();
  const counts = await host.launcher
    .rules(
      containers.map(({ id, init }) => ({ init, group: groupOf(topology, id) ?? '' })),
      WORK,
      whole,
    )
    .catch(() => []);
  for (const [n, { id, init }] of containers.entries()) {
    const count = counts[n];
    const atLeast = count?.ok && count.more ? { atLeast: true as const } : {};
    known.set(id, { init, at, rows: count?.ok ? { numiptent: { held: count.rules, ...atLeast, source: SOURCE } } : NOTHING });
  }
}

/** What was answered last, of those that still run. */
export function knownRules(host: Asking, containers: readonly LiveCt[]): ReadonlyMap<number, RowReadings> {
  const known = answersOf(host);
  return new Map(
    containers.flatMap((ct): [number, RowReadings][] => {
      const last = known.get(ct.id);
      return isOf(ct, last) ? [[ct.id, last.rows]] : [];
    }),
  );
}

export const RULE_ROWS: SourceKind = {
  rows: ['numiptent'],
  every: 0,
  // from the node, too
  restless: true,
  open(host, topology) {
    const known = answersOf(host);
    /** Nobody looks only once who looks again. */
    let again = false;
    let asking = false;
    return {
      look(containers) {
        const due = (ct: LiveCt): boolean => {
          const last = known.get(ct.id);
          return !isOf(ct, last) || host.uptime() >= last.at + EVERY;
        };
        const asked = again && !asking && !host.planning ? containers.filter(due) : [];
        again = true;
        if (asked.length > 0) {
          asking = true;
          countRules(host, topology, asked).finally(() => {
            asking = false;
          });
        }
        return knownRules(host, containers);
      },
      forget() {},
      close() {},
    };
  },
};
