// Beancounters: which there are and in which unit, and what makes a config one of RAM and swap. Knows nothing of who enforces them.
import { PAGE, type Pair, parsePair, UNLIMITED } from './units.ts';

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

/** A pair as configs keep it (canonical text); null when there is none. */
export function pairOf(text: string | undefined): Pair | null {
  if (text === undefined) return null;
  const pair = parsePair(text, { unit: 1n, suffix: false, unlimited: true });
  return pair.ok ? pair : null;
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

/** A limit in base units as a number, null for none. Pages become bytes. */
export function limitOf(values: ReadonlyMap<string, string>, key: string, unit: UbcUnit): number | null {
  const pair = pairOf(values.get(key));
  if (!pair || NO_RAM_LIMIT.has(pair.limit)) return null;
  return Number(unit === 'pages' ? pair.limit * PAGE : pair.limit);
}
