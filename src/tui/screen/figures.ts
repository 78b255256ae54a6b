// Numbers as people read them: three significant digits, one-letter units, never wider than five cells below a thousand of the largest unit.

const BINARY = ['', 'K', 'M', 'G', 'T', 'P', 'E'] as const;
const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const;

/** Bytes in powers of 1024: "0", "212M", "1.66G", "0.98G", "2G". */
export function bytes(n: number): string {
  return scaled(n, 1024, BINARY);
}

/** The same with all its digits ("3.10M"), for figures that change under one's eyes. */
export function heldBytes(n: number): string {
  return scaled(n, 1024, BINARY, true);
}

/** Counts in powers of 1000: "0", "412", "1.23k". */
export function count(n: number): string {
  return scaled(n, 1000, DECIMAL);
}

/** Whole percent: "0%", "37%". */
export function percent(n: number): string {
  return `${Math.round(n)}%`;
}

function scaled(n: number, base: number, units: readonly string[], steady = false): string {
  if (!Number.isFinite(n)) return '?';
  const sign = n < 0 ? '-' : '';
  let value = Math.abs(n);
  let unit = 0;
  // 999.5 would be printed with four digits; one unit further it has three or fewer.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  if (unit === 0) return sign + Math.round(value);
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const text = value.toFixed(digits);
  return sign + (steady ? text : Number(text)) + units[unit];
}

const SPANS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
] as const;

/** The largest whole unit: "38s", "4m", "2h", "41d". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [size, letter] = SPANS.find(([span]) => whole >= span) ?? [1, 's'];
  return `${Math.floor(whole / size)}${letter}`;
}
