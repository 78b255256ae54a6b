// What dangerous actions will do, in sentences that name the thing and the number, for the dialog before. Null: no question is needed.
import type { CtSample } from '../../engine/index.ts';
import { bulkRuns, countOf } from '../store/bulk.ts';
import { unsaved } from '../store/drafts.ts';
import { reopening } from '../store/kept-panes.ts';
import { unkept } from '../store/made.ts';
import { ctLabel } from '../store/notices.ts';
import type { PaneInfo } from '../store/pane-info.ts';
import { SIGNALS } from '../store/signals.ts';
import type { ManagerState, Question } from '../store/state.ts';
import { activeTasks } from '../store/task-state.ts';
import { failuresSeen } from '../store/ubc.ts';
import { openPanes, paneOf, subjectOf } from './subject.ts';

export type Ask = (state: ManagerState) => Question | null;

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

const about =
  (question: (ct: CtSample, state: ManagerState) => Omit<Question, 'ct'> | null): Ask =>
  (state) => {
    const ct = subjectOf(state);
    const asked = ct === null ? null : question(ct, state);
    return ct === null || asked === null ? null : { ...asked, ct: ct.id };
  };

/** "Its 14 processes end." and what of ours ends with them. */
function ending(ct: CtSample, state: ManagerState): readonly string[] {
  const panes = openPanes(state).filter((pane) => pane.ct === ct.id).length;
  return [
    `${plural(ct.numproc.held, 'process', 'processes')} in it ${ct.numproc.held === 1 ? 'ends' : 'end'}.`,
    ...(panes > 0 ? [`${plural(panes, 'pane')} of yours ${panes === 1 ? 'is' : 'are'} in it.`] : []),
  ];
}

export const askStop = about((ct, state) => ({
  title: `Stop ${ctLabel(ct)}?`,
  lines: ['Its init is asked to shut down, and killed when its stop timeout (120 s unless set otherwise) is over.', ...ending(ct, state)],
  command: `vzctl stop ${ct.id}`,
  yes: 'stop it',
  no: 'let it run',
  enter: true,
}));

export const askKill = about((ct, state) => ({
  title: `Kill ${ctLabel(ct)}?`,
  lines: ['No shutdown: everything in it is killed at once, as if the power went.', ...ending(ct, state)],
  command: `vzctl stop ${ct.id} --fast`,
  yes: 'kill it',
  no: 'let it run',
  enter: false,
}));

export const askRestart = about((ct, state) =>
  ct.state === 'running' || ct.state === 'frozen'
    ? {
        title: `Restart ${ctLabel(ct)}?`,
        lines: ['It is shut down and started again.', ...ending(ct, state)],
        command: `vzctl restart ${ct.id}`,
        yes: 'restart it',
        no: 'let it run',
        enter: true,
      }
    : null,
);

export const askReset = about((ct, state) => ({
  title: `Begin the counts of ${ctLabel(ct)} at 0?`,
  lines: [
    `What it was refused until now is forgotten: ${plural(failuresSeen(state), 'refusal')} of all its beancounters. Nobody can bring that back; history keeps when it was.`,
    'Its limits are written into the kernel again, as its config says.',
  ],
  command: `vzctl set ${ct.id} --reset_ub`,
  yes: 'begin at 0',
  no: 'keep them',
  enter: false,
}));

export const askFreeze = about((ct) => ({
  title: `Freeze ${ctLabel(ct)}?`,
  lines: [
    `${plural(ct.numproc.held, 'process', 'processes')} in it ${ct.numproc.held === 1 ? 'stands' : 'stand'} still, in memory: nothing answers, and who talks to it waits. Z lets it go on.`,
  ],
  command: `vzdeck freeze ${ct.id}`,
  yes: 'freeze it',
  no: 'let it run',
  enter: true,
}));

/** The signal that is chosen, for the process that was aimed at when the list was opened. */
export const askSignal: Ask = ({ aim }) => {
  const kind = SIGNALS[aim?.signal ?? -1];
  if (aim === null || kind === undefined) return null;
  const { process } = aim;
  const { name, does } = kind;
  const init = process.inner === 1;
  return {
    ct: null,
    title: `Send ${name} to process ${process.pid} of container ${process.ct}?`,
    lines: [
      process.command,
      ...(init && name === 'KILL' ? [`It is the container's init: all of container ${process.ct} ends with it.`] : []),
      ...(init && name !== 'KILL' ? ["It is the container's init: many stop or restart the container at a signal."] : []),
      `${name}: ${does}.`,
    ],
    command: `kill -${name} ${process.pid}`,
    yes: 'send it',
    no: 'leave it alone',
    enter: !(init && name === 'KILL'),
  };
};

export const askDestroy = about((ct) => ({
  title: `Destroy ${ctLabel(ct)}?`,
  lines: [`Its private area is deleted with all files in it; its config is kept as ${ct.id}.conf.destroyed.`, 'There is no way back.'],
  command: `vzctl destroy ${ct.id}`,
  yes: 'destroy it',
  no: 'keep it',
  enter: false,
}));

/** A shell that waits for its next command loses nothing. */
export const askClosePane: Ask = (state) => {
  const pane = paneOf(state);
  if (pane === null || pane.ended !== '' || pane.kind === 'console' || pane.runs === '') return null;
  return {
    ct: null,
    title: `Close the shell in ${pane.ct}?`,
    lines: [`${pane.runs} runs in it: the shell and what runs in it get SIGHUP. The container goes on.`],
    command: '',
    yes: 'close it',
    no: 'keep it open',
    enter: true,
  };
};

export const askReopen: Ask = (state) => {
  const { panes, lastPanes } = state;
  if (panes.length > 0 || lastPanes === null) return null;
  const { opened, leftOut } = reopening(state, lastPanes);
  const [first = '', ...others] = opened;
  return {
    ct: null,
    title: `Open the ${opened.length === 1 ? 'pane' : `${opened.length} panes`} of last time again?`,
    lines: [
      `${[first.charAt(0).toUpperCase() + first.slice(1), ...others].join(', ')}.`,
      'Shells begin anew: what ran in them ended when the manager was left.',
      ...(leftOut.length === 0 ? [] : [`Left out, since nobody can go in now: ${leftOut.join(', ')}.`]),
    ],
    command: '',
    yes: 'open',
    no: 'not now',
    enter: true,
  };
};

/** ", and what runs in them: vim, make" */
const running = (shells: readonly PaneInfo[]): string => {
  const names = [...new Set(shells.map((pane) => pane.runs).filter((name) => name !== ''))];
  return names.length === 0 ? '' : `, and what runs in ${shells.length === 1 ? 'it' : 'them'}: ${names.join(', ')}`;
};

export const askQuit: Ask = (state) => {
  const tasks = activeTasks(state);
  const waiting = bulkRuns(state.bulk) ? countOf(state.bulk, 'waiting') : 0;
  const shells = openPanes(state).filter((pane) => pane.kind === 'enter');
  const passwords = state.made.reduce((sum, list) => sum + unkept(list), 0);
  // New passwords are nowhere but in this process.
  const leavable = tasks.length > 0 && !state.made.some(({ kept, rows }) => kept === '' && rows.some(({ password }) => password !== ''));
  const changes = unsaved(state);
  if (tasks.length === 0 && shells.length === 0 && passwords === 0 && changes === 0) return null;
  return {
    ct: null,
    title: 'Leave the manager?',
    lines: [
      ...tasks.map((task) => `${task.title} is cancelled and undone.`),
      ...(waiting > 0 ? [`${waiting} more ${waiting === 1 ? 'is' : 'are'} not begun.`] : []),
      ...(shells.length > 0
        ? [`${plural(shells.length, 'shell')} in panes ${shells.length === 1 ? 'gets' : 'get'} SIGHUP${running(shells)}.`]
        : []),
      ...(passwords > 0
        ? [`${plural(passwords, 'password')} that nobody has copied or saved ${passwords === 1 ? 'is' : 'are'} forgotten.`]
        : []),
      ...(changes > 0
        ? [
            `${plural(changes, 'change')} of parameters that ${changes === 1 ? 'is' : 'are'} not saved ${changes === 1 ? 'is' : 'are'} forgotten.`,
          ]
        : []),
      ...(leavable ? ['Left running, the work goes on without a screen, and the next manager shows it.'] : []),
      'Containers go on.',
    ],
    command: '',
    yes: 'leave',
    no: 'stay',
    enter: true,
    ...(leavable ? { other: 'leave running' } : {}),
  };
};
