// Config files: CTID.conf, vz.conf, samples. Knows their lines, not what the names mean. The same files are sourced by shells.

export interface ConfLine {
  /** From 1. */
  readonly line: number;
  readonly key: string;
  readonly value: string;
}

export interface ConfFault {
  readonly line: number;
  /** Of the trouble, from 1, in characters. */
  readonly column: number;
  readonly cause: "'=' not found" | 'unmatched quotes' | 'too long value' | 'NUL byte';
}

export interface Conf {
  readonly lines: readonly ConfLine[];
  readonly faults: readonly ConfFault[];
}

const KEY_MAX = 512;
/** No option can be as long. A value has half of it: written anew each of its characters may get a backslash. */
const LINE_MAX = 1_048_576;
const VALUE_MAX = LINE_MAX / 2 - KEY_MAX;

/** C's isspace; a byte order mark is none, and makes its key an unknown one. */
const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t' || char === '\v' || char === '\f' || char === '\r';

/** Without blanks around. No regular expression: a line of blanks alone would take the square of its length. */
export function trimmed(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text[from])) from++;
  while (to > from && isBlank(text[to - 1])) to--;
  return text.slice(from, to);
}

/** Value of what follows `=`: between the first and the last quote of the line, or as it is. null: the quote does not close. */
function unquote(text: string): string | null {
  if (!text.startsWith('"')) return text;
  const close = text.lastIndexOf('"');
  return close === 0 ? null : text.slice(1, close);
}

type Read = { readonly key: string; readonly value: string } | Pick<ConfFault, 'cause' | 'column'>;

/** One line; null for a comment or nothing. */
function readLine(raw: string): Read | null {
  if (raw.length > LINE_MAX) return { cause: 'too long value', column: LINE_MAX + 1 };
  const plain = trimmed(raw.includes('\\') ? raw.replace(/\\(.?)/g, '$1') : raw);
  if (plain === '' || plain.startsWith('#')) return null;
  if (raw.includes('\0')) return { cause: 'NUL byte', column: raw.indexOf('\0') + 1 };
  const at = plain.indexOf('=');
  if (at < 0) return { cause: "'=' not found", column: raw.search(/[^ \t\v\f\r]/) + 1 };
  if (at >= KEY_MAX) return { cause: 'too long value', column: KEY_MAX + 1 };
  const value = unquote(plain.slice(at + 1));
  if (value === null) return { cause: 'unmatched quotes', column: raw.indexOf('"') + 1 };
  return value.length > VALUE_MAX ? { cause: 'too long value', column: VALUE_MAX + 1 } : { key: plain.slice(0, at), value };
}

/**
 * Reads KEY=value lines. Backslashes are taken out of the whole line first (`\x` is x), then blanks around it; lines that are empty
 * or begin with # are comments; what follows the closing quote is ignored, without quotes nothing is. Takes time in proportion to the text.
 * `keys`: lines in which none of them stands may be passed over.
 */
export function parseConf(text: string, keys?: readonly string[]): Conf {
  const lines: ConfLine[] = [];
  const faults: ConfFault[] = [];
  let line = 0;
  for (const raw of text.split('\n')) {
    line++;
    if (keys && !raw.includes('\\') && !keys.some((key) => raw.includes(key))) continue;
    const read = readLine(raw);
    if (read === null) continue;
    if ('cause' in read) faults.push({ line, ...read });
    else lines.push({ line, ...read });
  }
  return { lines, faults };
}

/** A line that old readers and shells understand alike: nothing in the value ends the quotes or is run. `expands` leaves $VEID alone. */
export function formatLine(key: string, value: string, expands = false): string {
  return `${key}="${value.replace(expands ? /[\\"`]/g : /[\\"`$]/g, '\\$&')}"`;
}

export interface ConfChange {
  readonly key: string;
  /** null: whatever stands for the key goes. */
  readonly line: string | null;
  /** Other names of the key. */
  readonly aliases?: readonly string[];
  /** Of two lines of a key the first or the last one counts, or both together. */
  readonly counts?: 'first' | 'last' | 'add';
}

/** Key of a line that assigns something, else "". */
function keyOf(raw: string): string {
  const read = readLine(raw);
  return read === null || 'cause' in read ? '' : read.key;
}

/**
 * The text with other values: the first line that begins with KEY= (in its first column) is replaced, a key without one is appended in
 * the given order. Lines that would be read instead of the written one, or with it, go. Every other byte stays.
 */
export function editConf(text: string, changes: readonly ConfChange[]): string {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  // A file without newline at its end gets one before anything is appended, and when that line itself is replaced.
  const whole = last === '' ? lines : [...lines, last];
  const before = whole.length;
  const keys = whole.map(keyOf);
  const gone = new Set<number>();
  let lastReplaced = false;
  for (const { key, line, aliases = [], counts = 'first' } of changes) {
    const at = line === null ? -1 : whole.findIndex((l) => l.startsWith(`${key}=`));
    const mine = line === null ? -1 : at < 0 ? whole.push(line) - 1 : at;
    if (line !== null) {
      lastReplaced ||= at === before - 1 && whole[at] !== line;
      whole[mine] = line;
    }
    for (const [other, name] of keys.entries()) {
      const rival = line === null || counts === 'add' || (counts === 'first' ? other < mine : other > mine);
      if (rival && other !== mine && (name === key || aliases.includes(name))) gone.add(other);
    }
  }
  const all = whole.filter((_line, at) => !gone.has(at));
  if (all.length === 0) return '';
  const end = last !== '' && whole.length === before && !lastReplaced && !gone.has(before - 1) ? '' : '\n';
  return all.join('\n') + end;
}
