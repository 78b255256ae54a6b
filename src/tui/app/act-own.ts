// A person's own command, on the container under the cursor or on the node: as a task with its output for a log, or with the terminal.
import { quoteWords } from '../../engine/index.ts';
import { lineInput } from '../forms/line-input.ts';
import { isAboutCt, nodeWords, type OwnCommand, type VariableValues } from '../keys/own-command.ts';
import { shownValues } from '../keys/own-keys.ts';
import { subjectOf } from '../keys/subject.ts';
import { actionOf, whyNot } from '../keys/table.ts';
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

/** Asks first for what it wants to know. */
export function startOwn(manager: Manager, action: string, command: OwnCommand): void {
  if (command.ask === '') void runOwn(manager, command, '');
  else {
    const ct = isAboutCt(command) ? (subjectOf(manager.store.getState())?.id ?? null) : null;
    manager.store.setState({ overlay: { kind: 'ask', action, ct, input: lineInput(), trouble: '' } });
  }
}

/** It has been answered; what it is about may have changed meanwhile. */
export function answerOwn({ store }: Manager, run: (command: OwnCommand, answer: string) => void): void {
  const { overlay } = store.getState();
  if (overlay?.kind !== 'ask') return;
  const answer = overlay.input.text.trim();
  store.setState({ overlay: answer === '' ? { ...overlay, trouble: 'Type something, or Esc leaves it' } : null });
  if (answer === '') return;
  const state = store.getState();
  const row = actionOf(state, overlay.action);
  const other = overlay.ct !== null && subjectOf(state)?.id !== overlay.ct;
  const reason = other ? `${overlay.ct} is gone` : row === null ? 'There is no such command' : whyNot(row, state);
  if (reason !== null) store.setState({ hint: reason });
  else if (row?.own !== undefined) run(row.own, answer);
}

export async function runOwn(manager: Manager, command: OwnCommand, answer: string): Promise<void> {
  const ct = isAboutCt(command) ? subjectOf(manager.store.getState()) : null;
  const words = nodeWords(command, { ...valuesOf(manager), ...(command.ask === '' ? {} : { answer }) });
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
