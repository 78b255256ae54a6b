// vzctl runscript: a script of the node is given to a shell inside; its exit status is that of the script.
import { CliExit, type Command } from '../command.ts';

/** As exec tells a program that a signal ended. */
const KILLED = 3;

export const runscript: Command = {
  help: 'run a script of the node in a container, also in one that does not run',
  synopsis: 'FILE',
  words: true,
  cancels: true,
  parse(args) {
    const [file] = args;
    if (file === undefined) throw new CliExit(20, 'Script not specified');
    return {
      operands: [],
      async act({ engine, id, run }) {
        const { code, signal } = await engine.runScript(id, file.startsWith('/') ? file : `${process.cwd()}/${file}`, run);
        if (signal === null) return code ?? 0;
        run.report?.({ level: -1, text: `Got signal ${signal}` });
        return KILLED;
      },
    };
  },
};
