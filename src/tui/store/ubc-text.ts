// What is said of one beancounter in words: what it holds, how often it was refused, what that means and what would be enough. Pure.
import {
  type Advice,
  adviceFor,
  gapText,
  knowsFailcnt,
  loweredFrom,
  loweredText,
  paramOf,
  setLine,
  UBC_SENSE,
  UNIT_BYTES,
  UNLIMITED,
  uncountedText,
  valueText,
} from '../../engine/index.ts';
import { bytes, count, heldBytes } from '../screen/figures.ts';
import type { BeanRow } from './ubc.ts';

/** Numbers of so many digits are read at once. */
const PLAIN = 99_999;

function write(n: number, unit: BeanRow['unit'], memory: (n: number) => string): string {
  const factor = UNIT_BYTES[unit];
  if (factor !== undefined) return memory(n * factor);
  return n > PLAIN ? count(n) : String(n);
}

/** What is held: a figure that changes keeps its digits. */
export const heldText = (n: number, unit: BeanRow['unit']): string => write(n, unit, heldBytes);
/** A barrier or limit. */
export const limitText = (n: bigint, unit: BeanRow['unit']): string => (n >= UNLIMITED ? 'unlim' : write(Number(n), unit, bytes));

/** Of today the hour alone. */
function minuteOf(at: number): string {
  const [now, then] = [new Date(), new Date(at)];
  const hour = then.toTimeString().slice(0, 5);
  return now.toDateString() === then.toDateString() ? hour : `${then.toDateString().slice(4, 10)} ${hour}`;
}

const times = (n: number): string => (n === 1 ? 'once' : n === 2 ? 'twice' : `${count(n)} times`);

/** Nothing is held where nothing runs, and nobody looks it up. */
export const NOT_RUNNING = 'It does not run: nobody in it holds anything';

/** What its lives have left: the last one the highest value, all of them together the refusals. */
function leftText({ unit, maxheld, failcnt }: BeanRow): string {
  const left = [
    ...(maxheld > 0 ? [`when it did it held ${heldText(maxheld, unit)} at most`] : []),
    ...(failcnt > 0 ? [`refused ${times(failcnt)} in all`] : []),
  ];
  return ['It does not run', ...left].join('; ');
}

/** "60 of 60 held, 60 at most; refused 412 times: +38/s, +412 in the last minute, +450 since you look." */
export function stateText(row: BeanRow): string {
  const { unit, held, maxheld, bound, failcnt, grown } = row;
  const gap = gapText(row.gaps, minuteOf);
  const missing = gap === '' ? '' : `; ${gap}`;
  if (!row.runs) return `${leftText(row)}${missing}.`;
  const of = bound === null ? 'held, no limit' : `of ${heldText(bound, unit)} held`;
  const more = row.atLeast ? ' and more' : '';
  const most =
    row.source === 'none'
      ? 'Nobody counts here what is held'
      : `${heldText(held, unit)}${more} ${of}, ${heldText(Math.max(held, maxheld), unit)} at most`;
  const why = uncountedText(row);
  const nobody = `nobody counts refusals${why === '' ? '' : `: ${why}`}`;
  const partly = why === '' ? '' : `; ${why}`;
  if (!knowsFailcnt(row)) return row.source === 'none' ? 'Nobody counts it here.' : `${most}; ${nobody}.`;
  if (failcnt === 0) return `${most}; ${missing === '' ? 'never refused' : 'no refusal is known'}${missing}${partly}.`;
  if (grown === null) return `${most}; refused ${times(failcnt)} before, and nobody counts refusals now.`;
  const steps = [
    [grown.second, '/s'],
    [grown.minute, ' in the last minute'],
    [grown.opened > grown.minute ? grown.opened : 0, ' since you look'],
  ] as const;
  const fresh = steps.flatMap(([n, when]) => (n > 0 ? [`+${count(n)}${when}`] : []));
  return `${most}; refused ${times(failcnt)}${fresh.length > 0 ? `: ${fresh.join(', ')}` : ', none of them since you look'}${missing}${partly}.`;
}

const ENFORCED: Readonly<Record<BeanRow['enforced'], string>> = {
  kernel: 'The kernel enforces it',
  bpf: 'BPF enforces it',
  partial: 'It is enforced in part',
  'accounting-only': 'Nothing enforces it',
};

/** Who holds the container to it, and whence the figures come. */
export function enforcedText({ runs, enforced, reason, source, failSource }: BeanRow): string {
  const by = `${ENFORCED[enforced]}${runs ? '' : ' when it runs'}${reason === '' ? '' : `: ${reason}`}`;
  const from = [source, failSource].filter((one, i, all) => one !== 'none' && all.indexOf(one) === i);
  return `${by}.${from.length > 0 ? ` Read from ${from.join(' and ')}.` : ''}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What it is, what happens at its limit, what usually raises it: a sentence each. */
export function meaningText({ name, enforced }: BeanRow): { readonly counts: string; readonly limit: string; readonly raised: string } {
  const sense = UBC_SENSE[name];
  if (sense === undefined) return { counts: `${name} is not known here.`, limit: '', raised: '' };
  const limit = sense.guarantee
    ? `${capital(sense.atLimit)}.`
    : enforced === 'accounting-only'
      ? 'Nothing is refused here.'
      : `At the limit ${sense.atLimit}.`;
  return { counts: `${name} counts ${sense.counts}.`, limit, raised: `Usually raised by ${sense.raisedBy}.` };
}

/** "The limit was lowered from 120 by `vzctl set` 4 minutes ago."; "" where nobody did. */
export const loweringText = (row: BeanRow): string => (row.lowered === null ? '' : `${capital(loweredText(row.lowered, row))}.`);

/** A value that would be enough, as `vzdeck why` says too. */
export const adviceOf = (row: BeanRow): Advice | null => adviceFor(row, loweredFrom(row.lowered));

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
  const advice = row === null ? null : adviceOf(row);
  return advice === null || row === null ? '' : setLine(ct, new Map([[row.name.toUpperCase(), { set: advice.value }]]), true);
}
