// Beancounters: which there are and in which unit, and what makes a config one of RAM and swap. Knows nothing of who enforces them.
import { humanBytes, PAGE, type Pair, parsePair, printPair, UNLIMITED } from './units.ts';

export type UbcUnit = 'bytes' | 'pages' | 'items';

export interface Beancounter {
  readonly name: string;
  readonly unit: UbcUnit;
  readonly class: 'primary' | 'secondary' | 'auxiliary' | 'vswap';
  /** Column head of vzlist, at most ten characters. */
  readonly head: string;
  readonly help: string;
}

const b = (name: string, unit: UbcUnit, cls: Beancounter['class'], head: string, help: string): Beancounter => ({
  name,
  unit,
  class: cls,
  head,
  help,
});

/** In the order of vzlist. */
export const BEANCOUNTERS: readonly Beancounter[] = [
  b('kmemsize', 'bytes', 'secondary', 'KMEMSIZE', 'kernel memory that cannot be swapped out'),
  b('lockedpages', 'pages', 'auxiliary', 'LOCKEDP', 'pages locked in memory by mlock'),
  b('privvmpages', 'pages', 'secondary', 'PRIVVMP', 'private virtual memory, used or only promised'),
  b('shmpages', 'pages', 'auxiliary', 'SHMP', 'shared memory (IPC, tmpfs)'),
  b('numproc', 'items', 'primary', 'NPROC', 'processes and threads'),
  b('physpages', 'pages', 'auxiliary', 'PHYSP', 'resident memory; its limit is the RAM'),
  b('vmguarpages', 'pages', 'primary', 'VMGUARP', 'memory that is guaranteed to be allocated'),
  b('oomguarpages', 'pages', 'secondary', 'OOMGUARP', 'memory up to which the container is spared when the node runs out'),
  b('numtcpsock', 'items', 'primary', 'NTCPSOCK', 'TCP sockets'),
  b('numflock', 'items', 'auxiliary', 'NFLOCK', 'file locks'),
  b('numpty', 'items', 'auxiliary', 'NPTY', 'pseudo-terminals'),
  b('numsiginfo', 'items', 'auxiliary', 'NSIGINFO', 'queued signals'),
  b('tcpsndbuf', 'bytes', 'secondary', 'TCPSNDB', 'send buffers of TCP sockets'),
  b('tcprcvbuf', 'bytes', 'secondary', 'TCPRCVB', 'receive buffers of TCP sockets'),
  b('othersockbuf', 'bytes', 'secondary', 'OTHSOCKB', 'send buffers of UNIX, UDP and other sockets'),
  b('dgramrcvbuf', 'bytes', 'secondary', 'DGRAMRB', 'receive buffers of UNIX, UDP and other datagram sockets'),
  b('numothersock', 'items', 'primary', 'NOTHSOCK', 'sockets other than TCP'),
  b('dcachesize', 'bytes', 'auxiliary', 'DCACHESZ', 'directory entries and inodes in use'),
  b('numfile', 'items', 'auxiliary', 'NFILE', 'open files'),
  b('numiptent', 'items', 'auxiliary', 'NIPTENT', 'packet filter rules'),
  b('swappages', 'pages', 'vswap', 'SWAPP', 'swap; its limit is the swap space'),
];

/** Limits that old configs wrote for "none" in PHYSPAGES. */
const NO_RAM_LIMIT = new Set([UNLIMITED, 2_147_483_647n]);

/** Configs of a node have the same few texts; so many are remembered. */
const MOST_PAIRS = 1000;
const pairs = new Map<string, Pair | null>();

/** A pair as configs keep it (canonical text); null when there is none. */
export function pairOf(text: string | undefined): Pair | null {
  if (text === undefined) return null;
  const known = pairs.get(text);
  if (known !== undefined) return known;
  const parsed = parsePair(text, { unit: 1n, suffix: false, unlimited: true });
  const pair = parsed.ok ? parsed : null;
  if (pairs.size >= MOST_PAIRS) pairs.clear();
  pairs.set(text, pair);
  return pair;
}

/** A config speaks of RAM and swap when PHYSPAGES is set and its limit (the barrier does not matter) is one. */
export function isVswap(values: ReadonlyMap<string, string>): boolean {
  const ram = pairOf(values.get('PHYSPAGES'));
  return ram !== null && !NO_RAM_LIMIT.has(ram.limit);
}

/** RAM without swap is an incomplete config: the name of what lacks, as vzctl calls it; null when nothing does. */
export function missingUbc(values: ReadonlyMap<string, string>): string | null {
  return isVswap(values) && !values.has('SWAPPAGES') ? 'swap' : null;
}

/** Of these nothing can wait for the limit: they are refused at the barrier, as long as that is the smaller one. */
const AT_BARRIER = /^(num|lockedpages$|privvmpages$|shmpages$)/;

/** The side of it that refuses. */
export function boundOf(name: string, { barrier, limit }: Pair): bigint {
  return barrier > 0n && barrier < limit && AT_BARRIER.test(name) ? barrier : limit;
}

/** What refuses, in base units as a number, null for nothing. Pages become bytes. */
export function limitOf(values: ReadonlyMap<string, string>, key: string, unit: UbcUnit): number | null {
  const pair = pairOf(values.get(key));
  const bound = pair && boundOf(key.toLowerCase(), pair);
  if (bound === null || NO_RAM_LIMIT.has(bound)) return null;
  return Number(unit === 'pages' ? bound * PAGE : bound);
}

/** What bounds a container's memory, in bytes; null = nothing does. */
export interface Memory {
  readonly ram: number | null;
  readonly swap: number | null;
  /** What a person has to know of how that came about; "" for RAM and swap as they stand. */
  readonly remark: string;
}

/**
 * RAM and swap of a config. One from before there was PHYSPAGES bounds promised memory, which no control group counts: as the tools of
 * OpenVZ's last kernel do, its barrier is taken for RAM, without swap. "0:unlimited" is an answer, and stays one.
 */
export function memoryOf(values: ReadonlyMap<string, string>): Memory {
  const promised = pairOf(values.get('PRIVVMPAGES'));
  const swap = limitOf(values, 'SWAPPAGES', 'pages');
  if (isVswap(values)) return { ram: limitOf(values, 'PHYSPAGES', 'pages'), swap, remark: '' };
  const old = promised !== null && !NO_RAM_LIMIT.has(promised.barrier) && promised.barrier > 0n;
  if (values.has('PHYSPAGES') || !old) {
    const remark = old
      ? 'Nothing bounds its memory: PRIVVMPAGES is about promised memory, which is not counted here; --ram and --swap do'
      : '';
    return { ram: null, swap, remark };
  }
  const ram = Number(promised.barrier * PAGE);
  return {
    ram,
    swap: values.has('SWAPPAGES') ? swap : 0,
    remark: `Its config has no PHYSPAGES: the barrier of PRIVVMPAGES, ${humanBytes(ram)}, is taken for its RAM${values.has('SWAPPAGES') ? '' : ', and there is no swap'}`,
  };
}

/** What a config of RAM and swap means for beancounters that it does not set, as vzctl derives them. Told, not saved. vzctl also
 * guarantees all of the RAM and lets each process lock it; here a guarantee has to be given, for where all are promised all, nobody is, and who may
 * lock more than others has to be named. */
export function derivedUbc(values: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [ram, swap] = [pairOf(values.get('PHYSPAGES'))?.limit ?? 0n, pairOf(values.get('SWAPPAGES'))?.limit ?? 0n];
  if (!isVswap(values)) return new Map();
  const cap = (n: bigint): bigint => (n > UNLIMITED ? UNLIMITED : n);
  const both = cap(ram + swap);
  const factor = Number(values.get('VM_OVERCOMMIT') ?? 0);
  const promised = factor > 0 ? cap(BigInt(Math.min(Math.floor(Number(both) * factor), Number.MAX_SAFE_INTEGER))) : UNLIMITED;
  const all: readonly (readonly [string, bigint, bigint])[] = [
    ['VMGUARPAGES', both, UNLIMITED],
    ['PRIVVMPAGES', promised, promised],
  ];
  return new Map(all.flatMap(([key, barrier, limit]) => (values.has(key) ? [] : [[key, printPair({ barrier, limit })] as const])));
}
