// vzdeck node: what the node has and was promised, its boot and shutdown by hand, and the service of systemd that does the same.
import type { BootOutcome, Engine, RunOptions } from '../../engine/index.ts';
import { CliExit } from '../command.ts';
import { exitOf, jsonError } from '../format/end.ts';
import { FriendlyVoice } from '../format/friendly.ts';
import { nodeView } from './node-view.ts';

interface Call {
  readonly engine: Engine;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly verbose: boolean;
  readonly signal: AbortSignal;
}

type Way = 'nodeStart' | 'nodeStop';

/** All of them; the exit status is that of the first failure. */
async function all({ engine, json, dryRun, verbose, signal }: Call, way: Way): Promise<number> {
  const voice = new FriendlyVoice(verbose);
  if (dryRun) {
    const lines = await engine.plan(async (planned) => void (await planned[way](undefined, { signal })));
    if (json) process.stdout.write(`${JSON.stringify(lines)}\n`);
    else for (const { what, detail } of lines) process.stdout.write(`${what.padEnd(8)} ${detail}\n`);
    return 0;
  }
  const run: RunOptions = { signal, ...(json ? {} : { report: voice.listener('node') }) };
  const ended = (outcome: BootOutcome): void => voice.outcome({ ...outcome, exit: exitOf(outcome.error) });
  const outcomes = await engine[way](json ? undefined : ended, run);
  voice.clear();
  if (json) process.stdout.write(`${JSON.stringify(outcomes.map((o) => (o.error === null ? o : { ...o, error: jsonError(o.error) })))}\n`);
  const failed = outcomes.find(({ error }) => error !== null);
  return failed ? exitOf(failed.error) : 0;
}

function status({ engine, json }: Call): number {
  const { unit, file, text, installed } = engine.service();
  const state = installed === null ? 'not installed' : installed === text ? 'installed' : 'installed, but not as this version would do it';
  if (json) process.stdout.write(`${JSON.stringify({ unit, file, installed: installed !== null, current: installed === text })}\n`);
  else process.stdout.write(`${unit} is ${state} (${file})\n`);
  return installed === null ? 3 : 0;
}

const WORDS: Readonly<Record<string, (call: Call) => number | Promise<number>>> = {
  view({ engine, json }) {
    nodeView(engine, json);
    return 0;
  },
  start: (call) => all(call, 'nodeStart'),
  stop: (call) => all(call, 'nodeStop'),
  status,
  show({ engine }) {
    process.stdout.write(engine.service().text);
    return 0;
  },
  async install({ engine, dryRun }) {
    const { unit, file, text } = engine.service();
    if (dryRun) process.stdout.write(`${file}:\n${text}`);
    else {
      await engine.installService();
      process.stdout.write(`${unit} is installed: containers start and stop with the node from its next boot on\n`);
    }
    return 0;
  },
  async remove({ engine, dryRun }) {
    const { unit } = engine.service();
    if (!dryRun) await engine.removeService();
    process.stdout.write(`${unit} ${dryRun ? 'would be' : 'is'} removed; what runs goes on\n`);
    return 0;
  },
};

/** Throws CliExit 20 for a word that is none. */
export async function node(words: readonly string[], call: Call): Promise<number> {
  const [word = 'view', ...more] = words;
  const act = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (!act || more.length > 0) throw new CliExit(20, `vzdeck node takes one of ${Object.keys(WORDS).join(', ')}`);
  return act(call);
}
