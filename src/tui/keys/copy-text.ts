// Which command line is meant where somebody wants one: that of the question, the plan, the task or the deed that is looked at, else of what
// was done last. Pure.
import { setLine } from '../../engine/index.ts';
import { createCommands } from '../forms/create-form.ts';
import { itemsLine } from '../forms/items-form.ts';
import { formLine } from '../forms/parameter-form.ts';
import { changesIn, draftOf } from '../store/drafts.ts';
import { journalRows } from '../store/journal-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import type { ManagerState } from '../store/state.ts';
import { beanUnder } from '../store/ubc.ts';
import { adviceLine } from '../store/ubc-text.ts';
import { sentenceUnder } from '../store/why.ts';
import { topView } from './mode.ts';
import { taskOf } from './subject.ts';

/** The chosen row of the journal; null where there is none. */
function chosenDeed(state: ManagerState) {
  const rows = journalRows(state);
  const keys = rows.map(({ key }) => key);
  return rows[placed(listingOf(state), keys, 1).index] ?? null;
}

const lines = (commands: readonly string[]): string => commands.filter((command) => command !== '').join('\n');

/** "" where there is none. */
export function copyText(state: ManagerState): string {
  const { overlay, form, plan, notices, tasks, bulk } = state;
  if (overlay?.kind === 'confirm') return overlay.question.command;
  if (overlay?.kind === 'items') return itemsLine(overlay.form, draftOf(state, overlay.form.ct));
  if (overlay?.kind === 'parameter') return formLine(overlay.form, draftOf(state, overlay.form.ct));
  const top = topView(state);
  const view = top.name;
  if (view === 'create' && form !== null && plan !== null) return createCommands(form).join('\n');
  const commandOf = (id: number | null): string => tasks.find((task) => task.id === id)?.command ?? '';
  if (view === 'bulk' && bulk !== null) return lines(bulk.items.map(({ task }) => commandOf(task)));
  if (top.name === 'changes' || (top.name === 'container' && state.tab === 'parameters' && draftOf(state, top.ct).size > 0))
    return setLine(top.ct, changesIn(draftOf(state, top.ct)), true);
  if (top.name === 'container' && state.tab === 'beans') return adviceLine(top.ct, beanUnder(state));
  if (top.name === 'why') return sentenceUnder(state)?.remedy ?? '';
  if (top.name === 'made') return commandOf(top.task);
  if (view === 'journal') return chosenDeed(state)?.entry.command ?? '';
  if (view === 'tasks' || view === 'task-log' || view === 'trouble') return taskOf(state)?.command ?? '';
  return notices.findLast((notice) => notice.command !== '')?.command ?? '';
}
