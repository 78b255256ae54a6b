// Processes as lines: those of one container below each other as they began one another, or all of the node.
import type { CtProcess } from '../../engine/index.ts';
import { heldBytes, percent } from '../screen/figures.ts';
import { cut, fit as exactly, pad } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import { userOf } from '../store/process-filter.ts';
import { type ProcessRow, processRows } from '../store/processes.ts';
import type { ManagerState } from '../store/state.ts';
import type { ProcessSort, Users } from '../store/view-state.ts';

interface Column {
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  readonly text: (process: CtProcess, users: Users, dash: string) => string;
  /** The highest goes first where there is no room. */
  readonly rank: number;
  readonly sort?: ProcessSort;
  /** Only where the processes of several containers stand beside each other. */
  readonly several?: true;
}

/** "1h02", "2:03", "12d". */
export function cpuTime(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  const hours = Math.floor(whole / 3600);
  return hours < 100 ? `${hours}h${String(Math.floor(whole / 60) % 60).padStart(2, '0')}` : `${Math.floor(hours / 24)}d`;
}

const COLUMNS: readonly Column[] = [
  { title: 'CTID', width: 5, align: 'left', text: ({ ct }) => String(ct), rank: 0, several: true },
  { title: 'PID', width: 7, align: 'right', text: ({ pid }) => String(pid), rank: 1, sort: 'pid' },
  { title: 'INSIDE', width: 6, align: 'right', text: ({ inner }, _, dash) => (inner === null ? dash : String(inner)), rank: 2 },
  { title: 'USER', width: 8, align: 'left', text: (process, users, dash) => userOf(process, users) || dash, rank: 3 },
  { title: 'S', width: 1, align: 'left', text: ({ state }) => state, rank: 5 },
  { title: 'NI', width: 3, align: 'right', text: ({ nice }) => String(nice), rank: 7 },
  { title: 'CPU', width: 4, align: 'right', text: ({ cpu }, _, dash) => (cpu === null ? dash : percent(cpu)), rank: 0, sort: 'cpu' },
  { title: 'MEM', width: 5, align: 'right', text: ({ memory }) => heldBytes(memory), rank: 4, sort: 'memory' },
  { title: 'TIME', width: 6, align: 'right', text: ({ cpuTime: used }) => cpuTime(used), rank: 6, sort: 'time' },
];

/** Cells that the command line keeps as long as a column can go. */
const COMMAND = 26;
const DEEPEST = 12;

function columnsFor(cells: number, several: boolean): readonly Column[] {
  let shown = COLUMNS.filter((column) => several || column.several !== true);
  const used = (): number => shown.reduce((sum, { width }) => sum + width + 1, 1);
  while (shown.length > 2 && used() + COMMAND > cells) {
    const last = Math.max(...shown.map(({ rank }) => rank));
    shown = shown.filter(({ rank }) => rank !== last);
  }
  return shown;
}

/** What runs is bright, what waits for the kernel is worth a look, all else is as usual. */
function roleOf({ state, cpu }: CtProcess): Role {
  if (state === 'D' || state === 'T' || state === 't') return 'warn';
  return state === 'R' || (cpu ?? 0) >= 1 ? 'text' : 'dim';
}

function titles(columns: readonly Column[], sort: ProcessSort, cells: number, theme: Theme): string {
  const cellsOf = columns.map(({ title, width, align, sort: by }) => {
    const sorted = by === sort;
    const text = pad(sorted ? title + theme.glyphs.down : title, width, align);
    return theme.paint(sorted ? 'accent' : 'dim', cut(text, width, ''));
  });
  const command = theme.paint(sort === 'tree' ? 'accent' : 'dim', sort === 'tree' ? `COMMAND${theme.glyphs.down}` : 'COMMAND');
  return ` ${cellsOf.join(' ')}${columns.length > 0 ? ' ' : ''}${cut(command, Math.max(0, cells), '')}`;
}

function fold({ hidden, parent }: ProcessRow, theme: Theme): string {
  if (hidden > 0) return `${theme.glyphs.folded} `;
  return parent ? `${theme.glyphs.down} ` : '  ';
}

function line(row: ProcessRow, columns: readonly Column[], users: Users, cells: number, theme: Theme, tree: boolean): string {
  const { process } = row;
  const head = columns.map(({ text, width, align }) =>
    exactly(text(process, users, theme.glyphs.dash), width, align, theme.glyphs.ellipsis),
  );
  const lead = tree ? '  '.repeat(Math.min(row.depth, DEEPEST)) + fold(row, theme) : '';
  const used = columns.reduce((sum, { width }) => sum + width + 1, 1);
  const more = row.hidden > 0 ? ` (${row.hidden} below)` : '';
  const command = cut(`${lead}${process.command}`, Math.max(0, cells - used - more.length), theme.glyphs.ellipsis);
  return theme.paint(roleOf(process), `${head.join(' ')} ${command}${more}`);
}

/** Line of titles and rows; `several`: of more than one container. */
export function processLines(state: ManagerState, cells: number, height: number, theme: Theme, several: boolean): readonly string[] {
  if (state.processes === null) return [theme.paint('dim', '   Reading the processes')];
  const rows = processRows(state);
  const { titles: titled } = viewLayout(state);
  const room = Math.max(1, height - titled);
  const columns = columnsFor(cells, several);
  const tree = state.processSort === 'tree' && listingOf(state).find.text.trim() === '';
  const head = titled === 1 ? [titles(columns, state.processSort, cells, theme)] : [];
  if (rows.length === 0) return [...head, theme.paint('dim', emptyText(state))];
  const { index, top } = placed(
    listingOf(state),
    rows.map(({ key }) => key),
    room,
  );
  const shown = rows.slice(top, top + room).map((row, i) => {
    const text = line(row, columns, state.users, cells, theme, tree);
    if (top + i !== index) return ` ${text}`;
    return theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + text, cells));
  });
  return [...head, ...shown];
}

function emptyText(state: ManagerState): string {
  if (listingOf(state).find.text !== '') return '   No process is what is looked for; Esc shows all';
  return '   No process: it does not run, s starts it';
}
