// What a person has changed about the table of keys: other keys for actions, and commands of their own. Data only.
import type { OwnCommand } from './own-command.ts';

export interface Bindings {
  /** Keys by action; what is not here has those of the table. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly own: readonly OwnCommand[];
}

export const NO_BINDINGS: Bindings = { keys: new Map(), own: [] };
