// The list of templates and the choice of what to build. Rows of the table of keys.
import { actions } from './action.ts';
import { OF_CT } from './mode.ts';
import { askRemoveTemplate } from './template-questions.ts';
import { noBuild, noTemplateChosen, templateBroken, templateNotRemovable } from './template-why-not.ts';
import { firstOf, noEngine } from './why-not.ts';

export const TEMPLATE_KEYS = actions({
  templates: {
    keys: ['O'],
    label: 'templates',
    help: 'The templates that containers are made from',
    when: ['table', 'tasks', ...OF_CT],
    whyNot: noEngine,
  },
  'template-use': {
    keys: ['c', 'enter'],
    label: 'create from it',
    help: 'A new container from this template',
    when: ['templates'],
    whyNot: firstOf(noEngine, noTemplateChosen, templateBroken),
    changes: true,
    footer: { templates: 1 },
  },
  'template-build': {
    keys: ['B'],
    keysIn: { templates: ['b', 'B'] },
    label: 'build template',
    help: 'Builds a template by one of the known recipes',
    when: ['table', 'templates'],
    whyNot: noEngine,
    changes: true,
    footer: { templates: 2 },
  },
  'template-check': {
    keys: ['v'],
    label: 'check',
    help: 'Reads the whole archive and says what a create would be refused for',
    when: ['templates'],
    whyNot: firstOf(noEngine, noTemplateChosen),
    footer: { templates: 3 },
  },
  'template-remove': {
    keys: ['D', 'delete'],
    label: 'remove',
    help: 'Deletes the template; containers that were made from it stay',
    when: ['templates'],
    whyNot: firstOf(noEngine, noTemplateChosen, templateNotRemovable),
    danger: askRemoveTemplate,
    changes: true,
    footer: { templates: 4 },
  },
  'template-look': { keys: ['r'], label: 'look again', help: 'Looks at the cache anew', when: ['templates'], whyNot: noEngine },
  'template-cancel': {
    keys: ['x'],
    label: 'cancel build',
    help: 'Ends the newest build that runs; nothing of it is left',
    when: ['templates'],
    whyNot: noBuild,
    changes: true,
    footer: { templates: 5 },
  },
  'template-go': {
    keys: ['enter'],
    label: 'build',
    help: 'Builds the template',
    when: ['template'],
    changes: true,
    footer: { template: 1 },
  },
});
