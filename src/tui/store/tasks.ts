// Runs of verbs: progress, result and failure in the store, cancel by AbortController. A task outlives the view that began it.
import type { RunOptions, VerbEvent } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { failureOf, headline } from './failure.ts';
import { addNotices } from './notices.ts';
import type { Store } from './store.ts';
import type { Failure, Task, TaskLine } from './task.ts';
import { isActive, waits } from './task-state.ts';

const MAX_LINES = 200;
const MAX_TASKS = 100;

export interface TaskOrder {
  readonly title: string;
  readonly verb: string;
  readonly ct: number | null;
  readonly command: string;
  /** What the event line says when it went well: "101 web is running". */
  readonly done: string;
  /** Whoever ordered it tells how it ended. */
  readonly quiet?: boolean;
}

export class Tasks {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #tell: (task: Task) => void;
  readonly #running = new Map<number, { readonly abort: AbortController; readonly end: Promise<void> }>();
  #lastId = 0;

  /** `tell` hears of each change of a task. */
  constructor(store: Store, now: () => number, tell: (task: Task) => void = () => {}) {
    this.#store = store;
    this.#now = now;
    this.#tell = tell;
  }

  /** Begins a task; resolves to whether it went well, never rejects. */
  run(order: TaskOrder, work: (run: RunOptions) => Promise<void>): Promise<boolean> {
    const id = this.#begin(order);
    const abort = new AbortController();
    const result = this.#work(id, order, abort, work);
    this.#running.set(id, { abort, end: result.then(() => undefined) });
    return result;
  }

  /** Notes the failure of something that was no task, so that it stays until it is dismissed like any other. */
  failed(order: Omit<TaskOrder, 'done'>, error: unknown): void {
    this.#fail(this.#begin(order), order, failureOf(error, order.ct));
  }

  #begin({ title, verb, ct, command }: Omit<TaskOrder, 'done'>): number {
    const id = ++this.#lastId;
    const fresh: Task = {
      id,
      title,
      verb,
      ct,
      command,
      state: 'running',
      startedAt: this.#now(),
      endedAt: null,
      lines: [],
      progress: null,
      failure: null,
      dismissed: false,
    };
    this.#store.setState(({ tasks }) => ({ tasks: [...bounded(tasks), fresh] }));
    this.#tell(fresh);
    return id;
  }

  #fail(id: number, { title, ct, quiet = false }: Omit<TaskOrder, 'done'>, failure: Failure): void {
    const text = quiet ? '' : `${title} failed: ${headline(failure.message, ct)}`;
    this.#end(id, { state: 'failed', failure, dismissed: quiet }, text, 'alarm');
  }

  async #work(id: number, order: TaskOrder, abort: AbortController, work: (run: RunOptions) => Promise<void>): Promise<boolean> {
    // A verb that throws before its first wait must not overtake the registration of its task.
    await Promise.resolve();
    try {
      await work({ signal: abort.signal, report: (event) => this.#report(id, event), drawn: true, command: order.command });
      this.#end(id, { state: 'done' }, order.quiet ? '' : order.done, 'good');
      return true;
    } catch (error) {
      const failure = failureOf(error, order.ct);
      if (abort.signal.aborted && failure.code === 'cancelled')
        this.#end(id, { state: 'cancelled' }, order.quiet ? '' : `${order.title} was cancelled`, 'normal');
      else this.#fail(id, order, failure);
      return false;
    } finally {
      this.#running.delete(id);
    }
  }

  #report(id: number, event: VerbEvent): void {
    const line: TaskLine = { level: event.level, text: clean(event.text, 500) };
    this.#change(id, (task) => ({
      lines: line.text === '' ? task.lines : [...task.lines, line].slice(-MAX_LINES),
      progress: event.progress ?? task.progress,
    }));
  }

  #end(id: number, result: Partial<Task>, text: string, tone: 'good' | 'normal' | 'alarm'): void {
    const at = this.#now();
    this.#change(id, () => ({ ...result, endedAt: at }));
    this.#store.setState((state) => {
      const task = state.tasks.find((one) => one.id === id);
      const tasks =
        task?.state === 'done' ? state.tasks.map((one) => (settles(task, one) ? { ...one, dismissed: true } : one)) : state.tasks;
      const notice = { at, ct: task?.ct ?? null, tone, text, command: task?.command ?? '' };
      return { tasks, notices: text === '' ? state.notices : addNotices(state.notices, [notice]) };
    });
  }

  #change(id: number, change: (task: Task) => Partial<Task>): void {
    this.#store.setState(({ tasks }) => ({ tasks: tasks.map((task) => (task.id === id ? { ...task, ...change(task) } : task)) }));
    const changed = this.#store.getState().tasks.find((task) => task.id === id);
    if (changed !== undefined) this.#tell(changed);
  }

  /** Asks the verb to stop and undo; it may be too late for that, then it ends as it would have. */
  cancel(id: number): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#change(id, () => ({ state: 'cancelling' }));
    running.abort.abort();
  }

  cancelAll(): void {
    for (const id of [...this.#running.keys()]) this.cancel(id);
  }

  dismiss(id: number): void {
    this.#store.setState(({ tasks }) => ({ tasks: tasks.map((task) => (task.id === id ? { ...task, dismissed: true } : task)) }));
  }

  /** Resolves when nothing is running any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all([...this.#running.values()].map(({ end }) => end));
      // What follows from an end, as a start from a create, begins first.
      await new Promise((resume) => setImmediate(resume));
    }
  }
}

/** A failure is moot when the same has gone well since, or when its container is no more. */
const settles = (done: Task, failed: Task): boolean =>
  failed.state === 'failed' && failed.ct === done.ct && done.ct !== null && (done.verb === 'destroy' || done.verb === failed.verb);

/** The oldest finished ones go first, failures that nobody has dismissed after all others. */
function bounded(tasks: readonly Task[]): readonly Task[] {
  const surplus = tasks.length + 1 - MAX_TASKS;
  if (surplus <= 0) return tasks;
  const over = tasks.filter((task) => !isActive(task));
  const out = new Set([...over.filter((task) => !waits(task)), ...over.filter(waits)].slice(0, surplus));
  return tasks.filter((task) => !out.has(task));
}
