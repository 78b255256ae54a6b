// One tick of the sampler becomes state: foreign strings cleaned once, rows, cursor, histories, refusals and events. Pure.
import type { Cell, CtSample, LedgerHistory, NodeSample } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { tableHeight } from './layout.ts';
import { liveMarks } from './marks.ts';
import type { Notice } from './notice.ts';
import { addNotices, noticesBefore, noticesBetween } from './notices.ts';
import { heatOf } from './refusals.ts';
import { filterRows, followCursor, heldRows, sortRows } from './rows.ts';
import type { ManagerState } from './state.ts';

const HISTORY = 120;

/** Rows whose strings needed cleaning, so that an unchanged row stays the same object. */
const cleaned = new WeakMap<CtSample, CtSample>();

/** What configs say; the same object where nothing of it needed cleaning. */
function cleanFields(fields: NonNullable<CtSample['fields']>): NonNullable<CtSample['fields']> {
  const tamed = Object.entries(fields).map(([name, cell]) => [name, cleanCell(cell)] as const);
  return tamed.every(([name, cell]) => cell === fields[name]) ? fields : Object.fromEntries(tamed);
}

function cleanCell(cell: Cell): Cell {
  if (typeof cell === 'string') return clean(cell);
  if (typeof cell !== 'object' || cell === null) return cell;
  const words = cell.map((word) => clean(word));
  return words.every((word, i) => word === cell[i]) ? cell : words;
}

function cleanRow(row: CtSample): CtSample {
  const known = cleaned.get(row);
  if (known !== undefined) return known;
  const strings = {
    name: clean(row.name),
    hostname: clean(row.hostname),
    description: clean(row.description),
    ostemplate: clean(row.ostemplate),
    trouble: clean(row.trouble),
    ips: row.ips.map((ip) => clean(ip)),
  };
  const same =
    (['name', 'hostname', 'description', 'ostemplate', 'trouble'] as const).every((key) => strings[key] === row[key]) &&
    strings.ips.every((ip, i) => ip === row.ips[i]);
  const fields = row.fields && cleanFields(row.fields);
  const result = same && fields === row.fields ? row : { ...row, ...strings, ...(fields && { fields }) };
  cleaned.set(row, result);
  return result;
}

function historyOf(state: ManagerState, rows: readonly CtSample[]): ReadonlyMap<number, readonly number[]> {
  const history = new Map<number, readonly number[]>();
  for (const row of rows) if (row.cpu !== null) history.set(row.id, [...(state.ctHistory.get(row.id) ?? []).slice(1 - HISTORY), row.cpu]);
  return history;
}

/** What changes with a new sample. `history`: asked by the first one for what was refused before. */
export function withSample(state: ManagerState, raw: NodeSample, history: LedgerHistory | null = null): Partial<ManagerState> {
  const containers = raw.containers.map(cleanRow);
  const sample: NodeSample = { ...raw, hostname: clean(raw.hostname), containers };
  const heat = heatOf(state.heat, state.sample, sample);
  return {
    ...withRows({ ...state, sample, heat }),
    sample,
    sampleTrouble: '',
    now: raw.at,
    cpuHistory: raw.cpu === null ? state.cpuHistory : [...state.cpuHistory.slice(1 - HISTORY), raw.cpu],
    ctHistory: historyOf(state, containers),
    heat,
    marks: liveMarks(state.marks, containers),
    notices: addNotices(state.notices, news(state, sample, history)),
  };
}

function news({ sample: before, tasks }: ManagerState, now: NodeSample, history: LedgerHistory | null): readonly Notice[] {
  if (before !== null) return noticesBetween(before, now, tasks);
  return history === null ? [] : noticesBefore(now, history);
}

/** What changes with another filter. */
export const withFilter = (state: ManagerState, filter: ManagerState['filter']): Partial<ManagerState> => withOrder(state, { filter });

/** What changes with another filter or order; rows that hold still do so as they are then. */
export function withOrder(state: ManagerState, change: Partial<ManagerState>): Partial<ManagerState> {
  const after = { ...state, ...change };
  const fresh = withRows({ ...after, held: null });
  return { ...change, ...fresh, held: after.held === null ? null : fresh.rows.map((row) => row.id) };
}

/** Rows and cursor after sample or size have changed. */
export function withRows(state: ManagerState): Pick<ManagerState, 'rows' | 'cursor'> {
  const all = state.sample?.containers ?? [];
  const sorted = sortRows(filterRows(all, state.filter.text), state.sort, state.heat);
  const rows = state.held === null ? sorted : heldRows(all, sorted, state.held);
  const same = rows.length === state.rows.length && rows.every((row, i) => row === state.rows[i]);
  return { rows: same ? state.rows : rows, cursor: followCursor(state.cursor, rows, tableHeight(state)) };
}
