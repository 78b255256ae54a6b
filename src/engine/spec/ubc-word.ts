// A beancounter's row in the words that all who show it use: its unit, who holds it to its limit, whether its refusals are known.
import { paramOf } from './params/table.ts';
import type { Unit } from './params/types.ts';
import type { Enforced, UbcRow } from './ubc-rows.ts';

export const unitOf = (name: string): Unit => paramOf(name.toUpperCase())?.unit ?? 'items';

const BY: Readonly<Record<Enforced, string>> = { kernel: 'kernel', bpf: 'bpf', partial: 'partly', 'accounting-only': 'counted' };

/** Who refuses what goes beyond, as a word of a column: "counted" is what somebody counts at least. */
export const byText = ({ enforced, source }: Pick<UbcRow, 'enforced' | 'source'>): string =>
  enforced === 'accounting-only' && source === 'none' ? 'nobody' : BY[enforced];

/** What was counted in earlier lives stands, whether or not anybody counts now. */
export const knowsFailcnt = ({ failcnt, failSource }: Pick<UbcRow, 'failcnt' | 'failSource'>): boolean =>
  failcnt > 0 || failSource !== 'none';

/** The same of the highest value. */
export const knowsMaxheld = ({ maxheld, source }: Pick<UbcRow, 'maxheld' | 'source'>): boolean => maxheld > 0 || source !== 'none';
