// Columns of figures in files of old kernels: put into bytes that are kept, since texts of hundreds of containers once a second are much to throw away.

/** Bytes of a column. */
export const WIDE = 20;
const [BLANK, ZERO] = [0x20, 0x30];

/** A whole number from 0 to 2^53, and so many zeros behind it, in the column that ends there: nanoseconds of a hundred days are more than a double has exactly. */
export function putWide(bytes: Uint8Array, end: number, value: number, zeros = 0): void {
  let at = end;
  const from = value === 0 ? end : end - zeros;
  while (at > from) bytes[--at] = ZERO;
  let rest = value;
  do {
    const tenth = Math.floor(rest / 10);
    bytes[--at] = ZERO + rest - tenth * 10;
    rest = tenth;
  } while (rest > 0);
  while (at > end - WIDE) bytes[--at] = BLANK;
}

/** The same of any figure up to 2^64 - 1; of a fraction the whole number next to it. */
export function putFigure(bytes: Uint8Array, end: number, figure: number | bigint): void {
  const whole = typeof figure === 'bigint' ? figure : Math.round(figure);
  if (typeof whole === 'number' && Number.isSafeInteger(whole)) {
    putWide(bytes, end, whole);
    return;
  }
  const text = String(BigInt(whole)).padStart(WIDE);
  for (let i = 0; i < WIDE; i++) bytes[end - WIDE + i] = text.charCodeAt(i);
}
