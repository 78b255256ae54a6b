// Devices of the node come back out of a container, each for itself: one that cannot does not keep others.
import { VzError } from '../errors.ts';
import { homecomings } from '../net/batch-ops.ts';
import { explainNetwork } from '../net/explain.ts';
import type { Batch } from '../net/thing.ts';
import type { VerbContext } from './verb.ts';

const errnoOf = (error: unknown): unknown => (error instanceof VzError ? error.fields['errno'] : undefined);

/** `missing`: why it matters that one is not there any more, null where it does not. Returns those that are still where they were, with the reason. */
export async function bringHome(
  { host, report }: Pick<VerbContext, 'host' | 'report'>,
  batch: Batch,
  pin: string,
  missing: (device: string) => unknown,
): Promise<ReadonlyMap<string, unknown>> {
  const left = new Map<string, unknown>();
  for (const { device, back, settings, rest } of homecomings(batch, pin)) {
    try {
      await host.launcher.ops({ ops: back });
    } catch (error) {
      const errno = errnoOf(error);
      const why = errno === 'ENODEV' ? missing(device) : explainNetwork(error);
      if (why === null) continue;
      if (errno === 'EEXIST')
        report({
          level: -1,
          text: `Warning: the node has another ${device} by now: what was lent is back as "dev" with a number, without its addresses`,
        });
      else left.set(device, why);
      continue;
    }
    // what this kernel does not take was its own choice
    for (const op of settings) await host.launcher.ops({ ops: [op] }).catch(() => {});
    await host.launcher.ops({ ops: rest });
  }
  return left;
}

export const movedAway = (device: string): VzError =>
  new VzError('netdev-refused', {
    device,
    why: 'is not where it was put: root inside has moved it',
    remedy: 'Stop or restart the container: then it comes back, unless it was removed',
  });
