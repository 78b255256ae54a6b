// The verbs of vzdeck: those that vzctl has as well, without what only compatibility asks of them, and its own.
import type { Command } from './command.ts';
import { createWithAll } from './commands/create.ts';
import { exec2 } from './commands/exec.ts';
import { freeze, thaw } from './commands/freeze.ts';
import { COMMANDS } from './vzctl-commands.ts';

const VERBS: Readonly<Record<string, Command>> = { ...COMMANDS, create: createWithAll, exec: exec2, freeze, thaw };

/** Compatibility words that help would only make longer. */
const HIDDEN = new Set(['delete', 'exec2', 'exec3']);

export function verbOf(word: string): Command | undefined {
  return Object.hasOwn(VERBS, word) ? VERBS[word] : undefined;
}

export const SHOWN_VERBS: readonly (readonly [word: string, command: Command])[] = Object.entries(VERBS).filter(
  ([word]) => !HIDDEN.has(word),
);
