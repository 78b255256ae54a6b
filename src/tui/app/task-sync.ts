// Own tasks written down as they go, and those of other managers, running or past, brought into the store. Knows no view.
import type { TaskRecord, TaskRecords } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import type { Notice } from '../store/notice.ts';
import { addNotices } from '../store/notices.ts';
import type { Store } from '../store/store.ts';
import type { Task } from '../store/task.ts';
import { noteOf, taskOfRecord } from '../store/task-notes.ts';
import { isActive } from '../store/task-state.ts';

/** Past ones of other sessions that are kept at hand. */
const PAST = 100;
/** Progress is written down no oftener, milliseconds. */
const SELDOM = 1000;

export interface OwnTasks {
  cancel(id: number): void;
}

export class TaskSync {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #written = new Map<number, number>();
  readonly #ids = new Map<string, number>();
  #records: TaskRecords | null = null;
  #past: readonly TaskRecord[] = [];
  #running: readonly TaskRecord[] = [];
  #left = false;
  #unwatch = (): void => {};

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** The engine is there. `own` cancels what another manager asks us to; what was left running and has ended since `seen` is told. */
  open(records: TaskRecords, own: OwnTasks, seen: number): void {
    this.#records = records;
    // What was killed becomes a past one by this look.
    this.#running = records.others();
    this.#past = records.past(PAST);
    const ended = this.#past.filter(({ left, endedAt }) => left && (endedAt ?? 0) > seen);
    const goOn = this.#running.map((record) => this.#notice(record, 'normal', `${record.title} goes on from another session`));
    this.#show([...ended.map((record) => this.#ended(record)), ...goOn]);
    this.#unwatch = records.watch(() => {
      for (const id of records.asked()) own.cancel(id);
      this.refresh();
    });
  }

  /** An own task begins, goes on or has ended. */
  tell(task: Task): void {
    const records = this.#records;
    if (records === null) return;
    if (!isActive(task)) {
      this.#written.delete(task.id);
      records.end(task.id, noteOf(task, this.#left));
    } else if (task.state === 'cancelling' || this.#now() - (this.#written.get(task.id) ?? 0) >= SELDOM) {
      this.#written.set(task.id, this.#now());
      records.write(task.id, noteOf(task, this.#left));
    }
  }

  /** The screen goes, the work does not. */
  leave(): void {
    this.#left = true;
    for (const task of this.#store.getState().tasks.filter(isActive)) this.#records?.write(task.id, noteOf(task, true));
  }

  cancel(task: Task): void {
    if (task.elsewhere !== undefined) this.#records?.cancel(task.elsewhere.record);
  }

  /** Looks again at what others do; also while they run, since a killed one tells nobody. */
  refresh(): void {
    const records = this.#records;
    if (records === null) return;
    const before = this.#running;
    this.#running = records.others();
    // What only we have written changes nothing here.
    if (before.length === 0 && this.#running.length === 0) return;
    const gone = before.filter((old) => !this.#running.some(({ record }) => record === old.record));
    if (gone.length > 0) this.#past = records.past(PAST);
    const ended = this.#past.filter((one) => one.left && gone.some(({ record }) => record === one.record));
    this.#show(ended.map((one) => this.#ended(one)));
  }

  get watching(): boolean {
    return this.#running.length > 0;
  }

  close(): void {
    this.#unwatch();
  }

  #ended(record: TaskRecord): Notice {
    const { title, state, failure } = record;
    return this.#notice(record, state === 'done' ? 'good' : 'alarm', `${title}: ${failure || state}`);
  }

  #notice({ ct, command }: TaskRecord, tone: Notice['tone'], text: string): Notice {
    return { at: this.#now(), ct, tone, text: clean(text, 500), command: clean(command, 1000) };
  }

  #show(fresh: readonly Notice[]): void {
    const all = [...this.#past, ...this.#running];
    const others = all.map((record) => taskOfRecord(record, this.#idOf(record.record)));
    this.#store.setState(({ notices }) => ({ others, notices: addNotices(notices, fresh) }));
  }

  /** Own ones are counted upwards from 1. */
  #idOf(record: string): number {
    const id = this.#ids.get(record) ?? -1 - this.#ids.size;
    this.#ids.set(record, id);
    return id;
  }
}
