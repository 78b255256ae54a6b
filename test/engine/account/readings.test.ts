// What /proc tells, as rows: texts as kernels print them.
import { expect, test } from 'vitest';
import { controlReading } from '../../../src/engine/account/control-rows.ts';
import { maxPts, openMaxPts } from '../../../src/engine/account/held-pts.ts';
import { containerIn, lockHolders, privatePages, queuedSignals } from '../../../src/engine/account/process-rows.ts';
import { merged, type RowReadings } from '../../../src/engine/account/row-source.ts';
import { socketsIn } from '../../../src/engine/account/socket-rows.ts';
import { openUbc, pairsOf } from '../../../src/engine/account/ubc.ts';
import type { FileInfo } from '../../../src/engine/host/port.ts';
import type { Mechanism } from '../../../src/engine/spec/ubc-holds.ts';
import { UNLIMITED } from '../../../src/engine/spec/units.ts';

test('private pages are data and stack', () => {
  expect(privatePages('1126 249 216 185 0 77 0\n')).toBe(77);
  expect(privatePages('')).toBe(0);
});

test('queued signals come with whose they are and how many there may be', () => {
  expect(queuedSignals('Name:\tsh\nUid:\t1879113728\t0\t0\t0\nSigQ:\t3/20\n')).toEqual({ uid: '1879113728', queued: 3, most: 20 });
  expect(queuedSignals('')).toEqual({ uid: '', queued: 0, most: 0 });
});

test('who waits for a lock holds none, and a lock of an open file is nobody’s', () => {
  const locks = [
    '1: FLOCK  ADVISORY  WRITE 708 08:01:1835 0 EOF',
    '1: -> FLOCK  ADVISORY  WRITE 709 08:01:1835 0 EOF',
    '2: POSIX  ADVISORY  READ  5433 08:01:7864448 128 128',
    '3: OFDLCK ADVISORY  WRITE -1 fe:00:12 0 EOF',
    '4: LEASE  ACTIVE    READ  708 08:01:1836 0 EOF',
  ];
  expect(lockHolders(`${locks.join('\n')}\n`)).toEqual([708, 5433]);
});

test('a process is in the container whose group it is in', () => {
  const top = { top: '/vz-1a' };
  expect(containerIn('5:memory:/vz-1a/101\n0::/vz-1a/101/init/system.slice\n', top)).toBe(101);
  expect(containerIn('0::/vz-1a/keepers\n', top)).toBeNull();
  expect(containerIn('0::/other/vz-1a/101\n', top)).toBeNull();
  expect(containerIn('', top)).toBeNull();
});

test('sockets of both families, and others', () => {
  const four = 'sockets: used 12\nTCP: inuse 3 orphan 0 tw 7 alloc 5 mem 1\nUDP: inuse 2 mem 0\n';
  expect(socketsIn(four, 'TCP6: inuse 4\nUDP6: inuse 1\n')).toEqual({ tcp: 7, other: 5 });
  expect(socketsIn('', '')).toEqual({ tcp: 0, other: 0 });
});

test('where a sum is told as one file, that is its source', () => {
  const usage = { memory: 8192, swap: 4096 };
  const of = (from: Readonly<Record<string, string>>) => controlReading('oomguarpages', usage, { from });
  const [ram, both] = ['memory.usage_in_bytes', 'memory.memsw.usage_in_bytes'];
  expect(of({ memory: ram, swap: `${both} - ${ram}` })).toEqual({ held: 3, source: both });
  expect(of({ memory: 'memory.current', swap: 'memory.swap.current' })?.source).toBe('memory.current + memory.swap.current');
  expect(of({ memory: ram })?.source).toBe(ram);
});

test('the limit of terminals is what the node has noted, if that is a number', () => {
  const noted = (text: string | null): number | null =>
    maxPts({ readTrusted: (path) => (path === '/run/vzdeck/101/numpty' ? text : null) }, '/run/vzdeck', 101);
  expect(noted('7\n')).toBe(7);
  expect(noted('')).toBeNull();
  expect(noted(null)).toBeNull();
});

test('whoever asks again and again for that limit reads a note only when it is another file', () => {
  let [ino, text, reads]: [number | null, string | null, number] = [1, '7\n', 0];
  const stat = () => (ino === null ? null : ({ ino, mtimeMs: 5 } as FileInfo));
  const readTrusted = () => {
    reads++;
    return text;
  };
  const most = openMaxPts({ stat, readTrusted }, '/run/vzdeck');
  expect(most.of(101)).toBe(7);
  expect([most.of(101), most.of(101), most.of(101), reads]).toEqual([7, 7, 7, 2]);
  [ino, text] = [2, '9\n'];
  expect([most.of(101), most.of(101), reads]).toEqual([9, 9, 3]);
  [ino, text] = [null, null];
  expect(most.of(101)).toBeNull();
});

const HAS = new Set<Mechanism>(['pids', 'memory']);
const NODE = { has: () => HAS, limits: { numproc: 4096 } };
const rowOf = (values: Readonly<Record<string, string>>, name: string, limit?: number) =>
  openUbc(NODE)({
    id: 101,
    values: new Map(Object.entries(values)),
    rows: { [name]: { held: 1, source: 'x', ...(limit === undefined ? {} : { limit }) } },
  }).rows.find((row) => row.name === name);

test.each([
  ['what the file says', { NUMPROC: '10:20' }, undefined, 10n, 20n],
  ['the side that refuses is what the kernel has', { NUMPROC: '10:20' }, 10, 10n, 20n],
  ['the kernel has another one', { NUMPROC: '20' }, 30, 30n, 30n],
  ['the kernel has none', { NUMPROC: '20' }, Number.POSITIVE_INFINITY, UNLIMITED, UNLIMITED],
  ['neither says anything', {}, undefined, 4096n, 4096n],
] as const)('barrier and limit: %s', (_, values, told, barrier, limit) => {
  expect(rowOf(values, 'numproc', told)).toMatchObject({ barrier, limit, enforced: 'kernel' });
});

test.each([
  ['what its config says where the kernel has none', undefined, 100n],
  ['what the kernel was told', 40, 40n],
  ['all', Number.POSITIVE_INFINITY, UNLIMITED],
] as const)('a guarantee is %s', (_, told, barrier) => {
  expect(rowOf({ OOMGUARPAGES: '100:unlimited' }, 'oomguarpages', told)).toMatchObject({ barrier, limit: UNLIMITED });
});

test('what bounds each container where its config does not is told, not what the config leaves open', () => {
  const limits = { lockedpages: 2048, numpty: 256 };
  const said = (values: Readonly<Record<string, string>>, name: string) => pairsOf(new Map(Object.entries(values)), { limits }).get(name);
  const own = { barrier: 2048n, limit: 2048n };
  expect(said({}, 'lockedpages')).toEqual(own);
  expect(said({ PHYSPAGES: '0:65536', SWAPPAGES: '0:65536' }, 'lockedpages')).toEqual(own);
  expect(said({ LOCKEDPAGES: 'unlimited' }, 'lockedpages')).toEqual(own);
  expect(said({ LOCKEDPAGES: '64' }, 'lockedpages')).toMatchObject({ barrier: 64n, limit: 64n });
  expect(said({ NUMPTY: 'unlimited' }, 'numpty')).toEqual({ barrier: 256n, limit: 256n });
});

test('limits that follow from RAM and swap, and guarantees that nobody has given', () => {
  const pairs = pairsOf(
    new Map([
      ['PHYSPAGES', '0:1000'],
      ['SWAPPAGES', '0:500'],
    ]),
    NODE,
  );
  expect(pairs.get('vmguarpages')).toMatchObject({ barrier: 1500n, limit: UNLIMITED });
  expect(pairs.get('oomguarpages')).toEqual({ barrier: 0n, limit: UNLIMITED });
  expect(pairsOf(new Map(), NODE).get('oomguarpages')).toEqual({ barrier: 0n, limit: UNLIMITED });
  // a config from before there was RAM: the barrier of promised memory is taken for it
  expect(pairsOf(new Map([['PRIVVMPAGES', '700:800']]), NODE).get('physpages')).toEqual({ barrier: 0n, limit: 700n });
});

test('an account in which nothing has changed is the same object, and rows that have not are the same rows', () => {
  const ubc = openUbc(NODE);
  const values = new Map<string, string>();
  const numproc = { held: 1, source: 'x' };
  const order = { id: 101, values, rows: { numproc, physpages: { held: 5, source: 'y' } } };
  const first = ubc(order);
  expect(ubc(order)).toBe(first);
  const second = ubc({ ...order, rows: { numproc, physpages: { held: 6, source: 'y' } } });
  const row = (of: typeof first, name: string) => of.rows.find((one) => one.name === name);
  expect(row(second, 'numproc')).toBe(row(first, 'numproc'));
  expect(row(second, 'physpages')?.held).toBe(6);
});

test('nothing is told of who holds it before anybody has tried', () => {
  const { rows } = openUbc({ ...NODE, has: () => null })({ id: 101, values: new Map(), rows: null });
  expect(rows.find(({ name }) => name === 'numproc')).toMatchObject({
    enforced: 'accounting-only',
    reason: expect.stringContaining('tried'),
  });
});

test('each figure is that of the best source that has it, with where it is from', () => {
  const said = merged([
    { failcnt: 3, failSource: 'programs', by: 'bpf-sockets' },
    { held: 5, maxheld: 6, source: 'group' },
    { held: 9, maxheld: 9, source: 'processes', failcnt: 4, failSource: 'processes', limit: 20 },
  ]);
  expect(said).toEqual({ held: 5, maxheld: 6, source: 'group', failcnt: 3, failSource: 'programs', limit: 20, by: 'bpf-sockets' });
  // the highest of another source would be no highest of this one
  expect(
    merged([
      { held: 5, source: 'group' },
      { held: 4, maxheld: 9 },
    ]),
  ).toEqual({ held: 5, source: 'group' });
});

test('programs hold only who was started under them, whatever this node can', () => {
  const ubc = openUbc({ ...NODE, has: () => new Set<Mechanism>(['bpf-sockets', 'bpf-refusals']) });
  const enforced = (rows: RowReadings | null, name: string): string | undefined =>
    ubc({ id: 101, values: new Map(), rows }).rows.find((row) => row.name === name)?.enforced;
  expect(enforced({ numtcpsock: { held: 1, source: '/proc/net/sockstat' } }, 'numtcpsock')).toBe('accounting-only');
  expect(enforced({ numtcpsock: { held: 1, source: 'bpf: sockets', by: 'bpf-sockets' } }, 'numtcpsock')).toBe('bpf');
  expect(enforced({}, 'numfile')).toBe('accounting-only');
  // what does not run is told with what its next start will have
  expect(enforced(null, 'numtcpsock')).toBe('bpf');
});
