// The parameters of one container seen whole: what its file says, what holds by it, what the kernel has and counts, and what becomes of a
// change. Knows how the two compare; refuses to change anything.
import type { Counted } from '../account/beancounters.ts';
import type { Vitals } from '../account/vitals.ts';
import type { Limits } from '../cgroup/face.ts';
import { type Badge, badgeOf } from '../spec/params/enforcer.ts';
import { PARAMS, type Section, sectionOf } from '../spec/params/table.ts';
import type { Param } from '../spec/params/types.ts';
import { PAGE, printPair, UNLIMITED } from '../spec/units.ts';
import type { CtConfig } from '../store/registry.ts';

export interface CtParameter {
  readonly key: string;
  readonly param: Param;
  readonly section: Section;
  /** Canonical, as the container's own file has it; null where that says nothing. */
  readonly own: string | null;
  /** What holds by the files: its own value, else that of vz.conf; null where both say nothing. */
  readonly file: string | null;
  /** What holds where no file says anything, as a config would say it; null where nothing does. */
  readonly derived: string | null;
  /** What the kernel has, as a config would say it; null where nobody tells, or nothing runs. */
  readonly live: string | null;
  /** What is used of it, in the parameter's unit; null where nobody counts, or nothing runs. */
  readonly held: Counted | null;
  readonly badge: Badge;
  /** The kernel has another value than the files lead to. */
  readonly drift: boolean;
}

/** What is known of a running container. */
export interface Running {
  readonly vitals: Vitals;
  readonly counted: ReadonlyMap<string, Counted>;
}

const count = (n: number | null): string => (n === null ? 'unlimited' : String(n));
const pages = (bytes: number | null): string =>
  printPair({ barrier: 0n, limit: bytes === null ? UNLIMITED : BigInt(Math.floor(bytes)) / PAGE });

/** The smaller one of CPULIMIT and CPUS is what the kernel gets. */
function percentOf({ cpulimit, cpus }: Limits): string {
  const bounds = [cpulimit, cpus * 100].filter((n) => n > 0);
  return String(bounds.length === 0 ? 0 : Math.min(...bounds));
}

interface Told {
  /** What the files lead to, in the same words as `live`. */
  readonly wanted: (limits: Limits) => string;
  readonly live: (vitals: Vitals) => string | null;
  /** Differences that are the kernel's rounding. */
  readonly near?: (wanted: string, live: string) => boolean;
}

/** On v1 at least a page lies between the limit of memory and that of memory and swap. */
const onePage = (wanted: string, live: string): boolean => wanted === '0' && live === '0:1';
/** Shares and weights are coarser than units, and end earlier. */
const rounded = (wanted: string, live: string): boolean =>
  Math.abs(Number(wanted) - Number(live)) <= 10 || (Number(wanted) > Number(live) && Number(live) >= 100_000);

const TOLD: Readonly<Record<string, Told>> = {
  NUMPROC: { wanted: ({ numproc }) => count(numproc), live: ({ numproc }) => count(numproc.limit) },
  PHYSPAGES: { wanted: ({ memory }) => pages(memory), live: ({ memory }) => pages(memory.limit) },
  SWAPPAGES: { wanted: ({ swap }) => pages(swap), live: ({ swap }) => (swap === null ? null : pages(swap.limit)), near: onePage },
  CPULIMIT: { wanted: percentOf, live: ({ cpu }) => (cpu === null ? null : String(cpu.limit ?? 0)) },
  CPUUNITS: { wanted: ({ cpuunits }) => String(cpuunits), live: ({ cpu }) => (cpu === null ? null : String(cpu.units)), near: rounded },
};

/** All parameters, in the order of the table. `limits`: what the files lead to; `running`: null while it does not run. */
export function ctParameters(config: CtConfig, limits: Limits, running: Running | null): readonly CtParameter[] {
  return PARAMS.map((param) => {
    const { key } = param;
    const told = TOLD[key];
    const own = config.own.get(key) ?? null;
    const file = config.values.get(key) ?? null;
    const wanted = told?.wanted(limits) ?? null;
    const found = running === null ? null : (told?.live(running.vitals) ?? null);
    const near = wanted !== null && found !== null && told?.near?.(wanted, found) === true;
    const live = near ? wanted : found;
    return {
      key,
      param,
      section: sectionOf(param),
      own,
      file,
      derived: file === null ? wanted : null,
      live,
      held: running?.counted.get(key.toLowerCase()) ?? null,
      badge: badgeOf(param),
      drift: live !== null && wanted !== null && live !== wanted,
    };
  });
}
