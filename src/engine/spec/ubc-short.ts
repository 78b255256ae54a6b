// Amounts of beancounters in five columns, as vzubc and vzoversell have them: "1.16M", "45 ", "8%". Knows no beancounter but by its name.
import { printDigits, printFixed, UNLIMITED } from './units.ts';

/** What a kernel of 32 bits has for none. */
const NARROW_UNLIMITED = 2_147_483_647n;

/** No limit, whichever kernel says so. */
export const isUnlimited = (value: bigint): boolean => value === UNLIMITED || value === NARROW_UNLIMITED;

const NONE = '- ';
const SUFFIXES = ' KMGTPEZY';
/** KiB in a page. */
const PAGE_KIB = 4;

/** 0 and no limit are "- ". Pages become bytes. */
export function shortAmount(value: bigint | number, pages = false): string {
  if (Number(value) === 0 || (typeof value === 'bigint' && isUnlimited(value))) return NONE;
  let amount = Number(value) * (pages ? PAGE_KIB : 1);
  let suffix = pages ? 1 : 0;
  while (amount >= 1024) {
    amount /= 1024;
    suffix++;
  }
  return `${amount < 100 ? printDigits(amount, 3) : Math.trunc(amount)}${SUFFIXES[suffix]}`;
}

/** Share in percent, "- " for none: one digit below two percent, cut above, as the original's comparison of texts has it. */
export function shortPercent(part: bigint | number, whole: bigint | number): string {
  if (Number(part) === 0 || Number(whole) === 0 || (typeof whole === 'bigint' && isUnlimited(whole))) return NONE;
  const percent = Number(printFixed((100 * Number(part)) / Number(whole), 1));
  const text = percent < 2 ? printDigits(percent, 1) : String(Math.trunc(percent));
  return text === '0' ? NONE : `${text}%`;
}

/** Beancounters in pages are known by their names here: a file that is read may have any. */
export const inPages = (name: string): boolean => name.endsWith('pages');
