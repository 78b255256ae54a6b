// Questions about tasks that many ask. Pure.
import type { ManagerState } from './state.ts';
import type { Task } from './task.ts';

export const isActive = (task: Task): boolean => task.state === 'running' || task.state === 'cancelling';

export const activeTasks = (state: ManagerState): readonly Task[] => state.tasks.filter(isActive);

/** Own ones and those of other managers, the oldest first. */
export const allTasks = ({ tasks, others }: ManagerState): readonly Task[] =>
  others.length === 0 ? tasks : [...others, ...tasks].sort((a, b) => a.startedAt - b.startedAt);

export function busyWith({ tasks, others }: ManagerState, ct: number): Task | null {
  const works = (task: Task): boolean => task.ct === ct && isActive(task);
  return tasks.find(works) ?? others.find(works) ?? null;
}

/** A failure that nobody has dismissed. */
export const waits = (task: Task): boolean => task.state === 'failed' && !task.dismissed;

/** The newest failure that waits. */
export const openFailure = (state: ManagerState): Task | null => state.tasks.findLast(waits) ?? null;
