// Reasons why something can't be done with a template now, as sentences. Null: it can.
import type { ManagerState, TemplateRow } from '../store/state.ts';
import type { Task } from '../store/task.ts';
import { isActive } from '../store/task-state.ts';
import { usedBy } from '../store/template-rows.ts';
import { topView } from './mode.ts';
import type { WhyNot } from './why-not.ts';

/** The one under the cursor of the list; null when there is none, or it has gone since. */
export function templateOf(state: ManagerState): TemplateRow | null {
  const view = topView(state);
  if (view.name !== 'templates') return null;
  return state.templateRows?.find((row) => row.name === view.selected) ?? null;
}

/** The newest build that runs. */
export const buildOf = (state: ManagerState): Task | null =>
  state.tasks.findLast((task) => task.verb === 'template-build' && isActive(task)) ?? null;

export const noTemplateChosen: WhyNot = (state) =>
  templateOf(state) !== null ? null : (state.templateRows?.length ?? 0) === 0 ? 'There is no template; b builds one' : 'It is gone';

export const templateBroken: WhyNot = (state) => {
  const row = templateOf(state);
  return row === null || row.fault === '' ? null : `${row.label} ${row.fault}`;
};

const SHOWN = 6;

export const idList = (ids: readonly number[]): string =>
  ids.length <= SHOWN ? ids.join(' ') : `${ids.slice(0, SHOWN).join(' ')} and ${ids.length - SHOWN} more`;

/** What the engine would refuse: a tree that containers stand on does not go. */
export const templateNotRemovable: WhyNot = (state) => {
  const row = templateOf(state);
  if (row === null) return null;
  const { overlays } = usedBy(state, row);
  if (overlays.length > 0) return `${row.label} is the lower layer of ${idList(overlays)}; destroy these first`;
  return row.embedded ? `${row.label} came with the program and stays` : null;
};

export const noBuild: WhyNot = (state) => (buildOf(state) === null ? 'No template is being built' : null);
