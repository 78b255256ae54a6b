// Container ids: how one is written, which there are, and ranges of them. Knows no names and no container.

/** Greatest id that the tools take. */
const MAX_CTID = 2_147_483_644;
/** Ids up to this are reserved by convention: a container gets one, with a warning. */
export const RESERVED_CTID = 100;

/** An id as strtol reads it (leading blanks, sign, leading zeros; "" is 0); null: not a number, so it must be a name. */
export function parseCtid(text: string): number | null {
  if (text === '') return 0;
  return /^\s*[+-]?\d+$/.test(text) ? Number(text) : null;
}

export function isCtid(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id <= MAX_CTID;
}

/** "101-110" → 101 … 110; null when it is no range of at most 10,000 ids in ascending order. */
export function parseRange(text: string): readonly number[] | null {
  const match = /^(\d+)-(\d+)$/.exec(text);
  if (!match) return null;
  const [from, to] = [Number(match[1]), Number(match[2])];
  if (from < 1 || to < from || to > MAX_CTID || to - from >= 10_000) return null;
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

/** Is this a shell pattern rather than a name or an id? */
export function isPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

/** fnmatch(3) without flags: `*`, `?`, `[a-z]`, `[!a-z]`, `\x`. A bracket that is not closed stands for itself. */
export function matchesPattern(pattern: string, text: string): boolean {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const c = pattern[at] ?? '';
    const close = c === '[' ? pattern.indexOf(']', at + (/[!^]/.test(pattern[at + 1] ?? '') ? 3 : 2)) : -1;
    if (c === '*') source += '.*';
    else if (c === '?') source += '.';
    else if (close > 0) {
      const set = pattern.slice(at + 1, close).replace(/[\\\]^]/g, '\\$&');
      source += `[${set.replace(/^(!|\\\^)/, '^')}]`;
      at = close;
    } else if (c === '\\' && at + 1 < pattern.length) source += literal(pattern[++at] ?? '');
    else source += literal(c);
  }
  return new RegExp(`^${source}$`, 'su').test(text);
}

const literal = (c: string): string => c.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
