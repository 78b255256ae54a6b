// Questions about tasks that many ask. Pure.
import type { ManagerState, Task } from './state.ts';

export const isActive = (task: Task): boolean => task.state === 'running' || task.state === 'cancelling';

export const activeTasks = (state: ManagerState): readonly Task[] => state.tasks.filter(isActive);

export function busyWith(state: ManagerState, ct: number): Task | null {
  return state.tasks.find((task) => task.ct === ct && isActive(task)) ?? null;
}

/** A failure that nobody has dismissed. */
export const waits = (task: Task): boolean => task.state === 'failed' && !task.dismissed;

/** The newest failure that waits. */
export const openFailure = (state: ManagerState): Task | null => state.tasks.findLast(waits) ?? null;
