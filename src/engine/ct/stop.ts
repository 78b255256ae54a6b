// vzctl stop: ask init, wait, kill, take down. --fast kills at once.
import { VzError } from '../errors.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { closeRecord, liveInit, liveKeeper, readRecord, restartDue } from '../store/record.ts';
import { within } from '../watch/timer.ts';
import { runInsideScript } from './action-scripts.ts';
import { askTable } from './ask-table.ts';
import { dropCounting } from './counted.ts';
import { thawStep } from './freeze.ts';
import { runHalt } from './halt.ts';
import { checkNamespace, holdNetwork, leaveNetwork } from './network.ts';
import { checkCancelled, runVerb } from './run-verb.ts';
import type { CtSettings } from './settings.ts';
import { endProcesses, markEnded, removeCgroups, unmarkEnded } from './tear-down.ts';
import { umountStep } from './umount.ts';
import type { VerbContext } from './verb.ts';

export interface StopRequest {
  readonly fast?: boolean;
  readonly skipUmount?: boolean;
  /** false: without those of the administrator. */
  readonly scripts?: boolean;
}

/** Init asked politely; false when it still lives after the time-out. */
async function ask(context: VerbContext, settings: CtSettings, init: ProcessId): Promise<boolean> {
  const { host, signal } = context;
  return within(settings.stopTimeout * 1000, async (over) => {
    const enough = AbortSignal.any([over, signal]);
    await runHalt(context, settings.id, init, enough);
    await host.launcher.ended(init, enough);
  });
}

/** The stop script gets its time, but a container without a shell, or with one that never ends, is stopped as well. --fast minds no exit status. */
async function runStopScript(context: VerbContext, { id, stopTimeout }: CtSettings, init: ProcessId, { fast }: StopRequest): Promise<void> {
  const warn = (what: string): void => context.report({ level: -1, text: `Warning: the stop script of container ${id} ${what}` });
  try {
    if (!(await runInsideScript(context, id, init, 'stop', stopTimeout))) warn(`did not end within ${stopTimeout} s`);
  } catch (error) {
    const code = error instanceof VzError ? error.code : '';
    if (!['launch-failed', 'frozen'].includes(code) && !(fast && code === 'action-script')) throw error;
    warn(`failed: ${(error as VzError).message}`);
  }
}

export async function stop(context: VerbContext, settings: CtSettings, request: StopRequest = {}): Promise<void> {
  const { host, node, report } = context;
  const { id } = settings;
  await runVerb(context, { verb: 'stop', id, status: 'stopping' }, async (undo) => {
    const { idle, state } = askTable(context, 'stop', settings);
    const init = liveInit(host, node, id);
    if (idle !== null || !init) {
      // a record without init is what a crash left
      if (readRecord(host, node, id)) {
        await finish(context, settings, request, 'Container is not running: what is left of it goes');
        return;
      }
      if (restartDue(host, node, id) !== null) {
        closeRecord(host, node, id, null);
        report({ level: 0, text: 'The start after its reboot is called off' });
      }
      // a success with a line on stderr
      if (idle !== null) report({ level: -1, text: idle });
      return;
    }
    checkNamespace(context, id);
    const keeper = liveKeeper(host, node, id);
    const net = holdNetwork(context, init);
    try {
      // What is killed at once does not run another moment.
      if (state === 'frozen' && !request.fast) await thawStep(context, id, undo);
      if (request.scripts !== false) await runStopScript(context, settings, init, request);
      // A stop that is cancelled leaves a container that may reboot as before.
      undo.push(() => unmarkEnded(context, id));
      markEnded(context, id);
      if (!request.fast) report({ level: 0, text: 'Stopping container ...' });
      const asked = !request.fast && (await ask(context, settings, init));
      checkCancelled(context, 'Stop');
      if (!asked) report({ level: 0, text: 'Killing container ...' });
      await finish(context, settings, request, 'Container was stopped', keeper);
    } finally {
      net?.close();
    }
  });
}

async function finish(
  context: VerbContext,
  settings: CtSettings,
  request: StopRequest,
  said = '',
  keeper: ProcessId | null = null,
): Promise<void> {
  const { host, node, report } = context;
  await endProcesses(context, settings.id, keeper);
  if (said) report({ level: 0, text: said });
  await leaveNetwork(context, settings.id);
  try {
    if (!request.skipUmount) await umountStep(context, settings, request.scripts);
  } finally {
    // a script that refuses keeps the files mounted, and nothing else
    await removeCgroups(context, settings.id);
    closeRecord(host, node, settings.id, null);
    await dropCounting(context);
  }
}
