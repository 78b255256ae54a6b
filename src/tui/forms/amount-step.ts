// An amount that is moved by keys: a step up or down, twice and half. Pure.
import { type Param, UNLIMITED } from '../../engine/index.ts';

export type Step = 'more' | 'less' | 'twice' | 'half';
type Unit = Param['unit'];

const BINARY: ReadonlySet<Unit> = new Set<Unit>(['bytes', 'pages', 'blocks', 'bytes/s']);

/** The power of `base` at or below n. */
function power(n: bigint, base: bigint): bigint {
  let at = 1n;
  while (at * base <= n) at *= base;
  return at;
}

/** About a tenth, as round as the number itself: 60 goes by 5, 120 by 10, 256M by 32M. */
function stepOf(n: bigint, unit: Unit): bigint {
  if (unit === 'percent') return n < 20n ? 1n : 10n;
  if (BINARY.has(unit)) return n < 8n ? 1n : power(n, 2n) / 8n;
  const tenth = n / 10n;
  if (tenth < 2n) return 1n;
  const ten = power(tenth, 10n);
  return tenth >= 5n * ten ? 5n * ten : tenth >= 2n * ten ? 2n * ten : ten;
}

const up = (n: bigint, step: bigint): bigint => (n / step + 1n) * step;
/** Below a power the steps are smaller. */
function down(n: bigint, unit: Unit): bigint {
  if (n === 0n) return 0n;
  const step = stepOf(n - 1n, unit);
  return ((n - 1n) / step) * step;
}

/** None to begin with where there is no limit: then `otherwise` is where it begins. */
export function stepped(amount: bigint, step: Step, unit: Unit, otherwise: bigint): bigint {
  if (amount >= UNLIMITED) return step === 'less' || step === 'half' ? otherwise : UNLIMITED;
  if (step === 'less') return down(amount, unit);
  if (step === 'half') return amount / 2n;
  const more = step === 'more' ? up(amount, stepOf(amount, unit)) : amount === 0n ? 1n : amount * 2n;
  return more > UNLIMITED ? UNLIMITED : more;
}
