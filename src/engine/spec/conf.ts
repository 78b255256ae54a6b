// Config files: CTID.conf, vz.conf, samples. Knows their lines, not what the names mean. The same files are sourced by shells.

export interface ConfLine {
  /** From 1. */
  readonly line: number;
  readonly key: string;
  readonly value: string;
}

export interface ConfFault {
  readonly line: number;
  readonly cause: "'=' not found" | 'unmatched quotes' | 'too long value';
}

export interface Conf {
  readonly lines: readonly ConfLine[];
  readonly faults: readonly ConfFault[];
}

const KEY_MAX = 512;
/** C's isspace; a byte order mark is none, and makes its key an unknown one. */
const SPACE_AROUND = /^[ \t\v\f\r]+|[ \t\v\f\r]+$/g;

/** Value of what follows `=`: between the first and the last quote of the line, or as it is. null: the quote does not close. */
function unquote(text: string): string | null {
  if (!text.startsWith('"')) return text;
  const close = text.lastIndexOf('"');
  return close === 0 ? null : text.slice(1, close);
}

/**
 * Reads KEY=value lines. Backslashes are taken out of the whole line first (`\x` is x), then blanks around it; lines that are empty
 * or begin with # are comments; what follows the closing quote is ignored, without quotes nothing is.
 */
export function parseConf(text: string): Conf {
  const lines: ConfLine[] = [];
  const faults: ConfFault[] = [];
  let line = 0;
  for (const raw of text.split('\n')) {
    line++;
    const plain = raw.replace(/\\(.?)/g, '$1').replace(SPACE_AROUND, '');
    if (plain === '' || plain.startsWith('#')) continue;
    const at = plain.indexOf('=');
    const value = at < 0 ? null : unquote(plain.slice(at + 1));
    if (at < 0) faults.push({ line, cause: "'=' not found" });
    else if (at >= KEY_MAX) faults.push({ line, cause: 'too long value' });
    else if (value === null) faults.push({ line, cause: 'unmatched quotes' });
    else lines.push({ line, key: plain.slice(0, at), value });
  }
  return { lines, faults };
}

/** A line that old readers and shells understand alike: nothing in the value ends the quotes or is run. `expands` leaves $VEID alone. */
export function formatLine(key: string, value: string, expands = false): string {
  return `${key}="${value.replace(expands ? /[\\"`]/g : /[\\"`$]/g, '\\$&')}"`;
}

/**
 * The text with other values: the first line that begins with KEY= (in its first column) is replaced, a key without one is appended in
 * the given order. Every other byte stays.
 */
export function editConf(text: string, changes: readonly { readonly key: string; readonly line: string }[]): string {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  // A file without newline at its end gets one before anything is appended, and when that line itself is replaced.
  const whole = last === '' ? lines : [...lines, last];
  const appended: string[] = [];
  let lastReplaced = false;
  for (const { key, line } of changes) {
    const at = whole.findIndex((l) => l.startsWith(`${key}=`));
    if (at < 0) appended.push(line);
    else {
      lastReplaced ||= at === whole.length - 1 && whole[at] !== line;
      whole[at] = line;
    }
  }
  const all = [...whole, ...appended];
  if (all.length === 0) return '';
  const end = last !== '' && appended.length === 0 && !lastReplaced ? '' : '\n';
  return all.join('\n') + end;
}
