// All keys of the screen below, from the key table; what can't be done now is dim, and its key says why.
import type { ReactNode } from 'react';
import { useManagerState, useTheme } from '../app/manager.ts';
import { helpOf } from '../keys/legend.ts';
import { type Mode, modeOf } from '../keys/mode.ts';
import { LEAVE_CHORD } from '../screen/screen.ts';
import { pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { wrap } from '../screen/wrap.ts';
import { FILTER_EXAMPLES } from '../store/filter.ts';
import { PROCESS_EXAMPLES } from '../store/process-filter.ts';
import type { ManagerState } from '../store/state.ts';
import { Dialog, FRAME, useDialogWidth } from './dialog.tsx';
import { ends } from './words.ts';

const CELLS = 74;

const TITLES: Readonly<Partial<Record<Mode, string>>> = {
  table: 'Keys of the table',
  filter: 'Keys of the filter',
  container: 'Keys of a container',
  processes: 'Keys of its processes',
  'node-processes': 'Keys of the processes',
  console: 'Keys of the console tab',
  log: 'Keys of the log',
  parameters: 'Keys of the parameters',
  events: 'Keys of the events',
  tasks: 'Keys of the tasks',
  bulk: 'Keys of what was done to many',
  journal: 'Keys of the journal',
  'task-log': 'Keys of the log of a task',
  trouble: 'Keys of a failure',
  panes: 'Keys of the panes',
  copy: 'Keys of copy mode',
  create: 'Keys of the form',
  plan: 'Keys of the plan',
};

function helpLines(state: ManagerState, cells: number, theme: Theme): readonly string[] {
  const below = { ...state, overlay: null };
  const mode = modeOf(below);
  const items = helpOf(below, theme.glyphs, mode);
  const keys = Math.max(...items.map((item) => width(item.keys))) + 2;
  const lines = items.flatMap((item) =>
    besides(item.keys, item.text, keys, cells).map(([key, text]) =>
      item.possible ? theme.paint('key', key) + text : theme.paint('dim', key + text),
    ),
  );
  if (state.faults.length > 0) lines.unshift(...faultLines(state.faults, cells, theme), '');
  const filter = FILTERS[mode];
  if (filter !== undefined) lines.push('', ...filterHelp(filter, cells, theme));
  const panes = `In a pane every key is the program's, but for ${LEAVE_CHORD}, which comes back here.`;
  return [...lines, '', ...wrap(panes, cells).map((line) => theme.paint('dim', line))];
}

/** The foot has room for the beginning of one. */
const faultLines = (faults: readonly string[], cells: number, theme: Theme): readonly string[] => [
  theme.paint('title', 'Wrong in files of your own'),
  ...faults.flatMap((fault) => besides(theme.glyphs.alarm, fault, 2, cells)).map(([sign, text]) => theme.paint('warn', sign + text)),
];

const EXAMPLE = 24;

/** A text beside its key, on as many lines as it takes. */
const besides = (key: string, text: string, left: number, cells: number): readonly (readonly [string, string])[] =>
  wrap(text, cells - left).map((line, i) => [pad(i === 0 ? key : '', left), line]);

interface FilterHelp {
  readonly about: string;
  readonly examples: readonly (readonly [text: string, meaning: string])[];
}

const OF_CONTAINERS: FilterHelp = {
  about: 'A filter keeps what all its parts fit. Columns go by their titles or by the names of vzlist (vzdeck fields).',
  examples: FILTER_EXAMPLES,
};
const OF_PROCESSES: FilterHelp = {
  about: 'What is looked for can be words, and columns by their titles; all of it must fit. THREADS and AGE can be asked as well.',
  examples: PROCESS_EXAMPLES,
};

/** Where rows are asked for in a language of their own. */
const FILTERS: Partial<Record<Mode, FilterHelp>> = {
  table: OF_CONTAINERS,
  filter: OF_CONTAINERS,
  processes: OF_PROCESSES,
  'node-processes': OF_PROCESSES,
};

function filterHelp({ about, examples }: FilterHelp, cells: number, theme: Theme): readonly string[] {
  return [
    ...wrap(about, cells).map((line) => theme.paint('title', line)),
    ...examples.flatMap(([text, meaning]) => besides(text, meaning, EXAMPLE, cells).map(([key, line]) => theme.paint('key', key) + line)),
  ];
}

/** Lines of keys that fit between title and foot. */
const roomOf = (state: ManagerState): number => Math.max(1, state.size.rows - FRAME.rows - 4);

/** How many lines of help can be scrolled away before its last one is on the screen. */
export function helpMost(state: ManagerState, theme: Theme): number {
  const cells = Math.max(1, Math.min(CELLS, state.size.columns - FRAME.columns));
  return Math.max(0, helpLines(state, cells, theme).length - roomOf(state));
}

export function Help({ top }: { readonly top: number }): ReactNode {
  const theme = useTheme();
  const state = useManagerState((whole) => whole);
  const cells = useDialogWidth(CELLS);
  const all = helpLines(state, cells, theme);
  const room = roomOf(state);
  const from = Math.min(top, Math.max(0, all.length - room));
  const more =
    all.length > room ? `  ${theme.glyphs.up}${theme.glyphs.down} ${from + 1}-${Math.min(all.length, from + room)} of ${all.length}` : '';
  const mode = modeOf({ ...state, overlay: null });
  const title = theme.paint('title', TITLES[mode] ?? 'Keys') + theme.paint('dim', more);
  const foot = ends(`${theme.paint('key', 'Esc')} close`, theme.paint('dim', 'dim: not now, its key says why'), cells);
  return <Dialog lines={[title, '', ...all.slice(from, from + room), '', foot]} cells={cells} />;
}
