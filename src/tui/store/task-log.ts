// All that a task has said, as rows that are looked through, the newest last. Pure.
import { finder, listingOf } from './listing.ts';
import type { ManagerState } from './state.ts';
import type { Task, TaskLine } from './task.ts';
import { allTasks } from './task-state.ts';

export interface TaskLogRow extends TaskLine {
  readonly key: string;
}

/** The task whose log is on the screen. */
export function loggedTask(state: ManagerState): Task | null {
  const view = state.views[state.views.length - 1];
  return view?.name === 'task-log' ? (allTasks(state).find((task) => task.id === view.task) ?? null) : null;
}

export function taskLogRows(state: ManagerState): readonly TaskLogRow[] {
  const task = loggedTask(state);
  if (task === null) return [];
  const failure = task.failure === null ? [] : [task.failure.message, task.failure.remedy].filter((text) => text !== '');
  const lines: readonly TaskLine[] = [
    ...task.lines,
    ...failure.map((text, i) => ({ level: i === 0 ? (-1 as const) : (0 as const), text })),
  ];
  const matches = finder(listingOf(state).find.text);
  return lines.map((line, i) => ({ ...line, key: String(i) })).filter(({ text }) => matches(text));
}
