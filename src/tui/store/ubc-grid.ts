// All containers by all beancounters: who is refused what, who is near a bound, the worst first; and which of them the cursor is on. Pure.
import { ACCOUNT_ROWS, boundOf, type CtSample, NEAR, type NodePromise, type UbcRow } from '../../engine/index.ts';
import { layoutOf } from './layout.ts';
import { finder, listingOf, placed } from './listing.ts';
import { ctLabel } from './notices.ts';
import type { Heat, ManagerState, Warm } from './state.ts';

/** Columns in the order in which they are worth a look, and what they are called where there are four cells. */
const HEADS: Readonly<Record<string, string>> = {
  numproc: 'proc',
  physpages: 'phys',
  swappages: 'swap',
  numtcpsock: 'tcp',
  numothersock: 'sock',
  numpty: 'pty',
  shmpages: 'shm',
  privvmpages: 'priv',
  kmemsize: 'kmem',
  numfile: 'file',
  numflock: 'lock',
  numsiginfo: 'sig',
  lockedpages: 'mlck',
  tcpsndbuf: 'snd',
  tcprcvbuf: 'rcv',
  othersockbuf: 'obuf',
  dgramrcvbuf: 'dgrm',
  dcachesize: 'dcac',
  numiptent: 'ipt',
  oomguarpages: 'oomg',
  vmguarpages: 'vmg',
  diskspace: 'disk',
  diskinodes: 'inod',
};
export const GRID_COLUMNS: readonly string[] = [
  ...Object.keys(HEADS),
  ...ACCOUNT_ROWS.filter((name) => name !== 'dummy' && HEADS[name] === undefined),
];
export const headOf = (name: string): string => HEADS[name] ?? name.slice(0, 4);

export interface GridCell {
  readonly row: UbcRow;
  /** Held of its bound; null: it has none, or nobody holds it to that. */
  readonly part: number | null;
  readonly warm: Warm | undefined;
}

export interface GridRow {
  readonly key: string;
  readonly ct: CtSample;
  /** 0 is refused now, 1 near a bound, 2 was refused some time, 3 is well. */
  readonly rank: number;
  readonly cells: ReadonlyMap<string, GridCell>;
}

const composed = new WeakMap<CtSample, { readonly heat: Heat | undefined; readonly row: GridRow }>();

function gridRow(ct: CtSample, heat: Heat | undefined): GridRow {
  const known = composed.get(ct);
  if (known !== undefined && known.heat === heat) return known.row;
  const cells = new Map<string, GridCell>();
  let rank = 3;
  for (const row of ct.ubc?.rows ?? []) {
    const bound = row.enforced === 'accounting-only' || row.source === 'none' ? null : boundOf(row);
    const part = bound === null || bound <= 0 ? null : row.held / bound;
    const warm = heat?.by.get(row.name);
    cells.set(row.name, { row, part, warm });
    rank = Math.min(rank, warm !== undefined ? 0 : part !== null && part >= NEAR ? 1 : row.failcnt > 0 ? 2 : 3);
  }
  const row = { key: String(ct.id), ct, rank, cells };
  composed.set(ct, { heat, row });
  return row;
}

/** Something of it needs somebody, or did. */
const TROUBLE = 3;

let last: { readonly asked: readonly unknown[]; readonly rows: readonly GridRow[] } | null = null;

/** Containers that have an account, the worst first. */
export function gridRows(state: ManagerState): readonly GridRow[] {
  const { sample, heat, grid } = state;
  const { find } = listingOf(state);
  const asked = [sample, heat, grid.only, find.text];
  if (last?.asked.every((one, i) => one === asked[i])) return last.rows;
  const matches = finder(find.text);
  const rows = (sample?.containers ?? [])
    .filter((ct) => ct.init !== null && ct.ubc !== undefined && matches(ctLabel(ct)))
    .map((ct) => gridRow(ct, heat.get(ct.id)))
    .filter(({ rank }) => !grid.only || rank < TROUBLE)
    .sort((a, b) => a.rank - b.rank || a.ct.id - b.ct.id);
  last = { asked, rows };
  return rows;
}

/** What the node was promised of one thing. */
export interface PromiseRow {
  readonly key: string;
  readonly promise: NodePromise;
}

/** From so many lines on there is room below the grid for what was promised; with fewer it follows the last container. */
const ROOM_BELOW = 17;
export const promisesBelow = (state: ManagerState): boolean => layoutOf(state).body >= ROOM_BELOW;

let listed: { readonly asked: readonly unknown[]; readonly rows: readonly (GridRow | PromiseRow)[] } | null = null;

/** All that the cursor goes through. */
export function gridLines(state: ManagerState): readonly (GridRow | PromiseRow)[] {
  const rows = gridRows(state);
  const { promises } = state.grid;
  if (promises === null || rows.length === 0 || listingOf(state).find.text !== '' || promisesBelow(state)) return rows;
  const asked = [rows, promises];
  if (listed?.asked.every((one, i) => one === asked[i])) return listed.rows;
  listed = { asked, rows: [...rows, ...promises.map((promise) => ({ key: `promised ${promise.name}`, promise }))] };
  return listed.rows;
}

/** The container under the cursor; null where there is none. */
export function gridRowUnder(state: ManagerState): GridRow | null {
  const rows = gridLines(state);
  const keys = rows.map(({ key }) => key);
  const row = rows[placed(listingOf(state), keys, 1).index];
  return row === undefined || 'promise' in row ? null : row;
}

/** The column so many steps beside the one under the cursor. */
export function columnBeside(column: string, steps: number): string {
  const at = Math.max(0, Math.min(GRID_COLUMNS.indexOf(column) + steps, GRID_COLUMNS.length - 1));
  return GRID_COLUMNS[at] ?? column;
}
