// The table of refused system calls as tries for the prober.
import { type Condition, type Numbers, REFUSED, type Refusal } from '../../../src/engine/rootfs/wall/syscalls.ts';
import type { Try } from './prober.ts';

export interface RefusedTry extends Try {
  readonly call: string;
  readonly refusal: Refusal;
}

const WAYS = [
  { way: '64', machine: 0 },
  { way: '32', machine: 1 },
] as const;

/** Without CLONE_VM the kernel would refuse CLONE_SIGHAND: a clone that is let through makes no child. */
const CLONE_SIGHAND = 0x800;

/** Arguments under which the entry must refuse, with the rest as harmless as can be. */
function args(call: string, { when, and }: Refusal): readonly number[] {
  if (call === 'init_module') return [0, 0, 0];
  if (when === undefined) return [];
  const extra = call === 'clone' ? CLONE_SIGHAND : 0;
  return Array.from({ length: (and ?? when).arg + 1 }, (_, at) => {
    if (at === when.arg) return hit(when) | extra;
    return at === and?.arg ? hit(and) : -1;
  });
}

function hit(condition: Condition): number {
  return ('anyBit' in condition ? condition.anyBit : 'oneOf' in condition ? condition.oneOf[0] : 38) ?? 0;
}

/** Every refused call in each way in which this machine (x86-64) can make it. */
export const REFUSED_TRIES: readonly RefusedTry[] = REFUSED.flatMap((refusal) =>
  Object.entries(refusal.calls).flatMap(([call, numbers]) =>
    WAYS.flatMap(({ way, machine }) => {
      const nr = (numbers as Numbers)[machine];
      return nr === null ? [] : [{ way, nr, call, refusal, args: args(call, refusal) }];
    }),
  ),
);
