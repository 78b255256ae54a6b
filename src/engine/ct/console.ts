// Attaching to a console or tty of a running container through its keeper. No lock is taken, unless the keeper has to be replaced.
import { VzError } from '../errors.ts';
import { openKeeperLink } from '../launcher/keeper-link.ts';
import type { TerminalLink } from '../launcher/terminal-link.ts';
import { liveKeeper, readRecord, runDirOf } from '../store/record.ts';
import { ensureKeeper } from './adopt.ts';
import { initToJoin } from './ask-table.ts';
import { entered } from './journaled.ts';
import { runVerb } from './run-verb.ts';
import type { CtSettings } from './settings.ts';
import type { VerbContext } from './verb.ts';

/** vzctl counts from 0 in its code and from 1 in its manual: both mean the console. Throws the table's refusal, or VzError 'no-tty'. */
export async function attachConsole(context: VerbContext, settings: CtSettings, tty: number): Promise<TerminalLink> {
  const { host, node } = context;
  const { id } = settings;
  const number = Math.max(1, tty);
  initToJoin(context, 'console', id);
  entered(context, { verb: 'console', id });
  const ttys = readRecord(host, node, id)?.ttys ?? [];
  if (!ttys.includes(number)) throw new VzError('no-tty', { ct: id, tty: number, ttys: ttys.join(' ') });
  if (!liveKeeper(host, node, id)) await runVerb(context, { verb: 'adopt', id }, () => ensureKeeper(context, settings));
  return openKeeperLink(`${runDirOf(node, id)}/console`, number);
}
