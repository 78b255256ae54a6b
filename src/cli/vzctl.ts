// vzctl: global flags, command word, container, options, in the original's order of checks. The first that fails decides.
import { ENGINE_VERSION, type Engine, isCtid, parseCtid, type RunOptions, readEnd, type VerbEvent } from '../engine/index.ts';
import { GetoptFault } from './args.ts';
import { type Asked, type Call, CliExit, type Command } from './command.ts';
import { ClassicVoice } from './format/classic.ts';
import { cancelSignal, openSession, thisProgram } from './session.ts';
import { commandOf } from './vzctl-commands.ts';
import { vzctlUsage } from './vzctl-usage.ts';

interface Globals {
  verbose: number;
  quiet: boolean;
  skipLock: boolean;
  dryRun: boolean;
}

const FLAGS: Readonly<Record<string, (g: Globals) => void>> = {
  '--verbose': (g) => {
    g.verbose++;
  },
  '--quiet': (g) => {
    g.quiet = true;
  },
  '--skiplock': (g) => {
    g.skipLock = true;
  },
  '--dry-run': (g) => {
    g.dryRun = true;
  },
};

/** Text that comes whatever --quiet says. */
const plain = (exit: number, text: string): CliExit => new CliExit(exit, text, true);

interface Words {
  readonly globals: Globals;
  readonly word: string;
  readonly rest: readonly string[];
}

/** Only what stands before the command word, literally. null: --version or --help has been answered. */
function readWords(args: readonly string[]): Words | null {
  const globals: Globals = { verbose: 0, quiet: false, skipLock: false, dryRun: false };
  let at = 0;
  for (; at < args.length; at++) {
    const flag = args[at] ?? '';
    if (flag === '--version') {
      process.stdout.write(`vzctl version ${ENGINE_VERSION}\n`);
      return null;
    }
    if (!Object.hasOwn(FLAGS, flag)) break;
    FLAGS[flag]?.(globals);
  }
  const [word, ...rest] = args.slice(at);
  if (word === undefined) throw plain(20, vzctlUsage().trimEnd());
  if (word === '--help') {
    process.stdout.write(vzctlUsage());
    return null;
  }
  return { globals, word, rest };
}

/** The container that a word means: an integer, or a name. */
function containerOf(engine: Engine, word: string): number {
  const number = parseCtid(word);
  const id = number ?? engine.idOf(word);
  if (id === null || !isCtid(id)) throw plain(21, `Bad CT ID ${word}`);
  return id;
}

/** --dry-run may also stand among the options of verbs that do not hand their words on. */
function takeDryRun(command: Command, args: readonly string[], globals: Globals): readonly string[] {
  if (command.words || !args.includes('--dry-run')) return args;
  globals.dryRun = true;
  return args.filter((word) => word !== '--dry-run');
}

function readOptions(command: Command, args: readonly string[], engine: Engine, say: (event: VerbEvent) => void): Asked {
  const asked = ((): Asked => {
    try {
      return command.parse(args, engine, (level, text) => say({ level, text }));
    } catch (error) {
      if (error instanceof GetoptFault) throw plain(command.usageExit ?? 20, `vzctl: ${error.message}`);
      throw error;
    }
  })();
  const extra = asked.operands.map((word) => `${word} `).join('');
  if (extra !== '') throw new CliExit(20, `${command.options ? 'Invalid extra arguments' : 'Invalid options'}: ${extra}`);
  return asked;
}

/** Config there, warnings told, and the name by which the container was called still its own. */
function checkConfig(command: Command, engine: Engine, id: number, word: string, say: (event: VerbEvent) => void): void {
  if (id === 0 && !command.node) throw plain(21, 'Only set actions are allowed for CT0');
  const config = engine.config(id);
  for (const remark of config.remarks) say(remark);
  if (!config.exists && !command.withoutConfig) throw new CliExit(14, 'Container config file does not exist');
  const name = config.own.get('NAME');
  if (parseCtid(word) === null && name !== undefined && name !== word) throw new CliExit(21, `Unable to find container by name ${word}`);
}

async function perform(asked: Asked, call: Call, dryRun: boolean): Promise<number> {
  const { engine, id, run } = call;
  if (!dryRun) return asked.act(call);
  let exit = 0;
  // Progress would read as if it had been done; refusals are part of the plan.
  const report: RunOptions['report'] = (event) => (event.level < 0 ? run.report?.(event) : undefined);
  const lines = await engine.plan(async (planned) => {
    exit = await asked.act({ engine: planned, id, run: { ...run, report }, planned: true });
  });
  for (const { what, detail } of lines) process.stdout.write(`${what.padEnd(8)} ${detail}\n`);
  return exit;
}

/** The program name by which a call comes back after a program inside has ended; its last word is the outcome. */
export const RETURNED = 'vzctl returned';

const globalWords = (globals: Globals): readonly string[] => [
  ...Array.from({ length: globals.verbose }, () => '--verbose'),
  ...(globals.quiet ? ['--quiet'] : []),
];

/** `outcome`: of the program inside whose end this call comes back to tell. What was checked and said before is not again. */
async function call({ globals, word, rest }: Words, voice: { now: ClassicVoice }, outcome: string | null): Promise<number> {
  const command = commandOf(word);
  if (!command) throw plain(20, `Bad command: ${word}`);
  const [container, ...words] = rest;
  if (container === undefined) throw plain(21, 'CT ID missing');
  const args = takeDryRun(command, words, globals);
  const engine = openSession('vzctl', [...globalWords(globals), word, ...rest], command.changes === true && !globals.dryRun);
  try {
    const { node } = engine;
    const verbosity = command.quietProgress ? -1 : Number(node.values.get('VERBOSE') ?? 0) + globals.verbose;
    const voiceFor = (id: number): ClassicVoice =>
      new ClassicVoice(Number.isNaN(verbosity) ? 0 : verbosity, globals.quiet, (event) => engine.log(id, event));
    voice.now = voiceFor(0);
    const id = containerOf(engine, container);
    voice.now = voiceFor(id);
    const say = outcome === null ? voice.now.say : () => {};
    if (node.unread !== null && !(word === 'create' && node.fresh)) throw plain(10, `Unable to open ${node.vzConf}: ${node.unread}`);
    for (const remark of node.remarks) say(remark);
    const asked = readOptions(command, args, engine, say);
    if (outcome === null) checkConfig(command, engine, id, container, say);
    // Ctrl-C in exec is for the program inside, and ends us with it.
    const signal = command.words && !command.cancels ? new AbortController().signal : cancelSignal();
    const run: RunOptions = { report: voice.now.say, signal, skipLock: globals.skipLock };
    const relay = {
      ...thisProgram([RETURNED, ...globalWords(globals), word, String(id), ...words]),
      title: ['vzctl', word, String(id), ...words].join(' '),
      outcome: outcome === null ? null : () => readEnd(outcome),
    };
    return await perform(asked, { engine, id, run, relay }, globals.dryRun);
  } finally {
    engine.close();
  }
}

export async function vzctl(args: readonly string[], outcome: string | null = null): Promise<number> {
  const voice = { now: new ClassicVoice(0, false) };
  try {
    const words = readWords(args);
    if (!words) return 0;
    voice.now = new ClassicVoice(words.globals.verbose, words.globals.quiet);
    return await call(words, voice, outcome);
  } catch (error) {
    if (!(error instanceof CliExit)) return voice.now.fail(error);
    if (error.plain) process.stderr.write(`${error.message}\n`);
    else if (error.message !== '') voice.now.say({ level: -1, text: error.message });
    return error.exit;
  }
}
