// Files, locks, sockets and promised memory of a running container: what the programs that refuse in the kernel's place are told to let through.
// A container that was started without them has none.

import type { RefusalLimits } from '../../cgroup/refusals.ts';
import { REFUSED } from '../../spec/bpf/refusal-frame.ts';
import type { Values } from '../../spec/params/read.ts';
import { HOLDS } from '../../spec/ubc-holds.ts';
import { refusalLimitsOf } from '../refusals.ts';
import type { LivePart } from './part.ts';

/** Of numothersock others say when nothing acts on it. */
const OURS = REFUSED.filter((row) => row !== 'numothersock').map((row) => row.toUpperCase());
const KEYS = REFUSED.map((row) => row.toUpperCase());
/** What promised memory follows from where it is not said itself. */
const LEADS = ['PHYSPAGES', 'SWAPPAGES', 'VM_OVERCOMMIT'];

function told(values: Values, limits: RefusalLimits): Values {
  const wanted = refusalLimitsOf(values);
  return new Map(
    REFUSED.flatMap((row): [string, string][] => {
      const key = row.toUpperCase();
      const limit = limits[row];
      const own = values.get(key);
      if (limit === undefined) return [];
      if (wanted[row] === limit) return own === undefined ? [] : [[key, own]];
      return [[key, Number.isFinite(limit) ? String(limit) : 'unlimited']];
    }),
  );
}

export const REFUSALS: LivePart = {
  keys: [...KEYS, ...LEADS],
  plan({ context, config, changed, after }) {
    const before = context.refusals.held(config.id);
    if (before === null) {
      for (const key of OURS.filter((one) => changed.has(one))) {
        const name = key.toLowerCase();
        context.report({ level: -1, text: `Warning: nothing acts on ${name} here: ${HOLDS[name]?.otherwise ?? ''}` });
      }
      return [];
    }
    const wanted = refusalLimitsOf(after);
    const keys = KEYS.filter((key) => changed.has(key));
    if (keys.length === 0 && wanted.privvmpages === before.privvmpages) return [];
    return [
      {
        keys,
        what: keys.map((key) => `${key.toLowerCase()} ${changed.get(key)}`).join(', '),
        apply: () => context.refusals.change(config.id, wanted),
        undo: () => context.refusals.change(config.id, before),
      },
    ];
  },
  wanted: ({ config, context }) => told(config.values, context.refusals.held(config.id) === null ? {} : refusalLimitsOf(config.values)),
  read: ({ context, config }) => told(config.values, context.refusals.held(config.id) ?? {}),
};
