// vzctl start, stop and restart: one table of options, of which each verb takes its own.
import { scanOptions } from '../args.ts';
import { type Call, CliExit, type Command, done, type OptionRow } from '../command.ts';

interface Given {
  wait?: boolean;
  force?: boolean;
  fast?: boolean;
  skipUmount?: boolean;
}

type Part = 'start' | 'stop';

const ROWS: readonly (OptionRow & { readonly of: Part; readonly set?: keyof Given })[] = [
  { name: 'fast', value: false, of: 'stop', set: 'fast', help: 'kill at once instead of shutting down' },
  { name: 'skip-umount', value: false, of: 'stop', set: 'skipUmount', help: 'leave the files mounted' },
  { name: 'force', value: false, of: 'start', set: 'force', help: 'start also what is disabled' },
  { name: 'wait', value: false, of: 'start', set: 'wait', help: 'wait until init has come through its start' },
  { name: 'skip-fsck', value: false, of: 'start', help: 'for images only', hidden: true },
  { name: 'skip-remount', value: false, of: 'start', help: 'keep a mount that is there', hidden: true },
  { name: 'skip_ve_setup', value: false, of: 'start', help: 'for old scripts', hidden: true },
];

function command(
  verb: 'start' | 'stop' | 'restart',
  parts: readonly Part[],
  help: string,
  act: (call: Call, given: Given) => Promise<void>,
): Command {
  return {
    help,
    changes: true,
    options: ROWS.filter((row) => parts.includes(row.of)),
    parse(args) {
      const given: Given = {};
      const operands = scanOptions(args, ROWS, ({ spec }) => {
        const row = ROWS.find((r) => r === spec);
        if (row && !parts.includes(row.of)) throw new CliExit(20, `Option --${row.name} is not applicable to ${verb} command`);
        if (row?.set) given[row.set] = true;
      });
      return { operands, act: (call) => done(act(call, given)) };
    },
  };
}

export const start = command('start', ['start'], 'start a container', ({ engine, id, run }, given) => engine.start(id, given, run));
export const stop = command('stop', ['stop'], 'stop a container', ({ engine, id, run }, given) => engine.stop(id, given, run));
export const restart = command('restart', ['start', 'stop'], 'stop a container if it runs, and start it', ({ engine, id, run }, given) =>
  engine.restart(id, given, run),
);
