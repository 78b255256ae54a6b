// vzdeck with-proc: a program that knows beancounters only as files of an OpenVZ kernel, run with these in their places.
import type { Engine } from '../../engine/index.ts';
import { CliExit } from '../command.ts';

/** Returns the program's exit status. */
export async function withProc(engine: Engine, words: readonly string[]): Promise<number> {
  const argv = words[0] === '--' ? words.slice(1) : words;
  if (argv.length === 0)
    throw new CliExit(20, 'Which program? vzdeck with-proc PROGRAM [ARGUMENT]… runs it with /proc/user_beancounters in place');
  return engine.withOldFiles({ argv, env: process.env, cwd: process.cwd() });
}
