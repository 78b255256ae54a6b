// How fast a container's packets pass, "to:from" it, as thousands of bits a second.
import { kernel } from './enforcer.ts';
import { refused, taken } from './grammar.ts';
import type { Grammar, Param } from './types.ts';

export interface Rate {
  /** kbit/s; 0: no limit. */
  readonly to: number;
  readonly from: number;
}

const FACTOR: Readonly<Record<string, number>> = { '': 1, kbit: 1, mbit: 1_000, gbit: 1_000_000 };
/** Slower than that a link does not pass its own packets in time. */
const LEAST = 8;
const MOST = 100_000_000;

function one(text: string): number | null {
  const [, digits, suffix = ''] = /^(\d{1,9})(kbit|mbit|gbit)?$/i.exec(text) ?? [];
  if (digits === undefined) return text === 'unlimited' ? 0 : null;
  const rate = Number(digits) * (FACTOR[suffix.toLowerCase()] ?? 1);
  return rate === 0 || (rate >= LEAST && rate <= MOST) ? rate : null;
}

/** null: no rate. */
export function parseRate(text: string): Rate | null {
  const [to = '', from = to, ...more] = text.split(':');
  const [first, second] = [one(to), one(from)];
  return first === null || second === null || more.length > 0 ? null : { to: first, from: second };
}

const rate: Grammar = {
  hint: 'RATE[:RATE] to and from the container, in kbit or with kbit, mbit, gbit; 0: no limit',
  read(text) {
    const read = parseRate(text);
    return read === null ? refused : taken(`${read.to}:${read.from}`);
  },
  examples: ['10000:2000', '0:0'],
};

export const VZDECK_RATE: Param = {
  key: 'VZDECK_RATE',
  grammar: rate,
  flags: [{ name: 'rate', op: 'set' }],
  repeat: 'last',
  acts: 'live',
  effect: 'live',
  enforcer: kernel('token buckets (tbf) on the node’s side of venet0, by way of an ifb for what comes out'),
  help: 'how fast packets on venet0 pass to and from the container',
};
