// What is said of one beancounter in words: what it holds, how often it was refused, what that means and what would be enough. Pure.
import { type Advice, adviceFor, type Enforced, paramOf, setLine, UBC_SENSE, UNLIMITED, valueText } from '../../engine/index.ts';
import { bytes, count, heldBytes } from '../screen/figures.ts';
import type { BeanRow } from './ubc.ts';

/** Numbers of so many digits are read at once. */
const PLAIN = 99_999;

/** Bytes in a unit of memory or disk. */
const BYTES: Partial<Record<BeanRow['unit'], number>> = { bytes: 1, pages: 4096, blocks: 1024 };

function write(n: number, unit: BeanRow['unit'], memory: (n: number) => string): string {
  const factor = BYTES[unit];
  if (factor !== undefined) return memory(n * factor);
  return n > PLAIN ? count(n) : String(n);
}

/** What is held: a figure that changes keeps its digits. */
export const heldText = (n: number, unit: BeanRow['unit']): string => write(n, unit, heldBytes);
/** A barrier or limit. */
export const limitText = (n: bigint, unit: BeanRow['unit']): string => (n >= UNLIMITED ? 'unlim' : write(Number(n), unit, bytes));

/** Who refuses what goes beyond, as a word of a column. */
export const BY: Readonly<Record<Enforced, string>> = { kernel: 'kernel', bpf: 'bpf', partial: 'partly', 'accounting-only': 'counted' };

const times = (n: number): string => (n === 1 ? 'once' : n === 2 ? 'twice' : `${count(n)} times`);

/** "60 of 60 held, 60 at most; refused 412 times: +38/s, +412 in the last minute, +450 since you look." */
export function stateText(row: BeanRow): string {
  const { unit, held, maxheld, bound, failcnt, grown } = row;
  if (row.source === 'none') return 'Nobody counts it here.';
  const of = bound === null ? 'held, no limit' : `of ${heldText(bound, unit)} held`;
  const more = row.atLeast ? ' and more' : '';
  const most = `${heldText(held, unit)}${more} ${of}, ${heldText(Math.max(held, maxheld), unit)} at most`;
  if (grown === null) return `${most}; nobody counts refusals.`;
  if (failcnt === 0) return `${most}; never refused.`;
  const steps = [
    [grown.second, '/s'],
    [grown.minute, ' in the last minute'],
    [grown.opened > grown.minute ? grown.opened : 0, ' since you look'],
  ] as const;
  const fresh = steps.flatMap(([n, when]) => (n > 0 ? [`+${count(n)}${when}`] : []));
  return `${most}; refused ${times(failcnt)}${fresh.length > 0 ? `: ${fresh.join(', ')}` : ', none of them lately'}.`;
}

/** Who holds the container to it, and whence the figures come. */
export function enforcedText({ enforced, reason, source, failSource }: BeanRow): string {
  const why = reason === '' ? '' : `: ${reason}`;
  const by =
    enforced === 'kernel'
      ? 'The kernel enforces it'
      : enforced === 'bpf'
        ? `BPF enforces it${why}`
        : enforced === 'partial'
          ? `Enforced in part${why}`
          : `Nothing enforces it${why}`;
  const from = [source, failSource].filter((one, i, all) => one !== 'none' && all.indexOf(one) === i);
  return `${by}.${from.length > 0 ? ` Read from ${from.join(' and ')}.` : ''}`;
}

/** What it is, what happens at its limit, what usually raises it. */
export function meaningText({ name, enforced }: BeanRow): string {
  const sense = UBC_SENSE[name];
  if (sense === undefined) return `${name} is not known here.`;
  const limit = sense.guarantee
    ? `${sense.atLimit.charAt(0).toUpperCase()}${sense.atLimit.slice(1)}.`
    : enforced === 'accounting-only'
      ? 'Nothing is refused here.'
      : `At the limit ${sense.atLimit}.`;
  return `${name} counts ${sense.counts}. ${limit} Usually raised by ${sense.raisedBy}.`;
}

/** Whether its limit is enough, and what would be. */
export function adviceText(row: BeanRow, advice: Advice | null): string {
  const param = paramOf(row.name.toUpperCase());
  if (advice !== null && param !== undefined) return `A sensible value here is ${valueText(param, advice.value)}: ${advice.why}.`;
  if (UBC_SENSE[row.name]?.guarantee || row.source === 'none') return '';
  if (row.bound === null) return 'It has no limit.';
  if (row.enforced === 'accounting-only')
    return row.held > row.bound ? 'It holds more than its limit says; no value changes that here.' : 'No value changes anything here.';
  return 'Its limit is enough.';
}

/** The vzctl line that sets what is advised; "" where nothing is. */
export function adviceLine(ct: number, row: BeanRow | null): string {
  const advice = row === null ? null : adviceFor(row);
  return advice === null || row === null ? '' : setLine(ct, new Map([[row.name.toUpperCase(), { set: advice.value }]]), true);
}
