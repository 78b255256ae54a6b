// vzctl enter: a login shell in a running container, on a terminal of the container's own.
import type { EnterOutcome } from '../../engine/index.ts';
import { type Call, CliExit, type Command } from '../command.ts';

/** --exec types words into the shell; each is followed by a blank, as the original does. */
function typed(args: readonly string[]): string {
  const [option, ...words] = args;
  if (option === undefined) return '';
  if (option !== '--exec') throw new CliExit(20, `Invalid option '${option}'`);
  if (words.length === 0) throw new CliExit(20, 'No command line given for --exec');
  return `${words.map((word) => `${word} `).join('')}\n`;
}

const go = ({ engine, id, run, relay }: Call, text: string): Promise<EnterOutcome> =>
  engine.enter(id, process.env['TERM'] ?? 'linux', text, relay && { ...relay, always: true, failure: 0 }, run);

export const enter: Command = {
  help: 'open a shell in a running container',
  synopsis: '[--exec COMMAND [ARGUMENT]…]',
  words: true,
  parse(args) {
    const text = typed(args);
    return {
      operands: [],
      async act(call) {
        const { id, run } = call;
        const { signal } = call.relay?.outcome?.() ?? (await go(call, text));
        if (signal !== null) run.report?.({ level: -1, text: `got signal ${signal}` });
        run.report?.({ level: 0, text: `exited from CT ${id}` });
        return 0;
      },
    };
  },
};
