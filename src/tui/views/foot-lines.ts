// The bottom of the screen: rule, failure that waits, last event, and the keys of what is shown.
import { footerOf, keyOf, type LegendItem } from '../keys/legend.ts';
import { modeOf, topView } from '../keys/mode.ts';
import { subjectOf } from '../keys/subject.ts';
import { type ActionId, actionOf } from '../keys/table.ts';
import { bar } from '../screen/gauge.ts';
import { LEAVE_CHORD } from '../screen/screen.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { headline } from '../store/failure.ts';
import { layoutOf, tableHeight } from '../store/layout.ts';
import type { Notice, Tone } from '../store/notice.ts';
import { isLimited, lastRefused } from '../store/refusals.ts';
import { placeCursor } from '../store/rows.ts';
import type { ManagerState } from '../store/state.ts';
import type { Task } from '../store/task.ts';
import { activeTasks, openFailure } from '../store/task-state.ts';
import { inputLine } from './input-line.ts';
import { numberedTitle, promptSign, reached } from './pane-lines.ts';
import { filterNote, tableNotes } from './table-notes.ts';
import { tourLines } from './tour-lines.ts';
import { clockTime, ends, seconds } from './words.ts';

const TONES: Readonly<Record<Tone, Role>> = { normal: 'text', good: 'good', warn: 'warn', alarm: 'alarm' };

export function footLines(state: ManagerState, cells: number, theme: Theme): readonly string[] {
  const { rule, failure, tour, foot } = layoutOf(state);
  if (foot < 2) return [eventLine(state, cells, theme) || keyLine(state, cells, theme)].slice(0, foot);
  return [
    ...tourLines(state, tour, cells, theme),
    ...(rule ? [ruleLine(state, cells, theme)] : []),
    ...failureLines(state, failure, cells, theme),
    eventLine(state, cells, theme),
    keyLine(state, cells, theme),
  ];
}

/** The rule carries what narrows the list and which part of it is on the screen, so that nobody takes a part for the whole. */
function ruleLine(state: ManagerState, cells: number, theme: Theme): string {
  const { rule } = theme.glyphs;
  const table = topView(state).name === 'table';
  const notes = table ? tableNotes(state, cells - 30, theme).join('  ') : '';
  const left = notes === '' ? '' : ` ${notes} `;
  const part = table && width(left) + LONGEST_PART <= cells ? partText(state) : '';
  const room = cells - width(left) - width(part);
  const line = (length: number): string => theme.paint('border', rule.repeat(Math.max(0, length)));
  return line(left === '' ? 0 : 1) + left + line(room - 1 - (left === '' ? 0 : 1)) + theme.paint('dim', part) + line(1);
}

const LONGEST_PART = 20;
/** What is being typed is never hidden by what is said of it. */
const SHORTEST_INPUT = 24;

/** " 19-36 of 200 " where the rows do not fit. */
function partText(state: ManagerState): string {
  const height = tableHeight(state);
  const { length } = state.rows;
  if (length <= height) return '';
  const { top } = placeCursor(state.cursor, state.rows, state.cursor.index, height);
  return ` ${top + 1}-${Math.min(length, top + height)} of ${length} `;
}

/** Keys that lead on from the failure that waits: which of them there are and mean this one depends on the view and on what the cursor is on. */
function wayOn(state: ManagerState, task: Task, theme: Theme): string {
  const mode = modeOf(state);
  const subject = subjectOf(state);
  const other = mode === 'tasks' || (subject !== null && (subject.trouble !== '' || isLimited(subject)) && subject.id !== task.ct);
  const all: readonly ActionId[] = other ? ['clear', 'tasks'] : ['why', 'clear', 'tasks'];
  return all
    .filter((action) => actionOf(state, action)?.when.includes(mode))
    .slice(0, 2)
    .map((action) => `${theme.paint('key', keyOf(state, action, theme.glyphs))} ${WAY_ON[action] ?? actionOf(state, action)?.label} `)
    .join(' ');
}
const WAY_ON: Partial<Record<ActionId, string>> = { clear: 'dismiss' };

function failureLines(state: ManagerState, lines: 0 | 1 | 2, cells: number, theme: Theme): readonly string[] {
  const task = openFailure(state);
  if (task === null || lines === 0) return [];
  const hint = wayOn(state, task, theme);
  const said = ` ${theme.glyphs.alarm} ${task.title} failed: ${headline(task.failure?.message ?? '', task.ct)}`;
  const first = theme.paint('alarm', cut(said, cells - (lines === 1 ? width(hint) + 2 : 1), theme.glyphs.ellipsis));
  if (lines === 1) return [ends(first, hint, cells)];
  const remedy = cut(`   ${task.failure?.remedy ?? ''}`, cells - width(hint) - 2, theme.glyphs.ellipsis);
  return [first, ends(remedy, hint, cells)];
}

function eventLine(state: ManagerState, cells: number, theme: Theme): string {
  if (modeOf(state) === 'filter') {
    const said = filterNote(state, cells - SHORTEST_INPUT, theme);
    return ends(` ${theme.paint('key', '/')}${inputLine(state.filter, Math.max(4, cells - width(said) - 5), theme, true)}`, said, cells);
  }
  if (modeOf(state) === 'prompt' && state.prompt !== null) {
    const sign = promptSign(state.prompt);
    return ` ${theme.paint('key', sign)}${inputLine(state.prompt.input, Math.max(4, cells - width(sign) - 2), theme, true)}`;
  }
  if (state.broadcast) return broadcastLine(state, cells, theme);
  if (state.opening !== '') return theme.paint('accent', cut(` Opening ${state.opening}`, cells, theme.glyphs.ellipsis));
  if (state.hint !== '') return theme.paint('warn', cut(` ${state.hint}`, cells, theme.glyphs.ellipsis));
  if (state.sampleTrouble !== '')
    return theme.paint(
      'alarm',
      cut(` ${theme.glyphs.alarm} The node can't be looked at: ${state.sampleTrouble}`, cells, theme.glyphs.ellipsis),
    );
  const tasks = activeTasks(state).filter((task) => !standsAbove(task, state));
  const task = tasks.at(-1);
  if (task !== undefined) return taskLine(task, tasks.length, state.now, cells, theme);
  const notice = state.notices.at(-1);
  if (notice === undefined || isSaidAbove(notice, state)) return '';
  const explains = explainsIt(state, notice) ? `${theme.paint('key', keyOf(state, 'why', theme.glyphs))} explain ` : '';
  return ends(noticeLine(notice, cells - (explains === '' ? 0 : width(explains) + 2), theme), explains, cells);
}

/** The key of the table leads to what was refused: nothing is wrong with the container under the cursor, or it is that one. */
function explainsIt(state: ManagerState, { ct, burst }: Notice): boolean {
  const subject = subjectOf(state);
  if (burst === undefined || ct !== lastRefused(state) || modeOf(state) !== 'table') return false;
  return subject === null || subject.id === ct || (subject.trouble === '' && !isLimited(subject));
}

/** The view tells of it itself. */
function standsAbove({ id, verb }: Task, state: ManagerState): boolean {
  const view = topView(state);
  if (view.name === 'task-log') return view.task === id;
  return view.name === 'tasks' || (view.name === 'templates' && verb.startsWith('template-'));
}

/** Which panes hear what is typed: nobody may learn that from the panes alone. */
function broadcastLine(state: ManagerState, cells: number, theme: Theme): string {
  const panes = reached(state);
  const { alarm, ellipsis } = theme.glyphs;
  const say = (names: readonly string[]): string => ` ${alarm} BROADCAST: what you type goes to ${panes.length} panes: ${names.join(', ')}`;
  const whole = say(panes.map((pane) => numberedTitle(state, pane, ellipsis)));
  const short = say(panes.map((pane) => `${state.panes.indexOf(pane) + 1} ${pane.name || pane.ct}`));
  return theme.paint('alarm', width(whole) <= cells ? whole : cut(short, cells, ellipsis));
}

/** The failure that waits stands above already. */
function isSaidAbove(notice: Notice, state: ManagerState): boolean {
  const failed = openFailure(state);
  return failed !== null && failed.ct === notice.ct && failed.endedAt === notice.at;
}

function taskLine(task: Task, active: number, now: number, cells: number, theme: Theme): string {
  const { progress } = task;
  const gauge = progress !== null && progress.total > 0 ? `${bar(theme, progress.done / progress.total, 10, 'bar')} ` : '';
  const more = active > 1 ? `  and ${active - 1} more` : '';
  const took = `${theme.paint('dim', seconds(now - task.startedAt))}  ${theme.paint('key', 't')} tasks `;
  const said = task.state === 'cancelling' ? 'is being cancelled and undone' : (task.lines.at(-1)?.text ?? 'begins');
  const text = ` ${task.title}${more}  ${said}`;
  const right = width(text) + width(gauge) + width(took) + 2 <= cells ? gauge + took : took;
  return ends(theme.paint('accent', cut(text, cells - width(right) - 2, theme.glyphs.ellipsis)), right, cells);
}

export function noticeLine(notice: Notice, cells: number, theme: Theme): string {
  const time = ` ${theme.paint('dim', clockTime(notice.at))}  `;
  const room = cells - width(time);
  const text = cut(notice.text, room - 1, theme.glyphs.ellipsis);
  const command = notice.command === '' ? '' : theme.paint('dim', `${cut(notice.command, room - width(text) - 4, theme.glyphs.ellipsis)} `);
  return ends(time + theme.paint(TONES[notice.tone], text), command, cells);
}

const itemText = (item: LegendItem, theme: Theme): string =>
  item.possible ? `${theme.paint('key', item.key)} ${item.label}` : theme.paint('dim', `${item.key} ${item.label}`);

/** As many keys as fit; help keeps its place, since the rest is behind it. */
function keyLine(state: ManagerState, cells: number, theme: Theme): string {
  const [leave, rest] =
    state.opening !== ''
      ? ['gives up', 'kept for it']
      : state.broadcast
        ? ['ends the broadcast', 'for all of them']
        : [topView(state).name === 'panes' ? 'leaves the pane' : 'leaves the console', 'for the program in it'];
  if (state.typing || state.opening !== '')
    return [`every other key is ${rest}`, `the rest is ${rest}`, '']
      .map((others) => ` ${theme.paint('key', LEAVE_CHORD)} ${leave}  ${theme.paint('dim', others)}`)
      .find((line, i) => i === 2 || width(line) <= cells)!;
  const items = footerOf(state, theme.glyphs);
  const size = (item: LegendItem): number => width(item.key) + width(item.label) + 3;
  const kept = new Set(items.filter((item) => item.action === 'help' || item.action === 'back').slice(0, 2));
  let room = cells - 1 - [...kept].reduce((sum, item) => sum + size(item), 0);
  for (const item of items) {
    if (kept.has(item)) continue;
    room -= size(item);
    if (room < 0) break;
    kept.add(item);
  }
  return fitPainted(
    ` ${items
      .filter((item) => kept.has(item))
      .map((item) => itemText(item, theme))
      .join('  ')}`,
    cells,
  );
}

/** Very narrow: the last key is cut away by the surface. */
const fitPainted = (line: string, cells: number): string => pad(line, cells);
