// A person's own command, on the container under the cursor or on the node: as a task with its output for a log, or with the terminal.
import { quoteWords } from '../../engine/index.ts';
import { isAboutCt, nodeWords, type OwnCommand, type VariableValues } from '../keys/own-command.ts';
import { shownValues } from '../keys/own-keys.ts';
import { subjectOf } from '../keys/subject.ts';
import { ctLabel } from '../store/notices.ts';
import type { Question } from '../store/state.ts';
import type { Manager } from './manager.ts';

/** Where a container lies, from its config. */
function placeOf(manager: Manager, ct: number, key: 'VE_PRIVATE' | 'VE_ROOT'): string {
  const { node, config } = manager.engine();
  const path = config(ct).values.get(key) ?? node.values.get(key) ?? '';
  return path === '' ? '' : node.shown(path.replaceAll('$VEID', String(ct)).replaceAll(`\${VEID}`, String(ct)));
}

function valuesOf(manager: Manager): Partial<VariableValues> {
  const state = manager.store.getState();
  const ct = subjectOf(state);
  if (ct === null) return {};
  return { ...shownValues(state), private: placeOf(manager, ct.id, 'VE_PRIVATE'), root: placeOf(manager, ct.id, 'VE_ROOT') };
}

/** The question with the command line as it will be run. */
export const askedOwn = (manager: Manager, command: OwnCommand, question: Question): Question => ({
  ...question,
  command: quoteWords(nodeWords(command, valuesOf(manager))),
});

export async function runOwn(manager: Manager, command: OwnCommand): Promise<void> {
  const ct = isAboutCt(command) ? subjectOf(manager.store.getState()) : null;
  const words = nodeWords(command, valuesOf(manager));
  const title = ct === null ? command.label : `${command.label} ${ctLabel(ct)}`;
  const order = { title, verb: command.name, ct: ct?.id ?? null, command: quoteWords(words), done: `${title}: done` };
  const engine = manager.engine();
  if (command.terminal) {
    const [file = '', ...args] = words;
    try {
      const { code, signal } = await manager.terminal.attach({ file, args, env: engine.programEnv() });
      manager.store.setState({ hint: code === 0 ? '' : `${title} ended with ${signal ?? `status ${code}`}` });
    } catch (error) {
      manager.tasks.failed(order, error);
    }
  } else await manager.tasks.run(order, (run) => engine.program(ct?.id ?? 0, words, run));
  manager.look();
}
