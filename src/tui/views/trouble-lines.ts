// The screen of a failure: why, and what now.
import type { CtSample } from '../../engine/index.ts';
import { containerOf } from '../keys/subject.ts';
import { duration } from '../screen/figures.ts';
import { cut, pad } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import { layoutOf } from '../store/layout.ts';
import { ctLabel } from '../store/notices.ts';
import type { ManagerState, View } from '../store/state.ts';
import type { Task } from '../store/task.ts';
import { allTasks } from '../store/task-state.ts';
import { explain, type TroubleReport } from './trouble-report.ts';
import { ends } from './words.ts';

const LABEL = 18;
/** From so many lines on one of them says that more are below. */
const TELLS_MORE = 6;

type TroubleView = View & { readonly name: 'trouble' };

/** The part of the screen that is scrolled to. */
export function troubleLines(state: ManagerState, view: TroubleView, cells: number, height: number, theme: Theme): readonly string[] {
  const lines = allLines(state, view, cells, theme);
  const from = Math.min(view.top ?? 0, Math.max(0, lines.length - height));
  const shown = lines.slice(from, from + height);
  const below = lines.length - from - height;
  if (below <= 0 || height < TELLS_MORE) return shown;
  return [...shown.slice(0, -1), ` ${theme.paint('dim', `${theme.glyphs.down} ${below + 1} more lines`)}`];
}

/** How many lines can be scrolled away before the last one is on the screen. */
export function troubleMost(state: ManagerState, view: TroubleView, theme: Theme): number {
  return Math.max(0, allLines(state, view, state.size.columns, theme).length - layoutOf(state).body);
}

function allLines(state: ManagerState, view: TroubleView, width: number, theme: Theme): readonly string[] {
  const cells = Math.min(width, READABLE);
  const task = allTasks(state).find((one) => one.id === view.task) ?? null;
  const row = containerOf(state, view.ct);
  const failure = task?.failure ?? view.ended?.failure ?? null;
  if (failure === null) return [` ${theme.paint('title', 'Nothing has failed here')}`];
  const report = explain(failure, view.ct);
  return [
    titleLine(task, row, view.ended?.at ?? task?.endedAt ?? null, state.now, cells, theme),
    '',
    ...paragraph(failure.fields['errno'] === undefined ? 'What was said' : 'The kernel said', report.said, cells, theme, 'alarm'),
    ...paragraph('It means', report.means, cells, theme),
    ...paragraph('Likely', report.likely, cells, theme),
    ...(report.said === failure.message ? [] : paragraph('In full', failure.message, cells, theme)),
    '',
    ...remedies(report, cells, theme),
    '',
    ...consoleLines(report, cells, theme),
  ];
}

function titleLine(task: Task | null, row: CtSample | null, at: number | null, now: number, cells: number, theme: Theme): string {
  const what = task === null ? `${row === null ? '' : ctLabel(row)} ended badly` : `${task.title} failed`;
  const when = at === null || at === 0 ? '' : `${duration((now - at) / 1000)} ago `;
  return ends(
    ` ${theme.paint('alarm', theme.glyphs.alarm)} ${theme.paint('title', cut(what, cells - 20, theme.glyphs.ellipsis))}`,
    theme.paint('dim', when),
    cells,
  );
}

function paragraph(label: string, text: string, cells: number, theme: Theme, role: 'text' | 'alarm' = 'text'): readonly string[] {
  if (text === '') return [];
  const narrow = cells < 60;
  const indent = narrow ? 3 : LABEL;
  const body = wrap(text, cells - indent - 1).map((line) => ' '.repeat(indent) + theme.paint(role, line));
  const head = ` ${theme.paint('dim', pad(label, LABEL - 1))}`;
  return narrow ? [head, ...body] : [head + (body[0] ?? '').slice(indent), ...body.slice(1)];
}

function remedies(report: TroubleReport, cells: number, theme: Theme): readonly string[] {
  const items = report.now.flatMap(({ text, command }) => {
    const line = `   ${theme.glyphs.marked} ${text}`;
    const typed = theme.paint('accent', command);
    if (command === '') return wrap(line.slice(3), cells - 6).map((part, i) => (i === 0 ? '   ' : '     ') + part);
    const together = ends(line, `${typed} `, cells);
    return together === line ? [line, `     ${typed}`] : [together];
  });
  return items.length === 0 ? [] : [` ${theme.paint('dim', 'What now')}`, ...items];
}

function consoleLines(report: TroubleReport, cells: number, theme: Theme): readonly string[] {
  if (report.console.length > 0)
    return [
      ` ${theme.paint('dim', 'Last console lines')}`,
      ...report.console.map((line) => `   ${cut(line, cells - 4, theme.glyphs.ellipsis)}`),
    ];
  return report.silent ? [` ${theme.paint('dim', 'Last console lines: none, it ended before its first line')}`] : [];
}
