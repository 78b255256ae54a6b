// How fast a container's packets pass, "to:from" it, as thousands of bits a second: for each of its interfaces, or for one by its name.
import { kernel } from './enforcer.ts';
import { refused, taken, words } from './grammar.ts';
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

function read(text: string): Rate | null {
  const [to = '', from = to, ...more] = text.split(':');
  const [first, second] = [one(to), one(from)];
  return first === null || second === null || more.length > 0 ? null : { to: first, from: second };
}

/** Of interfaces by their names inside; "": all that have none of their own. */
export type Rates = ReadonlyMap<string, Rate>;

const NAME = /^[^=:/\s]{1,15}$/;

/** null: no rates. */
export function parseRates(text: string): Rates | null {
  const items = words(text).map((word): readonly [string, Rate | null] => {
    const at = word.indexOf('=');
    const name = at < 0 ? '' : word.slice(0, at);
    return [name, at < 0 || NAME.test(name) ? read(word.slice(at + 1)) : null];
  });
  const rates = new Map(items.flatMap(([name, rate]) => (rate === null ? [] : [[name, rate] as const])));
  return items.length > 0 && rates.size === items.length ? rates : null;
}

/** null: none holds. */
export function rateOf(rates: Rates, name: string): Rate | null {
  const rate = rates.get(name) ?? rates.get('');
  return rate === undefined || rate.to + rate.from === 0 ? null : rate;
}

const rate: Grammar = {
  hint: 'RATE[:RATE] to and from the container, in kbit or with kbit, mbit, gbit; 0: no limit; NAME=RATE[:RATE] for one interface',
  read(text) {
    const rates = parseRates(text);
    if (rates === null) return refused;
    return taken([...rates].map(([name, { to, from }]) => `${name === '' ? '' : `${name}=`}${to}:${from}`).join(' '));
  },
  examples: ['10000:2000', '10000:2000 eth0=500:500', '0:0'],
};

export const VZDECK_RATE: Param = {
  key: 'VZDECK_RATE',
  field: 'rate',
  grammar: rate,
  flags: [{ name: 'rate', op: 'set' }],
  repeat: 'last',
  acts: 'live',
  effect: 'live',
  enforcer: kernel('token buckets (tbf) on the node’s side of venet0 and of each bridged device, by way of an ifb for what comes out'),
  help: 'how fast packets pass to and from the container, on each of its interfaces',
};
