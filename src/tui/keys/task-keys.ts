// The list of tasks. Rows of the table of keys.
import { actions } from './action.ts';
import { OF_CT } from './mode.ts';
import { noTask, taskNotActive, taskNotFailed } from './why-not.ts';

export const TASK_KEYS = actions({
  tasks: {
    keys: ['t', 'f2'],
    keysIn: { beans: ['ctrl-x', 'f2'], 'node-beans': ['ctrl-x', 'f2'] },
    label: 'tasks',
    help: 'What runs and what has run',
    when: ['table', 'trouble', 'templates', 'panes', 'node-processes', 'node-beans', 'node-network', 'journal', ...OF_CT],
    footer: { table: 13, templates: 7 },
  },
  'task-open': {
    keys: ['enter'],
    label: 'open',
    help: 'The failure of the task, or else its container',
    when: ['tasks'],
    whyNot: noTask,
    footer: { tasks: 1 },
  },
  'task-log': {
    keys: ['L', 'right'],
    label: 'log',
    help: 'All that the task has said, followed at its end',
    when: ['tasks'],
    whyNot: noTask,
    footer: { tasks: 2.5 },
  },
  'task-cancel': {
    keys: ['x', 'c'],
    label: 'cancel',
    help: 'Stops the task; what it has done is undone',
    when: ['tasks', 'task-log'],
    whyNot: taskNotActive,
    changes: true,
    footer: { tasks: 3, 'task-log': 3 },
  },
  'task-dismiss': {
    keys: ['d'],
    label: 'dismiss',
    help: 'Takes the failure off the screen',
    when: ['tasks', 'trouble'],
    whyNot: taskNotFailed,
    footer: { tasks: 4, trouble: 4 },
  },
});
