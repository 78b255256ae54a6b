// The panes that were open when the manager was left, to be opened again: whose they were and how they shared the screen. What ran in them has
// ended. Pure.
import { decide } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { addNotices, ctLabel } from './notices.ts';
import type { KeptPane, KeptPanes } from './pane-info.ts';
import { type PaneTree, panesIn, renamed } from './pane-tree.ts';
import type { ManagerState } from './state.ts';

/** As many as may be open. */
const MOST = 16;
const LONGEST_NAME = 40;
const MAX_CTID = 2_147_483_647;

/** What is open now; if nothing is and nothing was since the beginning, what was kept then. */
export function panesToKeep({ panes, arrangement, paneCursor, zoomed, lastPanes }: ManagerState): KeptPanes | null {
  const live = panes.filter((pane) => pane.ended === '');
  if (live.length === 0) return lastPanes;
  const places = new Map(live.map(({ id }, place) => [id, place]));
  return {
    panes: live.map(({ ct, kind, name, pinned }) => ({ ct, kind, name, pinned })),
    arrangement: renamed(arrangement, (id) => places.get(id) ?? null),
    chosen: places.get(paneCursor ?? -1) ?? 0,
    zoomed,
  };
}

/** Out of JSON; null where it is none, or of a later version. */
export function readKeptPanes(value: unknown): KeptPanes | null {
  const { panes, arrangement, chosen, zoomed } = record(value);
  if (!Array.isArray(panes) || panes.length === 0 || panes.length > MOST) return null;
  const all = panes.map(readPane);
  if (!all.every((pane) => pane !== null)) return null;
  const tree = readTree(arrangement, all.length);
  const shown = panesIn(tree);
  return {
    panes: all,
    arrangement: new Set(shown).size === shown.length ? tree : null,
    chosen: isPlace(chosen, all.length) ? chosen : 0,
    zoomed: zoomed === true,
  };
}

function readPane(value: unknown): KeptPane | null {
  const { ct, kind, name, pinned } = record(value);
  if (!isPlace(ct, MAX_CTID) || (kind !== 'enter' && kind !== 'console')) return null;
  return { ct, kind, name: typeof name === 'string' ? clean(name, LONGEST_NAME) : '', pinned: pinned === true };
}

function readTree(value: unknown, count: number, depth = 0): PaneTree | null {
  const { pane, split, share, first, second } = record(value);
  if (isPlace(pane, count)) return { pane };
  if (depth > MOST || (split !== 'columns' && split !== 'rows') || typeof share !== 'number' || !(share > 0 && share < 1)) return null;
  const [one, two] = [readTree(first, count, depth + 1), readTree(second, count, depth + 1)];
  return one === null || two === null ? (one ?? two) : { split, share, first: one, second: two };
}

const isPlace = (value: unknown, below: number): value is number => Number.isInteger(value) && Number(value) >= 0 && Number(value) < below;
const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});

export interface Reopening {
  /** "a shell in 101 web". */
  readonly opened: readonly string[];
  /** CTIDs into which nobody can go now. */
  readonly leftOut: readonly number[];
}

/** Which of them can be opened now. */
export function reopening({ sample }: Pick<ManagerState, 'sample'>, { panes }: KeptPanes): Reopening {
  const rows = new Map(sample?.containers.map((row) => [row.id, row]));
  const opened: string[] = [];
  const leftOut = new Set<number>();
  for (const { ct, kind } of panes) {
    const row = rows.get(ct);
    if (row === undefined || 'refuse' in decide(kind, row.state)) leftOut.add(ct);
    else opened.push(`${kind === 'enter' ? 'a shell in' : 'the console of'} ${ctLabel(row)}`);
  }
  return { opened, leftOut: [...leftOut] };
}

/** Said once, when the manager begins; `key` opens them. */
export function offerPanes(state: ManagerState, key: string): Partial<ManagerState> {
  if (state.lastPanes === null || state.readOnly) return {};
  const { length } = reopening(state, state.lastPanes).opened;
  if (length === 0) return {};
  const text = `${length === 1 ? 'A pane was' : `${length} panes were`} open when the manager was left last; ${key} opens ${length === 1 ? 'it' : 'them'} again`;
  const notices = addNotices(state.notices, [{ at: state.now, ct: null, tone: 'normal', text, command: '' }]);
  // Until the first key nothing that happens on the node takes its place.
  return { notices, hint: state.hint || text };
}
