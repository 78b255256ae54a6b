// The templates: size, age, use and origin of each, what is wrong with broken ones, and builds that run.
import { keyOf } from '../keys/legend.ts';
import { idList, templateOf } from '../keys/template-why-not.ts';
import { bytes, duration } from '../screen/figures.ts';
import { bar } from '../screen/gauge.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import type { ManagerState, TemplateRow } from '../store/state.ts';
import type { Task } from '../store/task.ts';
import { isActive } from '../store/task-state.ts';
import { usedBy } from '../store/template-rows.ts';
import { ends, seconds } from './words.ts';

interface Column {
  readonly title: string;
  readonly cells: number;
  /** Only on screens that are at least so wide. */
  readonly from: number;
  readonly text: (row: TemplateRow, state: ManagerState) => string;
}

const NUMBER = 8;

const COLUMNS: readonly Column[] = [
  { title: 'SIZE', cells: NUMBER, from: 0, text: ({ size }) => (size === 0 ? '-' : bytes(size)) },
  { title: 'AGE', cells: 6, from: 0, text: ({ made }, { now }) => duration((now - made) / 1000) },
  { title: 'USED', cells: 6, from: 0, text: (row, state) => String(usedBy(state, row).users.length) },
  { title: 'SHARED', cells: NUMBER, from: 70, text: (row, state) => String(usedBy(state, row).overlays.length) },
];

const MOST_NAME = 28;
const GAP = 2;

const shownColumns = (cells: number): readonly Column[] => COLUMNS.filter(({ from }) => cells >= from);

function nameCells(rows: readonly TemplateRow[], cells: number): number {
  const longest = Math.max('TEMPLATE'.length, ...rows.map(({ label }) => width(label)));
  return Math.min(longest, MOST_NAME, Math.max(8, Math.floor(cells / 3)));
}

function rowLine(state: ManagerState, row: TemplateRow, names: number, cells: number, theme: Theme): string {
  const { alarm, ellipsis } = theme.glyphs;
  const numbers = shownColumns(cells).map((column) => pad(column.text(row, state), column.cells, 'right'));
  const left = `${pad(cut(row.label, names, ellipsis), names)}${numbers.join('')}${' '.repeat(GAP)}`;
  const room = cells - width(left) - 2;
  const from =
    row.fault === ''
      ? theme.paint('dim', cut(row.from, room, ellipsis))
      : theme.paint('alarm', cut(`${alarm} ${row.fault}`, room, ellipsis));
  return ` ${left}${from}`;
}

function buildLine(task: Task, now: number, cells: number, theme: Theme): string {
  const { progress } = task;
  const gauge = progress !== null && progress.total > 0 ? `${bar(theme, progress.done / progress.total, 10, 'bar')} ` : '';
  const said = task.state === 'cancelling' ? 'is being cancelled' : (task.lines.at(-1)?.text ?? 'begins');
  const took = `${theme.paint('dim', seconds(now - task.startedAt))} `;
  const text = ` ${task.title}  ${said}`;
  const right = width(text) + width(gauge) + width(took) + 2 <= cells ? gauge + took : took;
  return ends(theme.paint('accent', cut(text, cells - width(right) - 2, theme.glyphs.ellipsis)), right, cells);
}

/** All that is known of the one under the cursor. */
function aboutLines(state: ManagerState, row: TemplateRow, cells: number, theme: Theme): readonly string[] {
  const { users, overlays } = usedBy(state, row);
  const key = keyOf(state, 'template-check', theme.glyphs);
  const checked = { whole: 'Read to its end: whole', broken: '', not: `Only its beginning has been looked at; ${key} reads all of it` }[
    row.checked
  ];
  const facts = [
    row.fault === '' ? '' : `${theme.glyphs.alarm} It ${row.fault}`,
    row.file,
    users.length === 0 ? 'No container was made from it' : `Made from it: ${idList(users)}`,
    overlays.length === 0 ? '' : `They stand on its tree, which stays as long as they do: ${idList(overlays)}`,
    ...row.sources,
    row.size === 0 || row.fault !== '' ? '' : checked,
  ];
  return facts
    .filter((text) => text !== '')
    .flatMap((text, at) => wrap(text, cells - 4).map((line) => `   ${theme.paint(at === 0 && row.fault !== '' ? 'alarm' : 'dim', line)}`));
}

function emptyLines(state: ManagerState, cells: number, theme: Theme): readonly string[] {
  if (state.templateRows === null) return [` ${theme.paint('dim', 'Looking at the templates')}`];
  const key = theme.paint('key', pad(keyOf(state, 'template-build', theme.glyphs), 6));
  return [
    ` ${theme.paint('title', 'No template yet.')}`,
    '',
    ...wrap('A container is made from a template: the root file system of a distribution in an archive.', cells - 4).map(
      (line) => `   ${line}`,
    ),
    '',
    ...wrap('build one by a recipe: a Debian release takes about a minute', cells - 10).map(
      (line, i) => `   ${i === 0 ? key : '      '}${line}`,
    ),
    '',
    ...wrap(`An archive NAME.tar.gz, .xz or .zst in ${state.templateCache} is a template, too.`, cells - 4).map(
      (line) => `   ${theme.paint('dim', line)}`,
    ),
  ];
}

export function templatesLines(state: ManagerState, screen: number, height: number, theme: Theme): readonly string[] {
  const cells = Math.min(screen, READABLE);
  const rows = state.templateRows ?? [];
  const builds = state.tasks
    .filter((task) => task.verb.startsWith('template-') && isActive(task))
    .map((task) => buildLine(task, state.now, cells, theme));
  if (rows.length === 0) return [...emptyLines(state, cells, theme), ...(builds.length > 0 ? ['', ...builds] : [])].slice(0, height);
  const names = nameCells(rows, cells);
  const titles = ` ${pad('TEMPLATE', names)}${shownColumns(cells)
    .map(({ title, cells: room }) => pad(title, room, 'right'))
    .join('')}${' '.repeat(GAP)}FROM`;
  const chosen = templateOf(state);
  const about = chosen === null ? [] : aboutLines(state, chosen, cells, theme);
  const below = builds.length > 0 ? ['', ...builds] : [];
  const list = Math.max(1, Math.min(rows.length, height - 2 - below.length - Math.min(about.length, Math.floor(height / 3))));
  const at = chosen === null ? 0 : rows.indexOf(chosen);
  const top = Math.max(0, Math.min(at - Math.floor(list / 2), rows.length - list));
  const lines = rows.slice(top, top + list).map((row) => {
    const line = rowLine(state, row, names, cells, theme);
    return row === chosen ? theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + line.slice(1), screen)) : line;
  });
  return [theme.paint('dim', titles), ...lines, ...below, '', ...about].slice(0, height);
}
