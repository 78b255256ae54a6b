// A person's own commands as rows of the table of keys: shown, asked about and refused like built-in ones.
import { quoteWords } from '../../engine/index.ts';
import { ctLabel } from '../store/notices.ts';
import type { ManagerState, Question } from '../store/state.ts';
import { busyWith } from '../store/task-state.ts';
import type { Action } from './action.ts';
import { ABOUT_CT, PLAIN } from './mode.ts';
import { isAboutCt, nodeWords, type OwnCommand, type VariableValues, variablesIn } from './own-command.ts';
import { subjectOf } from './subject.ts';
import { firstOf, noContainer, noEngine, type WhyNot } from './why-not.ts';

/** Behind those of the program. */
const FOOTER = 60;

/** What the screen knows of a container; where it lies only the engine does. */
export function shownValues(state: ManagerState): Partial<VariableValues> {
  const ct = subjectOf(state);
  if (ct === null) return {};
  const { id, name, hostname, ips, state: status, ostemplate } = ct;
  return { ctid: String(id), name, hostname, ip: ips[0] ?? '', status, template: ostemplate };
}

const unfit =
  (command: OwnCommand): WhyNot =>
  (state) => {
    const ct = subjectOf(state);
    if (ct === null) return noContainer(state);
    const busy = command.reads ? null : busyWith(state, ct.id);
    if (busy !== null) return `${ct.id} is busy: ${busy.title} is running`;
    if (command.inside && ct.state !== 'running') return `${ct.id} is ${ct.state}: the command runs in it`;
    if (command.states.length > 0 && !command.states.includes(ct.state))
      return `${ct.id} is ${ct.state}, not ${command.states.join(' or ')}`;
    const values: Readonly<Record<string, string | undefined>> = shownValues(state);
    const missing = variablesIn(command.words).find((name) => values[name] === '');
    return missing === undefined ? null : `${ct.id} has no ${missing}, which the command wants`;
  };

const question =
  (command: OwnCommand) =>
  (state: ManagerState): Question | null => {
    if (command.confirm === '' && !command.danger) return null;
    const ct = isAboutCt(command) ? subjectOf(state) : null;
    return {
      ct: ct?.id ?? null,
      title: `${command.label}${ct === null ? '' : `: ${ctLabel(ct)}`}?`,
      lines: [command.confirm || 'This command of yours is marked as dangerous.'],
      command: quoteWords(nodeWords(command, shownValues(state))),
      yes: 'do it',
      no: 'leave it',
      enter: !command.danger,
    };
  };

/** The command as an action; `place` counts a person's commands. */
export function ownAction(command: OwnCommand, place: number): Action {
  const about = isAboutCt(command);
  const usual = about ? ABOUT_CT : PLAIN;
  const when = command.where.length === 0 ? usual : PLAIN.filter((mode) => command.where.includes(mode));
  return {
    keys: command.keys,
    label: command.label,
    help: command.help || `Your own: ${quoteWords(nodeWords(command, {}))}`,
    when,
    whyNot: about ? firstOf(noEngine, unfit(command)) : noEngine,
    danger: question(command),
    ...(command.reads ? {} : { changes: true }),
    footer: Object.fromEntries(when.map((mode) => [mode, FOOTER + place])),
    own: command,
  };
}
