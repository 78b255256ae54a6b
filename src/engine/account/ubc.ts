// A container's account as it is shown: what was read of each row beside what its config allows and who holds it to that. Asks nobody itself.
import type { Values } from '../spec/params/read.ts';
import { boundOf, derivedUbc, memoryOf, pairOf } from '../spec/ubc.ts';
import { heldBy, type Mechanism } from '../spec/ubc-holds.ts';
import { ACCOUNT_ROWS, type CtUbc, type UbcRow } from '../spec/ubc-rows.ts';
import { PAGE, type Pair, UNLIMITED } from '../spec/units.ts';
import type { RowReading, RowReadings } from './row-source.ts';

/** What of the node an account depends on. */
export interface UbcNode {
  /** null: nobody has tried yet. */
  has(): ReadonlySet<Mechanism> | null;
  /** Limits where a config says nothing, or that there is none, by row. */
  readonly limits: Readonly<Record<string, number>>;
}

const NONE: Pair = { barrier: UNLIMITED, limit: UNLIMITED };
/** Nobody is promised anything who has not been promised something. */
const NO_GUARANTEE: Pair = { barrier: 0n, limit: UNLIMITED };
const GUARANTEES: ReadonlySet<string> = new Set(['vmguarpages', 'oomguarpages']);

const pages = (bytes: number | null): Pair => ({ barrier: 0n, limit: bytes === null ? UNLIMITED : BigInt(Math.ceil(bytes)) / PAGE });

/** Barrier and limit of each row as its config says them, or as they follow from it. */
export function pairsOf(values: Values, { limits }: Pick<UbcNode, 'limits'>): ReadonlyMap<string, Pair> {
  const derived = derivedUbc(values);
  const { ram, swap } = memoryOf(values);
  const follows: Readonly<Record<string, Pair>> = { physpages: pages(ram), swappages: pages(swap) };
  return new Map(
    ACCOUNT_ROWS.map((name) => {
      const key = name.toUpperCase();
      const own = pairOf(values.get(key)) ?? pairOf(derived.get(key)) ?? follows[name];
      const fixed = limits[name];
      if (fixed !== undefined && (own === undefined || boundOf(name, own) >= UNLIMITED))
        return [name, { barrier: BigInt(fixed), limit: BigInt(fixed) }];
      return [name, own ?? (GUARANTEES.has(name) ? NO_GUARANTEE : NONE)];
    }),
  );
}

/** What the kernel holds the container to comes before what its file says: a limit may have been set without --save. */
function present(name: string, pair: Pair, told: number | undefined): Pair {
  const live = told === undefined || Number.isFinite(told) ? BigInt(told ?? 0) : UNLIMITED;
  if (told !== undefined && GUARANTEES.has(name)) return { barrier: live, limit: pair.limit };
  if (told === undefined || live === boundOf(name, pair)) return { barrier: pair.barrier, limit: pair.limit };
  return { barrier: pair.barrier === pair.limit ? live : pair.barrier, limit: live };
}

/** Of these it depends on a container's own start whether it has them: where it runs it has those that its reading says. */
const OF_STARTS: ReadonlySet<Mechanism> = new Set(['bpf-sockets', 'bpf-refusals']);
const surely = (has: ReturnType<UbcNode['has']>): typeof has => has && new Set([...has].filter((one) => !OF_STARTS.has(one)));

function rowOf(name: string, pair: Pair, reading: RowReading, has: ReturnType<UbcNode['has']>): UbcRow {
  const { held = 0, atLeast, maxheld = held, failcnt = 0, source = 'none', failSource = 'none', by } = reading;
  const { enforced, reason } = heldBy(name, has, by);
  const { barrier, limit } = present(name, pair, reading.limit);
  const row = { name, held, maxheld, barrier, limit, failcnt, source, failSource, enforced, reason };
  return atLeast === undefined ? row : { ...row, atLeast };
}

const NOTHING: RowReadings = {};

export interface UbcOrder {
  readonly id: number;
  readonly values: Values;
  /** null: it does not run. */
  readonly rows: RowReadings | null;
}

/** For somebody who looks again and again: an account in which nothing has changed is the same object as before. */
export function openUbc(node: UbcNode): (order: UbcOrder) => CtUbc {
  const known = new Map<number, { readonly order: UbcOrder; readonly pairs: ReadonlyMap<string, Pair>; readonly ubc: CtUbc }>();
  let has = node.has();
  let hasLive = surely(has);
  return (order) => {
    const { id, values, rows } = order;
    if (has !== node.has()) {
      has = node.has();
      hasLive = surely(has);
      known.clear();
    }
    const before = known.get(id);
    const sameConfig = before?.order.values === values;
    if (before && sameConfig && before.order.rows === rows) return before.ubc;
    const pairs = before && sameConfig ? before.pairs : pairsOf(values, node);
    // those that were read, which none of another kind stand beside
    const last = before && sameConfig && rows !== null ? before.order.rows : null;
    const ubc: CtUbc = {
      id,
      running: rows !== null,
      rows: ACCOUNT_ROWS.map((name, i) => {
        const reading = (rows ?? NOTHING)[name];
        const kept = last !== null && last[name] === reading ? before?.ubc.rows[i] : undefined;
        return kept ?? rowOf(name, pairs.get(name) ?? NONE, reading ?? {}, rows === null ? has : hasLive);
      }),
    };
    known.set(id, { order, pairs, ubc });
    return ubc;
  };
}
