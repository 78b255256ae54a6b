// Files, locks, sockets and promised memory of a running container: what the programs that refuse in the kernel's place are told to let through.
// A container that was started without them has none.

import type { RefusalLimits } from '../../cgroup/refusals.ts';
import { REFUSED } from '../../spec/bpf/refusal-frame.ts';
import type { Values } from '../../spec/params/read.ts';
import { HOLDS } from '../../spec/ubc-holds.ts';
import { refusalLimitsOf } from '../refusals.ts';
import type { LiveChange, LivePart } from './part.ts';

/** Of numothersock others say when nothing acts on it. */
const OURS = REFUSED.filter((row) => row !== 'numothersock').map((row) => row.toUpperCase());
const KEYS = REFUSED.map((row) => row.toUpperCase());
/** What promised memory follows from where it is not said itself. */
const LEADS = ['PHYSPAGES', 'SWAPPAGES', 'VM_OVERCOMMIT'];
/** Keys that act on nothing where no program refuses, by the row that they are about. */
const IDLE: readonly (readonly [key: string, row: string])[] = [
  ...OURS.map((key) => [key, key.toLowerCase()] as const),
  ['VM_OVERCOMMIT', 'privvmpages'],
];

/** What shall hold. Promised memory that followed from something follows again: what it is now says nothing of what was asked for. */
function wantedBy({ config, changed, after }: LiveChange): RefusalLimits {
  const said = config.values.has('PRIVVMPAGES') || changed.has('PRIVVMPAGES') || !LEADS.some((key) => changed.has(key));
  return refusalLimitsOf(said ? after : new Map([...after].filter(([key]) => key !== 'PRIVVMPAGES')));
}

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
  plan(change) {
    const { context, config, changed } = change;
    const before = context.refusals.held(config.id);
    if (before === null) return [];
    const wanted = wantedBy(change);
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
  idle: ({ config, context }) =>
    new Map(context.refusals.held(config.id) === null ? IDLE.map(([key, row]) => [key, HOLDS[row]?.otherwise ?? '']) : []),
  wanted: ({ config, context }) => told(config.values, context.refusals.held(config.id) === null ? {} : refusalLimitsOf(config.values)),
  read: ({ context, config }) => told(config.values, context.refusals.held(config.id) ?? {}),
};
