// vzdeck: the same verbs for people and programs: several containers at once, progress, plans, JSON.
import { ENGINE_VERSION, type Engine, type RunOptions } from '../engine/index.ts';
import { GetoptFault } from './args.ts';
import { type Asked, CliExit, type Command, type Remark } from './command.ts';
import { config } from './commands/config.ts';
import { diff } from './commands/diff.ts';
import { fields } from './commands/fields.ts';
import { journal } from './commands/journal.ts';
import { lens } from './commands/lens.ts';
import { list } from './commands/list.ts';
import { log, parseLog } from './commands/log.ts';
import { net } from './commands/net.ts';
import { node } from './commands/node.ts';
import { params } from './commands/params.ts';
import { probe } from './commands/probe.ts';
import { ps } from './commands/ps.ts';
import { sample } from './commands/sample.ts';
import { template } from './commands/template.ts';
import { parseUbc, ubc } from './commands/ubc.ts';
import { who } from './commands/who.ts';
import { why } from './commands/why.ts';
import { withProc } from './commands/with-proc.ts';
import { exitOf, jsonError } from './format/end.ts';
import { complaint, FriendlyVoice, type Outcome } from './format/friendly.ts';
import { allContainers, knownContainers, selectContainers } from './select.ts';
import { cancelSignal, openSession } from './session.ts';
import { verbOf } from './vzdeck-commands.ts';
import { helpOf, unknownVerb, vzdeckHelp } from './vzdeck-help.ts';

interface Globals {
  json: boolean;
  dryRun: boolean;
  verbose: boolean;
  skipLock: boolean;
  all: boolean;
}

/** Stand anywhere but behind exec, enter and console. */
const FLAGS: Readonly<Record<string, keyof Globals>> = {
  '--json': 'json',
  '--dry-run': 'dryRun',
  '--verbose': 'verbose',
  '--skiplock': 'skipLock',
  '--all': 'all',
};

/** Ctrl-C is the way to end it, and nothing is undone then. */
const ENDS_ITSELF: ReadonlySet<string> = new Set(['ubc']);

/** So many containers at a time: births hardly use the CPU, but each holds a mount and a lock. */
const AT_ONCE = 8;

interface Session {
  readonly engine: Engine;
  readonly globals: Globals;
  readonly signal: AbortSignal;
}

function jsonOutcome({ error, ...outcome }: Outcome): object {
  return error === null ? outcome : { ...outcome, error: jsonError(error) };
}

/** Runs the work for every id, AT_ONCE at a time; a failure of one does not stop the others. */
async function forEach(ids: readonly number[], work: (id: number) => Promise<void>): Promise<void> {
  const rest = [...ids];
  const worker = async (): Promise<void> => {
    for (let id = rest.shift(); id !== undefined; id = rest.shift()) await work(id);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, worker));
}

/** One verb on some containers. The exit status is that of the first failure. */
async function onContainers(session: Session, verb: string, asked: Asked, ids: readonly number[]): Promise<number> {
  const { engine, globals, signal } = session;
  const voice = new FriendlyVoice(globals.verbose);
  const outcomes: Outcome[] = [];
  await forEach(ids, async (id) => {
    const begun = performance.now();
    const report = globals.json ? () => {} : voice.listener(String(id));
    const run: RunOptions = { report, signal, skipLock: globals.skipLock };
    let exit = 0;
    let error: unknown = null;
    try {
      exit = await asked.act({ engine, id, run });
    } catch (thrown) {
      error = thrown;
      exit = exitOf(thrown);
    }
    const name = engine.find(String(id))?.name ?? '';
    const outcome: Outcome = { id, name, verb, seconds: Math.round(performance.now() - begun) / 1000, exit, error };
    outcomes.push(outcome);
    if (!globals.json) voice.outcome(outcome);
  });
  voice.clear();
  if (globals.json) process.stdout.write(`${JSON.stringify(outcomes.sort((a, b) => a.id - b.id).map(jsonOutcome))}\n`);
  return outcomes.find((outcome) => outcome.exit !== 0)?.exit ?? 0;
}

/** What would be done, container by container. */
async function plan({ engine, globals, signal }: Session, asked: Asked, ids: readonly number[]): Promise<number> {
  for (const id of ids) {
    const lines = await engine.plan(async (planned) => void (await asked.act({ engine: planned, id, run: { signal }, planned: true })));
    if (globals.json) process.stdout.write(`${JSON.stringify({ id, plan: lines })}\n`);
    else for (const { what, detail } of lines) process.stdout.write(`${id}  ${what.padEnd(8)} ${detail}\n`);
  }
  return 0;
}

/** enter, exec and console take one container; all further words are theirs. */
async function inside(session: Session, verb: string, command: Command, words: readonly string[]): Promise<number> {
  const { engine, globals, signal } = session;
  const [word, ...rest] = words;
  if (word === undefined) throw new CliExit(21, 'Which container?');
  const asked = command.parse(rest, engine, () => {});
  const ids = selectContainers(engine, [word]);
  if (ids.length > 1) throw new CliExit(21, `${verb} takes one container, and ${word} means ${ids.length} of them`);
  if (globals.dryRun) return plan(session, asked, ids);
  const report: RunOptions['report'] = ({ level, text }) => {
    if (level < 0) process.stderr.write(`${text}\n`);
  };
  return asked.act({ engine, id: ids[0] ?? 0, run: { signal, report } });
}

/** vzdeck set keeps what it changes: values that are gone with the next start are vzctl's affair. */
const withSave = (verb: string, words: readonly string[]): readonly string[] =>
  verb === 'set' && !words.includes('--reset_ub') && !words.includes('--save') ? [...words, '--save'] : words;

function idsOf({ engine, globals }: Session, verb: string, operands: readonly string[]): readonly number[] {
  if (globals.all && verb !== 'create') return allContainers(engine, verb);
  if (operands.length > 0) return selectContainers(engine, operands, verb === 'create');
  if (verb === 'create') return [engine.freeId()];
  throw new CliExit(21, `Which container? vzdeck ${verb} takes ids, names, ranges such as 101-110, patterns, or --all`);
}

function knownOf(session: Session, verb: string, operands: readonly string[]): readonly number[] {
  return operands.length > 0 ? knownContainers(session.engine, operands) : idsOf(session, verb, operands);
}

async function onVerb(session: Session, verb: string, command: Command, words: readonly string[]): Promise<number> {
  if (command.words) return inside(session, verb, command, words);
  const remark: Remark = (level, text) => {
    if (level < 0) process.stderr.write(`${text}\n`);
  };
  const asked = command.parse(withSave(verb, words), session.engine, remark, true);
  const ids = idsOf(session, verb, asked.operands);
  const { engine, globals, signal } = session;
  const { json, verbose, dryRun, skipLock } = globals;
  if (asked.together) return asked.together({ engine, ids, run: { signal, skipLock }, json, verbose, dryRun });
  return dryRun ? plan(session, asked, ids) : onContainers(session, verb, asked, ids);
}

/** A number that it ends with is the exit status. */
type Own = (session: Session, words: readonly string[]) => unknown;

const chosen = (engine: Engine, words: readonly string[]): readonly number[] | null =>
  words.length > 0 ? knownContainers(engine, words) : null;

const plainLine: RunOptions['report'] = ({ level, text }) => {
  if (level < 1) (level < 0 ? process.stderr : process.stdout).write(`${text}\n`);
};

const listed: Own = ({ engine, globals }, words) => list(engine, chosen(engine, words), globals.json);

async function logged({ engine, globals, signal }: Session, words: readonly string[]): Promise<void> {
  const { given, operands } = parseLog(words);
  const ids = knownContainers(engine, operands);
  if (ids.length !== 1) throw new CliExit(21, 'Which container? vzdeck log takes one');
  await log(engine, ids[0] ?? 0, given, globals.json, signal);
}

const counted: Own = ({ engine, globals }, words) => {
  const { asked, operands } = parseUbc(words);
  const ids = globals.all ? engine.list().map((ct) => ct.id) : chosen(engine, operands);
  return ubc(engine, ids, asked, globals.json);
};

/** Verbs that vzctl has no word for, or that are not asked container by container. */
const OWN: Readonly<Record<string, Own>> = {
  list: listed,
  status: listed,
  ps: ({ engine, globals }, words) => ps(engine, chosen(engine, words), globals.json),
  log: logged,
  ubc: counted,
  fields: ({ globals }, words) => fields(words, globals.json),
  params: ({ globals }, words) => params(words, globals.json),
  config: ({ engine, globals: { json, dryRun, skipLock }, signal }, words) =>
    config(words, { engine, json, dryRun, run: { signal, skipLock, ...(json ? {} : { report: plainLine }) } }),
  diff: (session, words) => diff(session.engine, knownOf(session, 'diff', words), session.globals.json),
  template: ({ engine, globals: { json, dryRun, verbose }, signal }, words) =>
    template(words, { engine, json, dryRun, run: { signal, report: new FriendlyVoice(verbose).listener('template') } }),
  why: ({ engine, globals, signal }, words) => why(engine, words, globals.json, signal),
  who: ({ engine, globals }, words) => who(engine, words, globals.json),
  sample: ({ engine, globals: { json, dryRun }, signal }, words) => sample(words, { engine, json, dryRun, run: { signal } }),
  probe: ({ engine, globals }) => probe(engine, globals.json),
  journal: ({ engine, globals }, words) => journal(engine, words, globals.json),
  node: ({ engine, globals: { json, dryRun, verbose }, signal }, words) => node(words, { engine, json, dryRun, verbose, signal }),
  lens: ({ engine, globals }, words) => lens(engine, words, globals.json),
  net: ({ engine, globals: { json, dryRun }, signal }, words) =>
    net(words, { engine, json, dryRun, run: { signal, ...(json ? {} : { report: plainLine }) } }),
  exited: ({ engine, signal }, words) => engine.exited(Number(words[0]), { signal }),
  leave: ({ engine }) => engine.leave(),
  'with-proc': ({ engine }, words) => withProc(engine, words),
};

/** All further words are a program's. */
const PASSES_ON = 'with-proc';

async function call(session: Session, verb: string, words: readonly string[]): Promise<number> {
  const own = Object.hasOwn(OWN, verb) ? OWN[verb] : undefined;
  const ended = await own?.(session, words);
  if (own) return typeof ended === 'number' ? ended : 0;
  const command = verbOf(verb);
  if (!command) throw unknownVerb(verb);
  return onVerb(session, verb, command, words);
}

/** Takes our own flags out of the words; what follows the container of exec and enter is left alone. */
function takeFlags(words: readonly string[]): {
  readonly globals: Globals;
  readonly verb: string | undefined;
  readonly rest: readonly string[];
} {
  const globals: Globals = { json: false, dryRun: false, verbose: false, skipLock: false, all: false };
  const kept: string[] = [];
  for (const [at, word] of words.entries()) {
    const command = verbOf(kept[0] ?? '');
    const flag = Object.hasOwn(FLAGS, word) ? FLAGS[word] : undefined;
    if (kept[0] === PASSES_ON || (command?.words && kept.length > 1)) {
      kept.push(...words.slice(at));
      break;
    }
    if (flag) globals[flag] = true;
    else kept.push(word);
  }
  const [verb, ...rest] = kept;
  return { globals, verb, rest };
}

/** Help, version, or null when the words ask for neither. */
function answered(verb: string | undefined, rest: readonly string[]): string | null {
  if (verb === '--version' || verb === 'version') return `vzdeck ${ENGINE_VERSION}\n`;
  if (verb === undefined || verb === '--help' || verb === '-h') return vzdeckHelp();
  if (verb === 'help') return rest[0] === undefined ? vzdeckHelp() : helpOf(rest[0]);
  return rest.includes('--help') && !verbOf(verb)?.words && verb !== PASSES_ON ? helpOf(verb) : null;
}

export async function vzdeck(words: readonly string[]): Promise<number> {
  const { globals, verb, rest } = takeFlags(words);
  let engine: Engine | null = null;
  try {
    const answer = answered(verb, rest);
    if (answer !== null) {
      process.stdout.write(answer);
      return 0;
    }
    const command = verbOf(verb ?? '');
    engine = openSession('vzdeck', words, command?.changes === true && !globals.dryRun);
    for (const { level, text } of engine.node.remarks) if (level < 0) process.stderr.write(`${text}\n`);
    const ends = verb === PASSES_ON || ENDS_ITSELF.has(verb ?? '') || (command?.words && !command.cancels);
    const signal = ends ? new AbortController().signal : cancelSignal();
    return await call({ engine, globals, signal }, verb ?? '', rest);
  } catch (error) {
    if (globals.json) process.stdout.write(`${JSON.stringify({ error: jsonError(error) })}\n`);
    const usage = error instanceof GetoptFault ? new CliExit(20, error.message) : error;
    if (!globals.json) for (const line of complaint(usage)) process.stderr.write(`${line}\n`);
    return exitOf(usage);
  } finally {
    engine?.close();
  }
}
