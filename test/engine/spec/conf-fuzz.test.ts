// Hostile and broken config files: nothing throws, nothing hangs, and what was accepted is the same after it was written and read again.
// VZDECK_FUZZ is the number of files; a million takes some minutes.
import { expect, test } from 'vitest';
import { parseConf } from '../../../src/engine/spec/conf.ts';
import { checkConf } from '../../../src/engine/spec/params/check.ts';
import { readConf, saveConf } from '../../../src/engine/spec/params/read.ts';
import { PARAMS } from '../../../src/engine/spec/params/table.ts';
import { AROUND } from './around.ts';
import { type Random, SEED, seeded } from './seeded.ts';

const COUNT = Number(process.env['VZDECK_FUZZ'] ?? 4000);
/** Milliseconds. */
const HANG = 100;

const KEYS = [...PARAMS.flatMap(({ key, aliases = [] }) => [key, ...aliases]), '#UUID:', '#PROXMOX', 'FOO', 'VETH', '', ' CPUS', 'cpus'];
const PIECES = [
  ...['"', '""', "'", '\\', '\\\\', '\\"', '\0', '\r', '\t', '\v', ' ', '=', '#', ';', '$VEID', `$\{VEID}`, '$(id)', '`id`', '$A', '\n'],
  ...[
    '\ufeff',
    '\u0080',
    '\ufffd',
    '\ud800',
    '\u2028',
    'größe',
    '✓',
    '\u001b]0;x\u0007',
    '-',
    ':',
    ',',
    '.',
    '/',
    '%',
    'all',
    'none',
    'unlimited',
  ],
  ...['0', '-1', '18446744073709551616', '9223372036854775807', '1e3', '0x10', '4095', '0-4095', '10.0.0.1/24', '::1', 'eth0', 'on', 'off'],
];

function value(random: Random): string {
  const param = random.pick(PARAMS);
  const parts = Array.from({ length: random.below(5) }, () =>
    random.below(3) === 0 ? random.pick(PIECES) : random.pick([...param.grammar.examples, random.text('0123456789:KMGTPabc ,-', 8)]),
  );
  return parts.join('');
}

/** Now and then a line as no hand writes it. */
function long(random: Random): string {
  return random.pick([...PIECES, 'c:1:1:r ', '10.0.0.1 ', '0-4095,', 'a=b,;']).repeat(random.below(40_000));
}

function line(random: Random): string {
  const kind = random.below(200);
  const key = random.pick(KEYS);
  if (kind === 0) return `${key}="${long(random)}"`;
  if (kind < 20) return random.pick(PIECES) + value(random);
  if (kind < 40) return `# ${value(random)}`;
  if (kind < 60) return `${key}${random.pick(PIECES)}=${random.pick(PIECES)}${value(random)}`;
  const param = PARAMS.find((one) => one.key === key);
  const text = param && random.below(2) === 0 ? random.pick(param.grammar.examples) : value(random);
  return random.below(4) === 0 ? `${key}=${text}` : `${key}="${text}"${random.below(5) === 0 ? value(random) : ''}`;
}

const file = (random: Random): string =>
  Array.from({ length: random.below(10) }, () => line(random)).join(random.below(20) === 0 ? '\r\n' : '\n');

const read = (text: string): Record<string, string> => Object.fromEntries(readConf(text, 'F', AROUND).values);

/** Values may be very long: what is said of them is not. */
function same(found: Record<string, string>, wanted: Record<string, string>): void {
  const keys = new Set([...Object.keys(found), ...Object.keys(wanted)]);
  const short = (text: string | undefined): string => JSON.stringify(text)?.slice(0, 200) ?? 'nothing';
  for (const key of keys)
    if (found[key] !== wanted[key]) throw new Error(`${key} was ${short(wanted[key])} and became ${short(found[key])}`);
}

/** What comes of one file; throws where anything is wrong. */
function judge(text: string): void {
  const { values } = readConf(text, 'F', AROUND);
  for (const { line, text: told } of checkConf(text, AROUND, true))
    if (line < 0 || told.includes('\n') || told === '') throw new Error(`Told of line ${line}: ${told}`);
  const kept = Object.fromEntries(values);
  same(read(saveConf(text, values, values)), kept);
  same(read(saveConf('', new Map(), values)), kept);
  // nothing in a written line is run by a shell, but for $VEID of paths
  for (const written of saveConf('', new Map(), values).split('\n')) {
    const bare = written.replace(/\\./g, '');
    if (/[`]|\$\(/.test(bare) && !/^VE_(ROOT|PRIVATE)=/.test(bare)) throw new Error(`A shell would run: ${written}`);
  }
  const foreign = saveConf(text, values, new Map([['NUMPROC', '7']])).split('\n');
  const before = text.split('\n').filter((l) => l.startsWith('#'));
  expect(foreign.filter((l) => l.startsWith('#'))).toEqual(before);
}

/** Of this thread's own time: the machine may be busy with something else. */
function milliseconds(work: () => void): number {
  const begun = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / 1000;
}

test(`${COUNT} files, seed ${SEED}`, { timeout: 3_600_000 }, () => {
  let slowest = 0;
  for (let n = 0; n < COUNT; n++) {
    const text = file(seeded(SEED * 1_000_003 + n));
    try {
      const took = milliseconds(() => judge(text));
      // collecting garbage takes its time too, now and then: what hangs does so again
      const hangs = took > HANG ? Math.min(took, ...[1, 2, 3].map(() => milliseconds(() => parseAndRead(text)))) : took;
      slowest = Math.max(slowest, Math.min(hangs, took));
      if (hangs > HANG) throw new Error(`Took ${Math.round(hangs)} ms`);
    } catch (error) {
      throw new Error(`Seed ${SEED}, file ${n}: ${JSON.stringify(text.slice(0, 2000))}`, { cause: error });
    }
  }
  if (process.env['VZDECK_FUZZ']) console.log(`${COUNT} files, seed ${SEED}: the slowest took ${slowest.toFixed(1)} ms`);
});

function parseAndRead(text: string): void {
  parseConf(text);
  readConf(text, 'F', AROUND);
}

test('10 MB in one line, and in lines of one list, take no more than a moment', () => {
  const address = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
  const many = Array.from({ length: 40_000 }, (_, n) => `IP_ADDRESS="${address(n)}"`).join('\n');
  expect(read(many)['IP_ADDRESS']?.split(' ')).toHaveLength(40_000);
  for (const char of [' ', '"', '\\', '/', '=', '0', '#', '$', '\0', '\ufeff'])
    expect(Object.keys(read(`VE_ROOT="${char.repeat(10_000_000)}"\nCPUS="1"`))).toEqual(['CPUS']);
});
