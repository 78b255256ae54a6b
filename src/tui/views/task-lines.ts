// What runs and what has run: one line per task, and what the chosen one has said.
import { taskOf } from '../keys/subject.ts';
import { bar } from '../screen/gauge.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import type { ManagerState } from '../store/state.ts';
import type { Task } from '../store/task.ts';
import { allTasks } from '../store/task-state.ts';
import { clockTime, ends, seconds } from './words.ts';

const WORDS: Readonly<Record<Task['state'], string>> = {
  running: 'runs',
  cancelling: 'is being cancelled',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};
const ROLES: Readonly<Record<Task['state'], Role>> = {
  running: 'accent',
  cancelling: 'warn',
  done: 'good',
  failed: 'alarm',
  cancelled: 'dim',
};

export function taskLine(task: Task, now: number, cells: number, theme: Theme): string {
  const { progress } = task;
  const took = seconds((task.endedAt ?? now) - task.startedAt);
  const gauge =
    progress !== null && progress.total > 0 && task.endedAt === null ? `${bar(theme, progress.done / progress.total, 10, 'bar')}  ` : '';
  const right = `${gauge}${theme.paint(ROLES[task.state], WORDS[task.state])}${theme.paint('dim', pad(took, 8, 'right'))} `;
  const left = ` ${theme.paint('dim', clockTime(task.startedAt))}  `;
  return ends(left + cut(task.title, cells - width(left) - width(right) - 2, theme.glyphs.ellipsis), right, cells);
}

export const LINE_ROLES: Readonly<Record<-1 | 0 | 1, Role>> = { [-1]: 'alarm', 0: 'text', 1: 'dim' };

/** Of lines that differ in their figures only, as progress has them, the newest one counts. */
const newestOfEach = (lines: Task['lines']): Task['lines'] => {
  const plain = (text: string): string => text.replace(/\d[\d.,]*/g, '0');
  return lines.filter(({ text }, i) => plain(text) !== plain(lines[i + 1]?.text ?? ''));
};

/** What a task has said, newest last, at most `most` lines. */
function saidLines(task: Task, cells: number, theme: Theme, most: number): readonly string[] {
  const failure = task.failure === null ? [] : [task.failure.message, task.failure.remedy].filter((text) => text !== '');
  const said = [
    ...newestOfEach(task.lines).map(({ level, text }) => ({ role: LINE_ROLES[level], text })),
    ...failure.map((text, i) => ({ role: i === 0 ? ('alarm' as const) : ('text' as const), text })),
  ];
  return said.flatMap(({ role, text }) => wrap(text, cells - 13).map((line) => `           ${theme.paint(role, line)}`)).slice(-most);
}

/** A task with the last lines that it said, for the container's screen. */
export function taskSummary(task: Task, now: number, cells: number, theme: Theme, most: number): readonly string[] {
  return [taskLine(task, now, cells, theme), ...saidLines(task, cells, theme, most)];
}

const NOTHING = 'Nothing has been done yet. What you start, stop, make or build is shown here with all that it says.';

export function tasksLines(state: ManagerState, width: number, height: number, theme: Theme): readonly string[] {
  const cells = Math.min(width, READABLE);
  const title = ` ${theme.paint('title', 'Tasks')}`;
  const chosen = taskOf(state);
  if (chosen === null) return [title, '', ...wrap(NOTHING, cells - 4).map((line) => `   ${line}`)].slice(0, height);
  const newestFirst = allTasks(state).toReversed();
  const listHeight = Math.max(1, Math.min(newestFirst.length, Math.floor((height - 3) / 2)));
  const at = newestFirst.indexOf(chosen);
  const top = Math.max(0, Math.min(at - Math.floor(listHeight / 2), newestFirst.length - listHeight));
  const list = newestFirst.slice(top, top + listHeight).map((task) => {
    const line = taskLine(task, state.now, cells, theme);
    return task === chosen ? theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + line.slice(1), width)) : line;
  });
  const rest = height - list.length - 3;
  const about = [
    chosen.command === '' ? '' : `the same as  ${chosen.command}`,
    chosen.elsewhere === undefined ? '' : `by ${chosen.elsewhere.by}`,
  ];
  const command = about
    .filter((text) => text !== '')
    .map((text) => `           ${theme.paint('dim', cut(text, cells - 12, theme.glyphs.ellipsis))}`);
  return [title, '', ...list, '', ...command, ...saidLines(chosen, cells, theme, Math.max(0, rest - command.length))].slice(0, height);
}
