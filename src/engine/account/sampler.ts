// The once-a-second look at all containers: summaries from the caller, figures from their accounts, rates between two looks. Has no timer and
// no history; a row in which nothing changed is the same object as in the look before.
import type { Host } from '../host/port.ts';
import type { ListRow } from '../spec/list-fields.ts';
import type { CtState } from '../spec/states.ts';
import type { CtLedger } from '../spec/ubc-ledger.ts';
import { ACCOUNT_ROWS, type CtUbc } from '../spec/ubc-rows.ts';
import { PAGE } from '../spec/units.ts';
import type { Account, Seen } from './account.ts';
import type { Calm } from './calm.ts';
import { listedFields, ofAllLives, wantedFields } from './listed.ts';
import { openNodeFigures } from './node-figures.ts';
import type { LiveCt, RowReading } from './row-source.ts';
import type { CtSample, CtSummary, Sampler } from './sample.ts';
import type { UbcOrder } from './ubc.ts';

/** What a sample shows beside what it is asked for: all that somebody needs who looks once. */
export const GLANCE: readonly string[] = ['numproc', 'physpages'];

const NUMPROC = ACCOUNT_ROWS.indexOf('numproc');
const PHYSPAGES = ACCOUNT_ROWS.indexOf('physpages');
const PAGE_BYTES = Number(PAGE);

/** What a row was made of. */
interface Made {
  readonly row: CtSample;
  readonly summary: CtSummary;
  readonly seen: Seen | undefined;
  readonly ledger: CtLedger | undefined;
  readonly entry: ListRow['entry'] | null;
  /** What the tick was asked for. */
  readonly wish: string;
}

/** A container at one look. */
interface Look {
  readonly row: Made;
  /** When its CPU time was read, milliseconds. */
  readonly at: number;
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

/** Refusals over all lives where somebody knows of them. */
function usedOf(
  { held = 0, limit = Number.POSITIVE_INFINITY, failcnt = 0 }: RowReading = {},
  all: { readonly failcnt: number } = { failcnt },
  unit = 1,
): CtSample['numproc'] {
  return { held: held * unit, limit: limit === Number.POSITIVE_INFINITY ? null : limit * unit, failcnt: all.failcnt };
}

/** Of two values of one type: objects with the same keys, lists perhaps of other lengths. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  for (const key in b) if (!same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false;
  return true;
}

/** But for how long it runs, which is another one in each look. */
function sameSummary(a: CtSummary, b: CtSummary): boolean {
  for (const key in b) if (key !== 'uptime' && a[key as keyof CtSummary] !== b[key as keyof CtSummary]) return false;
  return true;
}

/** Accounts over all lives. */
export interface SightLedger {
  /** See SampledLedger; `seen`: of the same look. */
  look(raw: readonly CtUbc[], seen: ReadonlyMap<number, Seen>): ReadonlyMap<number, CtLedger>;
  close(): void;
}

/** What a sampler looks through. */
export interface Sight {
  /** What has happened to all containers. */
  readonly calm: { look(): Calm; close(): void };
  /** All of them as they are now, in any order. */
  list(calm: Calm): readonly CtSummary[];
  /** What is known of one of these beyond its summary. */
  entry(id: number): ListRow['entry'] | null;
  /** Their accounts. */
  readonly account: Account;
  /** An account as it is shown, of its present life alone. */
  ubc(order: UbcOrder): CtUbc;
  /** Takes note of all of them, and adds what was before: what is not looked at now has no history later. null: for somebody who looks once. */
  readonly ledger: SightLedger | null;
}

export function openSampler(host: Host, sight: Sight): Sampler {
  const node = openNodeFigures(host.files, host.proc);
  let looks = new Map<number, Look>();

  /** Percent of one CPU since the look before; null at the first of a start. */
  const cpuSince = (before: Look | undefined, seen: Seen, at: number): number | null => {
    const last = before?.row.seen;
    const elapsed = before && last?.start === seen.start ? (at - before.at) * USEC_PER_MS : 0;
    return elapsed > 0 && last ? tenths((100 * (seen.cpuUsec - last.cpuUsec)) / elapsed) : null;
  };

  const figuresOf = (summary: CtSummary, seen: Seen, ubc: CtLedger | undefined, cpu: number | null): Figures => ({
    state: stateBy(seen.frozen, summary.state),
    numproc: usedOf(seen.rows['numproc'], ubc?.rows[NUMPROC]),
    memory: usedOf(seen.rows['physpages'], ubc?.rows[PHYSPAGES], PAGE_BYTES),
    cpu,
  });

  const ledgersOf = (list: readonly CtSummary[], seen: ReadonlyMap<number, Seen>): ReadonlyMap<number, CtLedger> => {
    if (sight.ledger === null) return new Map();
    const accounts = list.flatMap(({ id }): CtUbc[] => {
      const values = sight.entry(id)?.values;
      return values === undefined ? [] : [sight.ubc({ id, values, rows: seen.get(id)?.rows ?? null })];
    });
    return sight.ledger.look(accounts, seen);
  };

  return {
    tick(names = [], whole = false) {
      const wanted = wantedFields(names);
      const wish = `${whole} ${names.join(' ')}`;
      const calm = sight.calm.look();
      const list = sight.list(calm);
      const live = list.flatMap(({ id, init }): LiveCt[] => (init === null ? [] : [{ id, init }]));
      const found = sight.account.look(live, calm);
      const ledgers = ledgersOf(list, found);
      const at = host.uptime();

      const rowOf = (summary: CtSummary, before: Look | undefined): Made => {
        const { id } = summary;
        const [seen, ledger, last] = [found.get(id), ledgers.get(id), before?.row];
        const uptime = shownUptime(summary.uptime);
        const cpu = seen === undefined ? null : cpuSince(before, seen, at);
        const entry = names.length > 0 ? sight.entry(id) : null;
        const made = { summary, seen, ledger, entry, wish };
        const still = last && last.seen === seen && last.ledger === ledger && last.entry === entry && last.wish === wish;
        if (still && last.row.cpu === cpu && last.row.uptime === uptime && sameSummary(last.summary, summary)) return last;
        const figures = seen === undefined ? NOTHING : figuresOf(summary, seen, ledger, cpu);
        const now = seen?.rows ?? null;
        const told = entry && now && ledger ? ofAllLives(now, ledger) : now;
        const fields = entry && listedFields({ ...entry, state: summary.state, uptime }, told, wanted);
        const ubc = whole ? ledger : undefined;
        const row: CtSample = { ...summary, uptime, ...figures, ...(fields && { fields }), ...(ubc && { ubc }) };
        // another account is another row
        const equal = last && (!whole || last.ledger === ledger) && same(last.row, row);
        return { ...made, row: equal ? last.row : row };
      };

      const next = new Map<number, Look>();
      const containers: CtSample[] = [];
      for (const summary of list) {
        const row = rowOf(summary, looks.get(summary.id));
        next.set(summary.id, { row, at });
        containers.push(row.row);
      }
      looks = next;
      containers.sort((a, b) => a.id - b.id);
      return { at: host.now(), ...node.read(), containers };
    },
    close() {
      sight.calm.close();
      sight.account.close();
      sight.ledger?.close();
      node.close();
    },
  };
}
