// Making containers: the form, its fields and its plan. Rows of the table of keys.
import { actions } from './action.ts';
import { firstOf, noEngine, noTemplate, planFailed } from './why-not.ts';

export const FORM_KEYS = actions({
  create: {
    keys: ['c', 'insert'],
    label: 'create',
    help: 'A new container, by a form that shows first what it will do',
    when: ['table'],
    whyNot: firstOf(noEngine, noTemplate),
    changes: true,
    footer: { table: 7 },
  },
  'create-many': {
    keys: ['ctrl-n'],
    label: 'create many',
    help: 'Several containers at once, with names by a pattern and a password each',
    when: ['table', 'templates'],
    whyNot: firstOf(noEngine, noTemplate),
    changes: true,
  },
  'field-next': { keys: ['tab', 'down'], label: 'next field', help: 'The next field', when: ['create'], footer: { create: 2 } },
  'field-previous': { keys: ['shift-tab', 'up'], label: 'previous', help: 'The field before', when: ['create'] },
  'form-plan': {
    keys: ['enter'],
    label: 'show what will be done',
    help: 'Shows each step before it is done',
    when: ['create'],
    footer: { create: 1 },
  },
  'form-go': {
    keys: ['enter', 'y'],
    label: 'do it',
    help: 'Does what is shown',
    when: ['plan'],
    whyNot: planFailed,
    changes: true,
    footer: { plan: 1 },
  },
});
