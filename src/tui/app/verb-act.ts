// What a verb on a container is for whoever runs it: its call, the line that does the same, and the words for it.
import type { CtSample, RunOptions } from '../../engine/index.ts';
import { ctLabel } from '../store/notices.ts';
import type { TaskOrder } from '../store/tasks.ts';
import type { ManagedEngine } from './manager.ts';

export interface VerbAct {
  readonly verb: string;
  readonly call: (engine: ManagedEngine, id: number, run: RunOptions) => Promise<void>;
  readonly command: (id: number) => string;
  readonly done: string;
}

export const orderOf = (act: VerbAct, ct: Pick<CtSample, 'id' | 'name'>): TaskOrder => ({
  title: `${act.verb} ${ctLabel(ct)}`,
  verb: act.verb,
  ct: ct.id,
  command: act.command(ct.id),
  done: `${ctLabel(ct)} ${act.done}`,
});
