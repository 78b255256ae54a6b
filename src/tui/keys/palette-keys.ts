// The palette: everything that can be asked for, by typing a part of its name. Rows of the table of keys.
import { actions } from './action.ts';
import { PLAIN } from './mode.ts';

export const PALETTE_KEYS = actions({
  palette: {
    keys: [':', 'ctrl-p'],
    label: 'find',
    help: 'Finds actions, containers and views by parts of their names',
    when: PLAIN,
    footer: { table: 9.5, container: 9.5, tasks: 6.5, trouble: 6.5, panes: 6.5 },
  },
  'ask-go': { keys: ['enter'], label: 'go on', help: 'Runs the command with what was typed', when: ['ask'], footer: { ask: 1 } },
  'palette-go': { keys: ['enter'], label: 'do it', help: 'Does what is chosen, or goes there', when: ['palette'], footer: { palette: 1 } },
});
