// Tasks as they are written down for other managers, and theirs as tasks of the list. Pure.
import type { TaskNote, TaskRecord } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import type { Failure, Task } from './task.ts';

export function noteOf(task: Task, left: boolean): TaskNote {
  const { title, verb, ct, command, state, startedAt, endedAt, lines, progress, failure } = task;
  const { message = '', remedy = '' } = failure ?? {};
  return { title, verb, ct, command, state, startedAt, endedAt, lines, progress, failure: message, remedy, left };
}

const LOST: Failure = {
  code: 'lost',
  message: 'The manager that did it was killed',
  remedy: 'What it had made is taken away by the next verb on the container',
  fields: {},
};

function failureOf({ state, failure, remedy }: TaskRecord): Failure | null {
  if (state === 'lost') return LOST;
  return failure === '' ? null : { code: 'unknown', message: clean(failure, 1000), remedy: clean(remedy, 1000), fields: {} };
}

/** `id` tells it from all others of the list; nobody here has to dismiss its failure. */
export function taskOfRecord(record: TaskRecord, id: number): Task {
  const { verb, ct, state, startedAt, endedAt, progress, user, uid, from, pid, left } = record;
  return {
    id,
    title: clean(record.title),
    verb: clean(verb),
    ct,
    command: clean(record.command, 1000),
    state: state === 'lost' ? 'failed' : state,
    startedAt,
    endedAt,
    lines: record.lines.map(({ level, text }) => ({ level, text: clean(text, 500) })),
    progress,
    failure: failureOf(record),
    dismissed: true,
    elsewhere: {
      record: record.record,
      by: clean(`${user || uid}${from === '' ? '' : ` (${from})`}, process ${pid}${left ? ', without a screen' : ''}`),
    },
  };
}
