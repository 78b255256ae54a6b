// How a call ended, for shells and programs: exit status and JSON of what was thrown.
import { VzError } from '../../engine/index.ts';
import { CliExit } from '../command.ts';

export const exitOf = (error: unknown): number => (error instanceof VzError || error instanceof CliExit ? error.exit : 3);

export function jsonError(error: unknown): object {
  if (error instanceof VzError) return { code: error.code, text: error.message, remedy: error.remedy, exit: error.exit };
  if (error instanceof CliExit) return { code: 'usage', text: error.message, remedy: '', exit: error.exit };
  return { code: 'internal', text: String(error), remedy: '', exit: 3 };
}
