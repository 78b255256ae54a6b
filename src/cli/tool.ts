// What the small programs beside vzctl and vzlist have in common: usage, refusals, one exit status for whatever goes wrong.
import { type Engine, systemRefusal, VzError } from '../engine/index.ts';
import { GetoptFault } from './args.ts';
import { CliExit } from './command.ts';
import { openSession } from './session.ts';

export interface Tool {
  readonly name: string;
  /** One line for lists of programs. */
  readonly help: string;
  /** Begins with "Usage: ". */
  readonly usage: string;
  /** Words that its options are, for completion. */
  readonly options: readonly string[];
  /** What its operands are, for completion. */
  readonly operands: 'containers' | 'files' | 'none';
  /** Where usage goes after an option that cannot be read, and the exit status then. */
  readonly misuse?: { readonly to: 'out' | 'err' | 'nowhere'; readonly exit: number };
  /** `open` gives the engine, which options that cannot be read never need. Returns the exit status. */
  readonly run: (args: readonly string[], open: () => Engine) => number | Promise<number>;
}

/** It was called wrongly; `text` stands on stderr before the usage. */
export class Misuse extends Error {}

/** Usage was asked for. */
export class HelpAsked extends Error {}

/** What the original has no word for is for people alone: programs read the same as ever. */
export function hint(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}

const MISUSE = { to: 'err', exit: 1 } as const;

export async function runTool(tool: Tool, args: readonly string[]): Promise<number> {
  let engine: Engine | null = null;
  const open = (): Engine => {
    engine ??= openSession(tool.name, args);
    return engine;
  };
  try {
    return await tool.run(args, open);
  } catch (error) {
    if (error instanceof HelpAsked) {
      process.stdout.write(tool.usage);
      return 0;
    }
    if (error instanceof Misuse || error instanceof GetoptFault) {
      const { to, exit } = tool.misuse ?? MISUSE;
      const text = error instanceof GetoptFault ? `${tool.name}: ${error.message}` : error.message;
      if (text !== '') process.stderr.write(`${text}\n`);
      if (to !== 'nowhere') (to === 'out' ? process.stdout : process.stderr).write(tool.usage);
      return exit;
    }
    const told = error instanceof CliExit || error instanceof VzError ? error.message : systemRefusal(error);
    if (told === null) throw error;
    if (told !== '') process.stderr.write(`${told}\n`);
    return error instanceof CliExit ? error.exit : 1;
  } finally {
    (engine as Engine | null)?.close();
  }
}
