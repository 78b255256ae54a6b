// Going into a running container: enter (a shell on a terminal of its own), exec, exec2, exec3. No lock is taken.
import { VzError } from '../errors.ts';
import { PROGRAM_PATH } from '../host/port.ts';
import type { EnterOutcome, ProcessId, Stdio } from '../launcher/launcher.ts';
import type { TerminalLink } from '../launcher/terminal-link.ts';
import { joinPolicy } from '../rootfs/wall/apparmor.ts';
import { boundingSet } from '../rootfs/wall/capabilities.ts';
import { lockable, mayLock } from '../rootfs/wall/rlimits.ts';
import { wallAround } from '../rootfs/wall/wall.ts';
import type { EnterPlan, HandBack, Op, TerminalSize } from '../spec/op.ts';
import { runDirOf } from '../store/record.ts';
import { readCt } from '../store/registry.ts';
import { within } from '../watch/timer.ts';
import { initToJoin } from './ask-table.ts';
import { entered, type JournalContext } from './journaled.ts';
import { PATH } from './keeper-plan.ts';
import { wallChoice } from './settings.ts';
import type { Reader, VerbContext } from './verb.ts';

type JoinContext = Reader & Pick<VerbContext, 'cgroups'>;
type EntryContext = JoinContext & JournalContext;

/** vzctl's choice of shells inside. */
export const SHELLS = ['/bin/bash', '/bin/sh'];

export interface JoinRequest {
  readonly argv: readonly string[];
  /** Programs to try for argv[0]; by default argv[0] is looked up in the standard PATH. */
  readonly files?: readonly string[];
  readonly env?: readonly string[];
  readonly stdio?: Stdio;
  readonly pty?: boolean;
  /** Of a terminal that is shown by us. */
  readonly size?: TerminalSize | null;
  readonly typed?: Uint8Array;
  /** Who comes back when the program has ended: then this process may become the one that waits for it. */
  readonly back?: HandBack | undefined;
  /** Ends the wait, not the program. */
  readonly signal?: AbortSignal;
}

function candidates(program: string): readonly string[] {
  return program.includes('/') ? [program] : PROGRAM_PATH.split(':').map((dir) => `${dir}/${program}`);
}

function enterPlan(context: JoinContext, id: number, init: ProcessId, request: JoinRequest): EnterPlan {
  const { argv, pty = false, size = null, typed = new Uint8Array(), env = ['HOME=/', 'TERM=linux'], back = null } = request;
  const { host } = context;
  const cgroups = context.cgroups(id);
  const choice = wallChoice(host, readCt(host, context.node, id).values);
  // Those of init, which the config may have changed since its start.
  const own = (file: string): string => host.files.read(`${host.proc}/${init.pid}/${file}`) ?? '';
  const capabilities = boundingSet(own('status')) ?? choice.capabilities;
  const memlock = mayLock(own('limits')) ?? choice.memlock ?? null;
  const ops: Op[] = [
    ...(memlock === null ? [] : [lockable(memlock)]),
    ...cgroups.joinEnter(),
    ...joinPolicy(host, context.node.tag),
    ...wallAround({ ...choice, memlock, ...(capabilities === undefined ? {} : { capabilities }) }),
    { op: 'cwd', path: '/' },
    { op: 'exec', files: request.files ?? candidates(argv[0] ?? ''), argv, env: [PATH, ...env] },
  ];
  return { pid: init.pid, startTime: init.startTime, cgroup: cgroups.births.enter, pty, size, typed, back, ops };
}

/** Who joins a frozen container would be frozen on arrival, and hold up whoever waits: refused by name. Throws VzError 'frozen'. */
export async function joinContainer(context: JoinContext, id: number, init: ProcessId, request: JoinRequest): Promise<EnterOutcome> {
  const { launcher } = context.host;
  if (context.isFrozen(id)) throw new VzError('frozen', { ct: id });
  const plan = enterPlan(context, id, init, request);
  if (request.back) launcher.become(plan, `${runDirOf(context.node, id)}/enter.${process.pid}`);
  return launcher.enter({ ...plan, back: null }, request.stdio, request.signal);
}

/** For the engine's own purposes: how long a verb holds its lock is not for the container to say. null: not ended after `ms` milliseconds. */
export async function joinWithin(
  ms: number,
  context: JoinContext & Pick<VerbContext, 'signal'>,
  id: number,
  init: ProcessId,
  request: JoinRequest,
): Promise<EnterOutcome | null> {
  let outcome: EnterOutcome | null = null;
  await within(ms, async (over) => {
    outcome = await joinContainer(context, id, init, { ...request, signal: AbortSignal.any([over, context.signal]) });
  });
  return outcome;
}

/** vzctl joins arguments with blanks and quotes nothing but the empty one, so shell characters act inside. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (word === '' ? "''" : word)).join(' ');
}

export interface ExecOptions {
  readonly shell?: boolean;
  readonly stdio?: Stdio;
  readonly back?: HandBack | undefined;
}

/** shell: a line for bash or sh; '-' alone: the shell reads its commands from stdin. Otherwise argv as it is (exec3). */
export async function exec(context: EntryContext, id: number, words: readonly string[], options: ExecOptions = {}): Promise<EnterOutcome> {
  const init = initToJoin(context, 'exec', id);
  entered(context, { verb: 'exec', id });
  const { stdio = [0, 1, 2], back } = options;
  if (!options.shell) return joinContainer(context, id, init, { argv: words, stdio, back });
  const argv = words[0] === '-' ? [''] : ['', '-c', shellLine(words)];
  return joinContainer(context, id, init, { argv, files: SHELLS, stdio, back });
}

function loginShell(term: string, typed: string): JoinRequest {
  return {
    argv: ['-'],
    files: SHELLS,
    env: ['HISTFILE=/dev/null', 'USER=root', 'HOME=/root', 'LOGNAME=root', `TERM=${/^[\w.+-]{1,64}$/.test(term) ? term : 'linux'}`],
    pty: true,
    typed: new TextEncoder().encode(typed),
  };
}

/** A login shell on a terminal of the container's own; `typed` goes in before the user's keys (enter --exec). Says so when nothing refuses it. */
export async function enter(
  context: EntryContext & Pick<VerbContext, 'report'>,
  id: number,
  term: string,
  typed = '',
  back?: HandBack,
): Promise<EnterOutcome> {
  const init = initToJoin(context, 'enter', id);
  entered(context, { verb: 'enter', id });
  context.report({ level: 0, text: `entered into CT ${id}` });
  return joinContainer(context, id, init, { ...loginShell(term, typed), stdio: [0, 1, 2], back });
}

/** The same shell, on a terminal that is shown here. Resolves when it runs. */
export async function openShell(
  context: EntryContext,
  id: number,
  term: string,
  size: TerminalSize,
  signal?: AbortSignal,
): Promise<TerminalLink> {
  const init = initToJoin(context, 'enter', id);
  entered(context, { verb: 'enter', id });
  return onTerminal(context, id, init, { ...loginShell(term, ''), size }, signal);
}

function onTerminal(context: JoinContext, id: number, init: ProcessId, request: JoinRequest, signal?: AbortSignal): Promise<TerminalLink> {
  return context.host.launcher.terminal(enterPlan(context, id, init, { ...request, pty: true }), signal);
}

/** A program of ours inside, whose output comes here; it is hung up with the link. */
export function openProgram(context: JoinContext, id: number, request: JoinRequest, size: TerminalSize): Promise<TerminalLink> {
  return onTerminal(context, id, initToJoin(context, 'exec', id), { ...request, size });
}
