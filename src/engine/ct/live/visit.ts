// A short visit to a running container's mount namespace. Its file systems can make whoever comes wait (FUSE): the visit has an end.
import { VzError } from '../../errors.ts';
import type { Op } from '../../spec/op.ts';
import { patience } from '../../watch/timer.ts';
import type { LiveTarget } from './part.ts';

const MS = 10_000;

/** `prepare`: on the node; `inside`: there, with the rights of its root. Throws VzError 'launch-failed', and 'system' after ten seconds. */
export async function visitInside({ context, config, init }: LiveTarget, prepare: readonly Op[], inside: readonly Op[]): Promise<void> {
  const signal = patience(MS);
  try {
    await context.host.launcher.visit({ ...init, prepare, inside }, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    const cause = `a file system inside does not answer within ${MS / 1000} seconds`;
    throw new VzError('system', { what: `Reaching into container ${config.id}`, cause }, error);
  }
}
