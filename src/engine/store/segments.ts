// A record that grows at its end and never beyond a bound: numbered files of lines, one JSON object each. Many write at once without a
// lock: a line is one append, and who finds the newest segment full begins the next by its number. Knows not what the lines say.
import type { Host } from '../host/port.ts';

type Disk = Pick<Host, 'files'>;

export interface Segments {
  readonly dir: string;
  /** Bytes after which a segment is full, and how many are kept. */
  readonly full: number;
  readonly kept: number;
}

const numbersIn = ({ files }: Disk, dir: string): readonly number[] =>
  (files.list(dir) ?? [])
    .filter((name) => /^\d{6}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);

const path = (dir: string, number: number): string => `${dir}/${String(number).padStart(6, '0')}`;

export function appendLine(host: Disk, { dir, full, kept }: Segments, line: object): void {
  const { files } = host;
  files.mkdir(dir, 0o700);
  const numbers = numbersIn(host, dir);
  const newest = numbers.at(-1) ?? 1;
  const next = (files.stat(path(dir, newest))?.size ?? 0) >= full;
  // A line that was torn by a full disk or a crash ends before ours begins.
  files.append(path(dir, next ? newest + 1 : newest), `\n${JSON.stringify(line)}\n`, 0o600);
  if (next) for (const old of numbers.filter((number) => number < newest + 2 - kept)) files.unlink(path(dir, old));
}

/** Where the end is: another text after each line. */
export function endOf(host: Disk, { dir }: Segments): string {
  const newest = numbersIn(host, dir).at(-1);
  return newest === undefined ? '' : `${newest} ${host.files.stat(path(dir, newest))?.size ?? 0}`;
}

export interface ReadLines<T> {
  /** Oldest first. */
  readonly found: readonly T[];
  /** Lines that could not be read and were left out. */
  readonly damaged: number;
}

/** The newest lines, at most `most` of those that `wanted`; `parse` answers null for what it can't read. */
export function newestLines<T>(
  host: Disk,
  { dir }: Segments,
  most: number,
  parse: (json: unknown) => T | null,
  wanted: (one: T) => boolean = () => true,
): ReadLines<T> {
  const found: T[] = [];
  let damaged = 0;
  for (const number of numbersIn(host, dir).toReversed()) {
    const lines = (host.files.read(path(dir, number)) ?? '').split('\n');
    for (let at = lines.length - 1; at >= 0 && found.length < most; at--) {
      const line = lines[at] ?? '';
      if (line === '') continue;
      const one = parse(jsonOf(line));
      if (one === null) damaged++;
      else if (wanted(one)) found.push(one);
    }
  }
  return { found: found.reverse(), damaged };
}

/** Undefined for what is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
