// Attaching to a console or tty of a running container through its keeper. No lock is taken, unless the keeper has to be replaced.
import { VzError } from '../errors.ts';
import { openKeeperLink, watchKeeper } from '../launcher/keeper-link.ts';
import type { TerminalLink } from '../launcher/terminal-link.ts';
import { liveKeeper, readRecord, runDirOf } from '../store/record.ts';
import { ensureKeeper } from './adopt.ts';
import { initToJoin } from './ask-table.ts';
import { entered } from './journaled.ts';
import { runVerb } from './run-verb.ts';
import type { CtSettings } from './settings.ts';
import type { VerbContext } from './verb.ts';

/** A console that is looked at, and typed into only after that was asked for. */
export interface ConsoleWatch {
  readonly link: TerminalLink;
  /** Asks for the keyboard, which the journal tells. */
  take(): void;
  /** Gives the keyboard to whoever waits for it. */
  give(): void;
}

/** The number of a tty of a container that runs: vzctl counts from 0 in its code and from 1 in its manual, both mean the console. */
function ttyOf(context: VerbContext, id: number, tty: number): number {
  const number = Math.max(1, tty);
  initToJoin(context, 'console', id);
  const ttys = readRecord(context.host, context.node, id)?.ttys ?? [];
  if (!ttys.includes(number)) throw new VzError('no-tty', { ct: id, tty: number, ttys: ttys.join(' ') });
  return number;
}

const socketOf = ({ node }: VerbContext, id: number): string => `${runDirOf(node, id)}/console`;

/** Throws the table's refusal, or VzError 'no-tty'. */
export async function attachConsole(context: VerbContext, settings: CtSettings, tty: number): Promise<TerminalLink> {
  const { host, node } = context;
  const { id } = settings;
  const number = ttyOf(context, id, tty);
  entered(context, { verb: 'console', id });
  if (!liveKeeper(host, node, id)) await runVerb(context, { verb: 'adopt', id }, () => ensureKeeper(context, settings));
  return openKeeperLink(socketOf(context, id), number);
}

/** Changes nothing: where the keeper is gone there is no console until somebody attaches. Throws the table's refusal, VzError 'no-tty' or 'no-keeper'. */
export async function watchConsole(context: VerbContext, id: number, tty: number): Promise<ConsoleWatch> {
  const number = ttyOf(context, id, tty);
  if (!liveKeeper(context.host, context.node, id)) throw new VzError('no-keeper', { ct: id });
  const link = await watchKeeper(socketOf(context, id), number);
  return {
    link,
    take() {
      entered(context, { verb: 'console', id });
      link.want(true);
    },
    give: () => link.want(false),
  };
}
