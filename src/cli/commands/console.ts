// vzctl console: the container's terminals as its keeper holds them. Attaches the real terminal; ESC . at the start of a line leaves.
import { decide, TerminalGuard, type TerminalLink, VzError } from '../../engine/index.ts';
import { type Call, CliExit, type Command } from '../command.ts';
import { rawTerminal } from '../raw-terminal.ts';
import { DetachKeys } from './detach-keys.ts';

/** Nothing, 0 and 1 are the console. */
function ttyOf(args: readonly string[]): number {
  if (args.length > 1) throw new CliExit(20, 'Invalid syntax: too many parameters!');
  const [word = '0'] = args;
  if (!/^\d{1,4}$/.test(word)) throw new CliExit(21, `Invalid tty number: ${word}`);
  return Number(word);
}

/** Until the container ends or the user leaves; resolves with the line to say. */
function attach(link: TerminalLink, raw: boolean): Promise<string> {
  const { stdin, stdout } = process;
  const guard = new TerminalGuard();
  const keys = new DetachKeys();
  let passes = false;
  return new Promise((resolve) => {
    const resize = (): void => link.resize(stdout.columns ?? 80, stdout.rows ?? 24);
    const input = (bytes: Buffer): void => {
      const { pass, detach } = keys.take(bytes);
      // What the console said before we came asks nothing of this terminal.
      passes = raw;
      if (pass.length > 0) link.write(pass);
      if (detach) leave('');
    };
    const leave = (why: string): void => {
      stdin.off('data', input).pause();
      giveBack();
      stdout.off('resize', resize);
      link.close();
      resolve(why);
    };
    const giveBack = rawTerminal();
    link.onData((bytes) => stdout.write(passes ? bytes : guard.filter(bytes)));
    link.onEnd(leave);
    stdin.on('data', input).on('end', () => leave(''));
    stdout.on('resize', resize);
    if (stdout.isTTY) resize();
  });
}

/** A plan holds no terminal: what it would be attached to. Throws the refusal of the attempt. */
function tellPlan({ engine, id }: Call, tty: number): number {
  const state = engine.find(String(id))?.state ?? 'absent';
  const verdict = decide('console', state);
  if ('refuse' in verdict) throw new VzError(verdict.refuse, { ct: id, state, verb: 'console', instead: verdict.instead });
  process.stdout.write(`console  attach this terminal to tty ${Math.max(1, tty)} of container ${id}\n`);
  return 0;
}

export const console: Command = {
  help: 'attach to a terminal of a running container; ESC . leaves',
  synopsis: '[TTY] [--raw]',
  words: true,
  parse(args) {
    const raw = args.includes('--raw');
    const tty = ttyOf(args.filter((word) => word !== '--raw'));
    return {
      operands: [],
      async act(call) {
        const { engine, id } = call;
        if (call.planned) return tellPlan(call, tty);
        const link = await engine.console(id, tty);
        process.stderr.write(`Attached to CT ${id} (ESC . to detach)\n`);
        if (!link.writer) process.stderr.write('Another client has the keyboard: you can only watch\n');
        const why = await attach(link, raw);
        process.stderr.write(`\nDetached from CT ${id}${why === '' ? '' : `: ${why}`}\n`);
        return 0;
      },
    };
  },
};
