// What a row of the table of keys says. The rows lie in the files of their areas.
import type { ManagerState } from '../store/state.ts';
import type { Mode } from './mode.ts';
import type { OwnCommand } from './own-command.ts';
import type { Ask } from './questions.ts';
import type { WhyNot } from './why-not.ts';

export interface Action {
  /** Ids of the input router; the first is shown. */
  readonly keys: readonly string[];
  /** Other keys in modes that have something nearer for one of these. */
  readonly keysIn?: Partial<Record<Mode, readonly string[]>>;
  /** One or two words, for the footer. */
  readonly label: string;
  /** One sentence, for help. */
  readonly help: string;
  /** Modes in which its keys are its own. */
  readonly when: readonly Mode[];
  /** Why it can't be done now. */
  readonly whyNot?: WhyNot;
  /** The question before it is done. */
  readonly danger?: Ask;
  /** It changes something on the node, or can: not done in read-only mode. */
  readonly changes?: true;
  /** How many things it leads to; said beside the label when there are some. */
  readonly counts?: (state: ManagerState) => number;
  /** Place in the footer by mode; without one it is only in help. */
  readonly footer?: Partial<Record<Mode, number>>;
  /** What it runs, where a person has made it. */
  readonly own?: OwnCommand;
}

/** The keys of an action in a mode of its own. */
export const keysFor = ({ keys, keysIn }: Pick<Action, 'keys' | 'keysIn'>, mode: Mode): readonly string[] => keysIn?.[mode] ?? keys;

/** Rows of one area, whose names are kept by the compiler. */
export const actions = <Id extends string>(rows: Readonly<Record<Id, Action>>): Readonly<Record<Id, Action>> => rows;
