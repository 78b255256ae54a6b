// Limits on input and output as writes into control files. Knows the files of blkio and io; which disk they are about, and whether anything
// there divides by weights, is found elsewhere (disk.ts).
import type { Limits } from './face.ts';
import type { Dialect, Group, Row, Write } from './limit-row.ts';

/** The words of one device in a file with a line for each, "254:0 rbps=max wbps=1048576"; [] when it has none. */
function wordsOf(text: string | null, device: string): readonly string[] {
  const line = (text ?? '').split('\n').find((l) => l.startsWith(`${device} `));
  return line === undefined ? [] : line.split(/\s+/).slice(1);
}

/** Of v2's io.max: the named ones of its words, the others stay as they are. */
function maxLine(device: string, names: readonly string[], n: number): Write {
  const word = (name: string, words: readonly string[]): string => words.find((w) => w.startsWith(`${name}=`)) ?? `${name}=max`;
  return {
    file: 'io.max',
    text: [device, ...names.map((name) => `${name}=${n > 0 ? n : 'max'}`)].join(' '),
    present: (text) => [device, ...names.map((name) => word(name, wordsOf(text, device)))].join(' '),
  };
}

/** Of v1's throttle files: 0 takes the line away. */
function throttleLine(device: string, file: string, n: number): Write {
  return { file, text: `${device} ${n}`, present: (text) => `${device} ${wordsOf(text, device)[0] ?? 0}` };
}

/** The smaller one of reading and writing, 0 for none. */
function least(numbers: readonly number[]): number {
  const bounds = numbers.filter((n) => n > 0);
  return bounds.length === 0 ? 0 : Math.min(...bounds);
}

type Amount = 'ioRate' | 'ioOps';

function throttle(name: Amount, kind: 'bps' | 'iops'): Readonly<Record<1 | 2, Dialect>> {
  const words = [`r${kind}`, `w${kind}`];
  const files = [`blkio.throttle.read_${kind}_device`, `blkio.throttle.write_${kind}_device`];
  const of = (limits: Limits, writes: (device: string, n: number) => readonly Write[]): readonly Write[] =>
    limits.disk === null ? [] : writes(limits.disk.device, limits[name]);
  const held = (limits: Limits, numbers: (device: string) => readonly number[]): Partial<Limits> =>
    limits.disk === null ? {} : { [name]: least(numbers(limits.disk.device)) };
  return {
    1: {
      writes: (limits) => of(limits, (device, n) => files.map((file) => throttleLine(device, file, n))),
      held: (group, limits) => held(limits, (device) => files.map((file) => Number(wordsOf(group.read(file), device)[0] ?? 0))),
    },
    2: {
      writes: (limits) => of(limits, (device, n) => [maxLine(device, words, n)]),
      held: (group, limits) =>
        held(limits, (device) => {
          const found = wordsOf(group.read('io.max'), device);
          return words.map((word) => Number(found.find((w) => w.startsWith(`${word}=`))?.slice(word.length + 1) ?? 0) || 0);
        }),
    },
  };
}

/** bfq's file has the number alone on v1, "default 100" and a line for each device on v2. */
function weight(bfq: string): Dialect {
  const fileOf = ({ disk }: Limits): string | null => (disk?.weigher === 'bfq' ? bfq : disk?.weigher === 'iocost' ? 'io.weight' : null);
  const first = (text: string | null): string => /\d+/.exec(text ?? '')?.[0] ?? '100';
  return {
    writes: (limits) => {
      const file = fileOf(limits);
      return file === null ? [] : [{ file, text: String(limits.ioWeight), present: first }];
    },
    held: (group: Group, limits) => {
      const file = fileOf(limits);
      return file === null ? {} : { ioWeight: Number(first(group.read(file))) };
    },
  };
}

const name = (version: 1 | 2): string => (version === 1 ? 'blkio' : 'io');

export const IO_ROWS: readonly Row[] = ([1, 2] as const).flatMap((version): readonly Row[] => [
  { controller: name(version), of: ['ioWeight'], [version]: weight(version === 1 ? 'blkio.bfq.weight' : 'io.bfq.weight') },
  { controller: name(version), of: ['ioRate'], [version]: throttle('ioRate', 'bps')[version] },
  { controller: name(version), of: ['ioOps'], [version]: throttle('ioOps', 'iops')[version] },
]);
