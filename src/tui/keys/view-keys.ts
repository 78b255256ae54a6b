// A container on a screen of its own: its tabs, its processes, what is looked for in its lists. Rows of the table of keys.
import { TABS, type Tab } from '../store/tabs.ts';
import { type Action, actions } from './action.ts';
import { FOUND_IN, OF_CT } from './mode.ts';
import { askSignal } from './questions.ts';
import { firstOf, noConsole, noEngine, noProcess } from './why-not.ts';

const PROCESSES = ['processes', 'node-processes'] as const;

const toTab = (tab: Tab): Action => ({ keys: [String(TABS.indexOf(tab) + 1)], label: tab, help: `The tab ${tab}`, when: OF_CT });

export const VIEW_KEYS = actions({
  'tab-next': {
    keys: ['right', 'tab', 'l'],
    label: 'tabs',
    help: 'The next tab',
    when: OF_CT,
    footer: { container: 10, processes: 8, console: 4, log: 5, parameters: 3, events: 3 },
  },
  'tab-previous': {
    keys: ['left', 'shift-tab', 'h'],
    keysIn: { beans: ['left', 'shift-tab'] },
    label: 'tabs',
    help: 'The tab before',
    when: OF_CT,
  },
  'ct-next': { keys: [']', '}'], label: 'next container', help: 'The next container, in the same tab', when: OF_CT },
  'ct-previous': { keys: ['[', '{'], label: 'container before', help: 'The container before, in the same tab', when: OF_CT },
  'processes-of-node': {
    keys: ['P'],
    label: 'processes',
    help: 'The processes of all containers in one list',
    when: ['table'],
    whyNot: noEngine,
  },
  find: {
    keys: ['/', 'f3'],
    label: 'find',
    help: 'Shows only lines in which all the words occur',
    when: FOUND_IN,
    footer: { processes: 4, 'node-processes': 5, log: 2, parameters: 1, events: 1, journal: 2, 'task-log': 1 },
  },
  'find-done': { keys: ['enter'], label: 'keep', help: 'Keeps what is found', when: ['finding'], footer: { finding: 1 } },
  'find-clear': { keys: ['escape'], label: 'clear', help: 'Shows all lines again', when: ['finding'], footer: { finding: 2 } },
  'console-type': {
    keys: ['enter'],
    label: 'type',
    help: 'Types into the console, until the leave chord gives its keyboard back',
    when: ['console'],
    whyNot: firstOf(noEngine, noConsole),
    changes: true,
    footer: { console: 1 },
  },
  'log-source': {
    keys: ['L'],
    label: 'source',
    help: 'What is logged inside, or what its console has printed',
    when: ['log'],
    footer: { log: 3 },
  },
  'log-wrap': {
    keys: ['w'],
    label: 'wrap',
    help: 'Breaks long lines, or cuts them again and shows the one under the cursor in full',
    when: ['log', 'console'],
    footer: { log: 4.5 },
  },
  'log-level': {
    keys: ['v'],
    label: 'level',
    help: 'All lines, warnings and worse, or errors and worse, where the log has levels',
    when: ['log'],
    footer: { log: 4 },
  },
  'process-signal': {
    keys: ['K'],
    label: 'signal',
    help: 'Sends a signal to the process under the cursor',
    when: PROCESSES,
    whyNot: firstOf(noEngine, noProcess),
    changes: true,
    footer: { processes: 1, 'node-processes': 2 },
  },
  'process-renice': {
    keys: ['n', 'f8'],
    label: 'renice',
    help: 'Changes the place of the process in the queue for the CPU',
    when: PROCESSES,
    whyNot: firstOf(noEngine, noProcess),
    changes: true,
    footer: { processes: 2, 'node-processes': 3 },
  },
  'process-fold': {
    keys: ['space'],
    label: 'fold',
    help: 'Folds away the processes below this one, or shows them again',
    when: PROCESSES,
    whyNot: noProcess,
    footer: { processes: 3, 'node-processes': 4 },
  },
  'process-sort': {
    keys: ['>', '.', 'f6'],
    label: 'sort',
    help: 'Sorts by the next: as a tree, by CPU, memory, time, pid',
    when: PROCESSES,
    footer: { processes: 5, 'node-processes': 6 },
  },
  'process-sort-previous': { keys: ['<', ','], label: 'sort left', help: 'Sorts by the one before', when: PROCESSES },
  'process-open': {
    keys: ['enter'],
    label: 'open',
    help: 'The container of the process, with its processes',
    when: ['node-processes'],
    whyNot: noProcess,
    footer: { 'node-processes': 1 },
  },
  'signal-choose': {
    keys: ['enter'],
    label: 'send',
    help: 'Sends the signal under the cursor',
    when: ['signal'],
    danger: askSignal,
    changes: true,
    footer: { signal: 1 },
  },
  'signal-leave': { keys: ['escape', 'q', 'ctrl-c'], label: 'leave it', help: 'Sends nothing', when: ['signal'], footer: { signal: 2 } },
  'renice-go': { keys: ['enter'], label: 'do it', help: 'Takes the new place', when: ['renice'], changes: true, footer: { renice: 1 } },
  'renice-leave': { keys: ['escape'], label: 'leave it', help: 'Changes nothing', when: ['renice'], footer: { renice: 2 } },
  'tab-overview': toTab('overview'),
  'tab-processes': toTab('processes'),
  'tab-console': toTab('console'),
  'tab-log': toTab('log'),
  'tab-parameters': toTab('parameters'),
  'tab-events': toTab('events'),
});
