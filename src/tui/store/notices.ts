// What is worth a line when one sample follows another: what nobody here did. Pure.
import type { CtSample, NodeSample } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import type { Notice, Task, Tone } from './state.ts';

type Change = readonly [tone: Tone, text: string];

/** "101 web", "101" without a name. */
export const ctLabel = (row: { readonly id: number; readonly name: string }): string => (row.name ? `${row.id} ${row.name}` : `${row.id}`);

/** A task that worked on a container since the sample before has said itself what became of it. */
export function noticesBetween(before: NodeSample, after: NodeSample, tasks: readonly Task[]): readonly Notice[] {
  const busy = new Set(tasks.filter((task) => task.endedAt === null || task.endedAt >= before.at).map((task) => task.ct));
  const old = new Map(before.containers.map((row) => [row.id, row]));
  const changes = after.containers.flatMap((row) => {
    const last = old.get(row.id);
    if (last === undefined || last === row) return last === undefined && !busy.has(row.id) ? [[row, appeared] as const] : [];
    return changesOf(last, row, busy.has(row.id)).map((change) => [row, change] as const);
  });
  const gone = before.containers
    .filter((row) => !busy.has(row.id) && !after.containers.some((other) => other.id === row.id))
    .map((row) => [row, ['normal', 'is gone'] as Change] as const);
  return [...changes, ...gone].map(([row, [tone, text]]) => ({
    at: after.at,
    ct: row.id,
    tone,
    text: `${ctLabel(row)} ${text}`,
    command: '',
  }));
}

const appeared: Change = ['normal', 'is new'];

function changesOf(last: CtSample, row: CtSample, busy: boolean): readonly Change[] {
  return [...(busy ? [] : stateChanges(last, row)), ...refusals(last, row)];
}

function stateChanges(last: CtSample, row: CtSample): readonly Change[] {
  if (row.trouble !== '' && row.trouble !== last.trouble) return [['alarm', row.trouble]];
  if (row.state !== last.state) return [['normal', `is ${row.state} now, was ${last.state}`]];
  if (row.unattended && !last.unattended) return [['warn', 'lost its keeper and is unattended; the next verb gives it a new one']];
  if (row.init !== null && last.init !== null && row.init.pid !== last.init.pid) return [['normal', 'has started anew']];
  return [];
}

function refusals(last: CtSample, row: CtSample): readonly Change[] {
  const forks = row.numproc.failcnt - last.numproc.failcnt;
  const memory = row.memory.failcnt - last.memory.failcnt;
  const limit = row.numproc.limit;
  return [
    ...(forks > 0
      ? [['alarm', `was refused ${forks} ${forks === 1 ? 'fork' : 'forks'} at numproc ${limit ?? ''}`.trimEnd()] as Change]
      : []),
    ...(memory > 0 ? [['alarm', `hit its memory limit ${memory} ${memory === 1 ? 'time' : 'times'}`] as Change] : []),
  ];
}

/** Something that is missing on the node, where containers are on the screen and its own page is not. */
export function obstacleNotice({ what, remedy }: { readonly what: string; readonly remedy: string }, at: number): Notice {
  return { at, ct: null, tone: 'warn', text: clean(`${what}. ${remedy}`), command: '' };
}
