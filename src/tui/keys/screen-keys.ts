// Questions, the way back, looks and the way out. Rows of the table of keys.
import { actions } from './action.ts';
import { MODES, OF_CT, PLAIN, TYPED } from './mode.ts';
import { askQuit } from './questions.ts';
import { notByEnter, readOnlyForGood } from './why-not.ts';

export const SCREEN_KEYS = actions({
  yes: { keys: ['y'], label: 'yes', help: 'Goes on', when: ['confirm'] },
  'yes-enter': { keys: ['enter'], label: 'yes', help: 'Goes on, where little can be lost', when: ['confirm'], whyNot: notByEnter },
  no: { keys: ['n', 'escape', 'q', 'ctrl-c'], label: 'no', help: 'Leaves everything as it is', when: ['confirm'] },
  back: {
    keys: ['escape'],
    label: 'back',
    help: 'Back to where you came from',
    when: ['tasks', 'trouble', 'templates', 'panes', 'create', 'plan', 'template', 'palette', 'columns', 'node-processes', ...OF_CT],
    footer: {
      container: 8,
      processes: 9,
      'node-processes': 9,
      console: 8,
      log: 8,
      parameters: 8,
      events: 8,
      palette: 2,
      tasks: 5,
      trouble: 5,
      templates: 6,
      panes: 5,
      create: 3,
      plan: 2,
      template: 2,
    },
  },
  mouse: { keys: ['M'], label: 'mouse', help: 'Mouse on or off; off, the terminal itself selects and copies', when: PLAIN },
  'read-only': {
    keys: ['ctrl-r'],
    label: 'read-only',
    help: 'Read-only on or off; on, nothing on the node is changed from here',
    when: PLAIN,
    whyNot: readOnlyForGood,
  },
  theme: { keys: ['T'], label: 'theme', help: 'The next theme', when: PLAIN },
  help: {
    keys: ['?', 'f1'],
    label: 'help',
    help: 'All keys of this screen',
    when: [...PLAIN, 'create', 'filter'],
    footer: {
      table: 9,
      container: 9,
      processes: 10,
      'node-processes': 10,
      console: 9,
      log: 9,
      parameters: 9,
      events: 9,
      tasks: 6,
      trouble: 6,
      templates: 8,
      panes: 6,
    },
  },
  'help-close': { keys: ['escape', 'q', '?', 'f1', 'enter', 'ctrl-c'], label: 'close', help: 'Back to the screen', when: ['help'] },
  repaint: { keys: ['ctrl-l'], label: 'repaint', help: 'Draws the screen anew', when: MODES },
  suspend: { keys: ['ctrl-z'], label: 'suspend', help: 'Back to the shell until fg', when: MODES },
  quit: {
    keys: ['q', 'f10', 'ctrl-c'],
    label: 'quit',
    help: 'Leaves the manager; containers go on',
    when: [...PLAIN, ...TYPED.filter((mode) => mode !== 'prompt')],
    danger: askQuit,
    footer: { table: 10 },
  },
});
