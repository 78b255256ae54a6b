// Rows that control groups count, in OpenVZ's units and under its names: one table of quantities per row. One look, no history.
import type { Quantity, Usage } from '../cgroup/quantities.ts';
import type { Glance } from '../cgroup/usage.ts';
import { PAGE } from '../spec/units.ts';
import type { RowReading } from './row-source.ts';

interface ControlRow {
  /** Added up; those that nobody tells count nothing. */
  readonly held: readonly Quantity[];
  readonly maxheld?: Quantity;
  readonly failcnt?: Quantity;
  readonly limit?: Quantity;
  /** Bytes per unit; processes are counted one by one. */
  readonly unit: number;
  /** What has to be known of the figure. */
  readonly note?: string;
}

const PAGES = Number(PAGE);

export const CONTROL_ROWS: Readonly<Record<string, ControlRow>> = {
  kmemsize: { held: ['kernel'], maxheld: 'kernelPeak', unit: 1 },
  lockedpages: { held: ['locked'], unit: PAGES },
  shmpages: { held: ['shared'], unit: PAGES },
  numproc: { held: ['numproc'], maxheld: 'numprocPeak', failcnt: 'numprocFail', limit: 'numprocLimit', unit: 1 },
  physpages: { held: ['memory'], maxheld: 'memoryPeak', failcnt: 'memoryFail', limit: 'memoryLimit', unit: PAGES },
  // what the guarantee is about is RAM and swap; what it fails with are kills
  oomguarpages: { held: ['memory', 'swap'], maxheld: 'bothPeak', failcnt: 'oomKill', limit: 'guaranteeLimit', unit: PAGES },
  tcpsndbuf: { held: ['tcp'], maxheld: 'tcpPeak', unit: 1, note: 'both directions' },
  dcachesize: { held: ['reclaimable'], unit: 1 },
  swappages: { held: ['swap'], maxheld: 'swapPeak', failcnt: 'swapFail', limit: 'swapLimit', unit: PAGES },
};

/** What a row is made of; nothing for one that no control file tells. */
export function quantitiesOf(name: string): readonly Quantity[] {
  const row = CONTROL_ROWS[name];
  return row === undefined ? [] : [...row.held, row.maxheld ?? [], row.failcnt ?? [], row.limit ?? []].flat();
}

/** A highest value waits in the kernel until somebody looks, and limits change from outside only. */
export const isPatient = (quantity: Quantity): boolean => /(Peak|Limit)$/.test(quantity);

/** Parts of memory: the kernel adds them up while somebody waits, ten times as dear as one number. */
export const isDear = (quantity: Quantity): boolean => ['kernel', 'locked', 'shared', 'reclaimable', 'tcp'].includes(quantity);

/** "a + b"; where b is told as "c - a", which version 1 does of swap, that is c. */
const sumOf = (names: readonly string[]): string =>
  names.reduce((sum, name) => (name.endsWith(` - ${sum}`) ? name.slice(0, -` - ${sum}`.length) : `${sum} + ${name}`));

type From = Glance['from'];

/** Of each row what it was last made of, and how that is written: the same for nearly all containers and looks. */
const written = new Map<string, { readonly told: readonly (string | undefined)[]; readonly text: string }>();

function sourceText(name: string, { held, note }: ControlRow, from: From): string {
  const known = written.get(name);
  if (known !== undefined && held.every((q, i) => from[q] === known.told[i])) return known.text;
  const told = held.map((q) => from[q]);
  const text = sumOf(told.flatMap((one) => one ?? [])) + (note === undefined ? '' : `, ${note}`);
  written.set(name, { told, text });
  return text;
}

/** undefined where no control file tells it. */
const figureOf = (usage: Partial<Usage>, from: From, q: Quantity | undefined): number | undefined =>
  q === undefined || from[q] === undefined ? undefined : usage[q];

/** null where no control file tells it. `usage`: what `counters` has read. */
export function controlReading(name: string, usage: Partial<Usage>, { from }: Pick<Glance, 'from'>): RowReading | null {
  const row = CONTROL_ROWS[name];
  if (row === undefined || row.held.every((q) => from[q] === undefined)) return null;
  const held = row.held.reduce((sum, q) => sum + (figureOf(usage, from, q) ?? 0), 0);
  const most = figureOf(usage, from, row.maxheld);
  const failcnt = figureOf(usage, from, row.failcnt);
  const limit = figureOf(usage, from, row.limit);
  return {
    held: Math.ceil(held / row.unit),
    source: sourceText(name, row, from),
    ...(most === undefined ? {} : { maxheld: Math.ceil(most / row.unit) }),
    ...(failcnt === undefined ? {} : { failcnt, failSource: from[row.failcnt as Quantity] ?? '' }),
    ...(limit === undefined ? {} : { limit: Math.floor(limit / row.unit) }),
  };
}
