// Questions about tasks that many ask. Pure.
import type { ManagerState, Task } from './state.ts';

export const isActive = (task: Task): boolean => task.state === 'running' || task.state === 'cancelling';

export const activeTasks = (state: ManagerState): readonly Task[] => state.tasks.filter(isActive);

export function busyWith(state: ManagerState, ct: number): Task | null {
  return state.tasks.find((task) => task.ct === ct && isActive(task)) ?? null;
}

/** The newest failure that nobody has dismissed. */
export function openFailure(state: ManagerState): Task | null {
  return state.tasks.findLast((task) => task.state === 'failed' && !task.dismissed) ?? null;
}
