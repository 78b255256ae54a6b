// vzctl exec, exec2, exec3: programs in a running container. They differ in what they make of the exit status, and of a shell.
import { VzError } from '../../engine/index.ts';
import { type Call, CliExit, type Command } from '../command.ts';

/** exec: whatever went wrong, scripts get 8. */
const ANY_FAILURE = 8;
const KILLED = 3;
/** What comes back when neither shell nor program could be executed: scripts know it from the original. */
const NOT_EXECUTED = 4;

/** The last one that is tried. */
const SHELL = '/bin/sh';

/** Every other failure goes before this one, wherever in the path it came. */
const absentInside = ({ fields }: VzError): boolean => fields['op'] === 'exec' && fields['errno'] === 'ENOENT';

/** Exit status of the program as vzctl tells it. `failure`: what any but 0 is told as, 0: as it is. */
async function status({ engine, id, run, relay }: Call, words: readonly string[], shell: boolean, failure: number): Promise<number> {
  try {
    const back = relay && { ...relay, always: false, failure };
    const { code, signal } = relay?.outcome?.() ?? (await engine.exec(id, words, { shell, back }));
    if (signal === null) return code ?? 0;
    run.report?.({ level: -1, text: `Got signal ${signal}` });
    return KILLED;
  } catch (error) {
    if (!(error instanceof VzError) || error.code !== 'launch-failed') throw error;
    run.report?.({ level: -1, text: absentInside(error) ? `${shell ? SHELL : words[0]}: not found inside` : error.message });
    return NOT_EXECUTED;
  }
}

function command(help: string, shell: boolean, failure: number): Command {
  const exit = (status: number): number => (status === 0 ? 0 : failure || status);
  return {
    help,
    synopsis: 'COMMAND [ARGUMENT]…',
    words: true,
    parse(given) {
      // As other tools want it before the command; none begins so.
      const args = given[0] === '--' ? given.slice(1) : given;
      if (args.length === 0) throw new CliExit(20, 'No command line given for exec');
      return {
        operands: [],
        async act(call) {
          try {
            return exit(await status(call, args, shell, failure));
          } catch (error) {
            if (!(error instanceof VzError)) throw error;
            call.run.report?.({ level: -1, text: error.message });
            return exit(error.exit);
          }
        },
      };
    },
  };
}

export const exec = command('run a shell command inside; any failure is exit status 8', true, ANY_FAILURE);
export const exec2 = command('run a shell command inside and give back its exit status', true, 0);
export const exec3 = command('run a program inside without a shell', false, 0);
