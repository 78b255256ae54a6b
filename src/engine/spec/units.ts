// Numbers as the OpenVZ tools write them: "2.2G", "100:unlimited", "0-3,7". Knows suffixes and exact arithmetic, no parameter.

/** The kernel's LONG_MAX, which means "no limit" in beancounters. */
export const UNLIMITED = 9_223_372_036_854_775_807n;
const ULONG_MAX = 18_446_744_073_709_551_615n;
/** Bytes in a page; all amounts in pages of configs and beancounters are in these, whatever the kernel uses. */
export const PAGE = 4096n;

/** Bytes in one of a unit whose amounts are of memory or disk; what is counted in pieces has none. */
export const UNIT_BYTES: Readonly<Partial<Record<string, number>>> = { bytes: 1, pages: Number(PAGE), blocks: 1024, 'bytes/s': 1 };

const FACTORS: Readonly<Record<string, bigint>> = { T: 1n << 40n, G: 1n << 30n, M: 1n << 20n, K: 1n << 10n, P: PAGE, B: 1n };

/** A whole number for people, "1,234,567". Not by the locale: what V8 loads for that takes longer than most commands. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

/** Why a number was refused: it cannot be read, or it is above LONG_MAX. */
export type NumberFault = 'syntax' | 'range';
export type Num = { readonly ok: true; readonly value: bigint } | { readonly ok: false; readonly fault: NumberFault };
export type Pair = { readonly barrier: bigint; readonly limit: bigint };
export type PairResult = ({ readonly ok: true } & Pair) | { readonly ok: false; readonly fault: NumberFault };

export interface NumberGrammar {
  /** Divides an amount that has a suffix: PAGE for amounts in pages, 1024 for blocks, 1 for bytes. */
  readonly unit: bigint;
  /** A bare number is multiplied by this (--iolimit counts megabytes); 1 when left out. */
  readonly bare?: bigint;
  readonly suffix: boolean;
  readonly fraction?: boolean;
  readonly unlimited?: boolean;
  /** Amounts that do not fill a unit: dropped, or (RAM and swap) counted whole. */
  readonly round?: 'up';
  /** Greatest value, LONG_MAX when left out. */
  readonly max?: bigint;
}

const fault = (f: NumberFault): { ok: false; fault: NumberFault } => ({ ok: false, fault: f });

const DIGITS = 1000;

/**
 * One number. As with strtoull leading blanks and a sign are read, an empty text is 0, and a negative number is a too large one;
 * nothing may follow the suffix. Amounts are computed exactly and cut (or rounded up) once, at the end.
 */
export function parseNumber(text: string, grammar: NumberGrammar): Num {
  const { unit, bare = 1n, suffix, fraction = false, unlimited = false, round, max = UNLIMITED } = grammar;
  if (unlimited && text === 'unlimited') return { ok: true, value: UNLIMITED };
  // Longer than that are only zeros, and numbers that are too long or of no use.
  const match = text.length > DIGITS ? null : /^[ \t]*([+-]?)(\d*)(?:\.(\d*))?([A-Za-z]?)$/.exec(text);
  if (!match) return fault('syntax');
  const [, sign = '', whole = '', part = '', letter = ''] = match;
  if (text.includes('.') && !fraction) return fault('syntax');
  if (sign !== '' && whole === '') return fault('syntax');
  if (letter !== '' && !suffix) return fault('syntax');
  const factor = letter === '' ? bare : FACTORS[letter.toUpperCase()];
  if (factor === undefined) return fault('syntax');
  const integer = BigInt(whole || '0');
  if (integer > ULONG_MAX) return fault('syntax');
  if (sign === '-' && integer !== 0n) return fault('range');
  const scale = 10n ** BigInt(part.length);
  const divisor = letter === '' ? scale : scale * unit;
  const amount = (integer * scale + BigInt(part || '0')) * factor;
  const value = (round === 'up' ? amount + divisor - 1n : amount) / divisor;
  return value > max ? fault('range') : { ok: true, value };
}

/** BARRIER[:LIMIT]. Without a colon the limit equals the barrier; an empty side is 0. */
export function parsePair(text: string, grammar: NumberGrammar): PairResult {
  const colon = text.indexOf(':');
  const barrier = parseNumber(colon < 0 ? text : text.slice(0, colon), grammar);
  if (!barrier.ok) return barrier;
  if (colon < 0) return { ok: true, barrier: barrier.value, limit: barrier.value };
  const limit = parseNumber(text.slice(colon + 1), grammar);
  return limit.ok ? { ok: true, barrier: barrier.value, limit: limit.value } : limit;
}

const word = (value: bigint): string => (value === UNLIMITED ? 'unlimited' : String(value));

/** As configs keep it: one number when both are equal, "unlimited" for LONG_MAX, always in base units. */
export function printPair({ barrier, limit }: Pair): string {
  return barrier === limit ? word(barrier) : `${word(barrier)}:${word(limit)}`;
}

/** CPU and node numbers 0…4095: "0-2,7" or "all"; ascending and without doubles, null when it cannot be read. */
export function parseBitmap(text: string): readonly number[] | null {
  if (text === 'all') return Array.from({ length: BITS }, (_, n) => n);
  const set = new Set<number>();
  for (const item of text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(item);
    if (!match) return null;
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : Number(match[2]);
    if (to < from || to >= BITS) return null;
    for (let n = from; n <= to; n++) set.add(n);
  }
  return [...set].sort((a, b) => a - b);
}

const BITS = 4096;

/** The shortest list of numbers and ranges; every bit set is "all". */
export function printBitmap(bits: readonly number[]): string {
  if (bits.length === BITS) return 'all';
  const runs: [number, number][] = [];
  for (const bit of bits) {
    const last = runs.at(-1);
    if (last && last[1] === bit - 1) last[1] = bit;
    else runs.push([bit, bit]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}

/** C's %g: six significant digits, no trailing zeros, an exponent below 1e-4 and from 1e6 on. */
export function printG(value: number): string {
  if (!Number.isFinite(value)) return String(value).toLowerCase().replace('infinity', 'inf');
  if (value === 0) return '0';
  const exponent = Number(value.toExponential(5).split('e')[1]);
  if (exponent >= -4 && exponent < 6) return String(Number(value.toPrecision(6)));
  const [mantissa, power = '0'] = value.toExponential(5).split('e');
  const digits = power.replace(/[+-]/, '').padStart(2, '0');
  return `${Number(mantissa)}e${power.startsWith('-') ? '-' : '+'}${digits}`;
}

const EXACT = 25;
/** Of the last digit that is shown: farther from half of it no number is a tie. */
const NEAR_TIE = 1e-6;

/** C's %.Nf: of two that are equally near the one with the even digit. */
export function printFixed(value: number, digits: number): string {
  const scaled = Math.abs(value * 10 ** digits);
  if (scaled < 2 ** 32 && Math.abs((scaled % 1) - 0.5) > NEAR_TIE) return value.toFixed(digits);
  const exact = value.toFixed(digits + EXACT);
  const tie = exact.slice(-EXACT) === '5'.padEnd(EXACT, '0');
  const down = exact.slice(0, -EXACT).replace(/\.$/, '');
  return tie && /[02468]$/.test(down) ? down : value.toFixed(digits);
}

/** C's %.Ng for amounts from 0.0001 up that N digits can tell. */
export function printDigits(value: number, digits: number): string {
  const places = value === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(value)));
  return String(Number(printFixed(value, places)));
}

/** Bytes for people: "512 MiB", "1.5 GiB". */
export function humanBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let n = bytes;
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024;
    unit++;
  }
  const digits = n >= 100 || Number.isInteger(n) ? 0 : 1;
  return `${n.toFixed(digits)} ${units[unit]}`;
}
