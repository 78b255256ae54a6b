// How vzsplit shares a node among N equal containers: levels of shortage as data, and the arithmetic of the original down to its single
// precision, so that samples come out the same. Knows no file and no text.
import { PAGE, type Pair, UNLIMITED } from './units.ts';

/** Bytes, but for the disk. */
export interface SplitNode {
  readonly ram: number;
  readonly low: number;
  readonly swap: number;
  /** Processes and threads that the kernel can have. */
  readonly threads: number;
  /** Of the file system of private areas; null when it is not known. */
  readonly disk: { readonly kib: number; readonly inodes: number } | null;
}

export const SYSTEM_RESERVE = 52_428_800;
/** Below these a container cannot be. */
const MEMORY_EACH = 5_542_912;
const LOW_EACH = 1_348_608;

interface Level {
  readonly says: string;
  /** Factors of a container's share of kernel memory and of processes. */
  readonly kernel: number;
  readonly processes: number;
  /** Most processes for each that is expected. */
  readonly spare: number;
  /** Kernel memory of a process. */
  readonly each: number;
  /** Bytes of TCP buffers that there must be at least, and for each socket. */
  readonly tcpLeast: number;
  readonly tcpEach: number;
  readonly siginfo: number;
  /** Directory entries of an open file, bytes. */
  readonly dcache: number;
  readonly promised: number;
  readonly locked: number;
  /** Least kernel memory at which this level holds, bytes. */
  readonly least: number;
}

/** From plenty to shortage; the last row is what holds when none of the others does. */
export const SPLIT_LEVELS: readonly Level[] = [
  {
    says: 'Free resource distribution. Any parameters may be increased',
    kernel: 1,
    processes: 1,
    spare: 8,
    each: 81_920,
    tcpLeast: 262_144,
    tcpEach: 4096,
    siginfo: 1024,
    dcache: 576,
    promised: 6,
    locked: 10,
    least: 10_485_760,
  },
  {
    says: 'Normal resource distribution. Secondary parameters may be increased',
    kernel: 1.2,
    processes: 1.5,
    spare: 5,
    each: 65_536,
    tcpLeast: 131_072,
    tcpEach: 3036,
    siginfo: 512,
    dcache: 460.8,
    promised: 3,
    locked: 3,
    least: 2_097_152,
  },
  {
    says: 'Partial resource shortage. Auxiliary parameters may be increased',
    kernel: 1.8,
    processes: 2,
    spare: 3,
    each: 53_248,
    tcpLeast: 65_536,
    tcpEach: 2560,
    siginfo: 256,
    dcache: 384,
    promised: 1.5,
    locked: 1,
    least: 0,
  },
];
const SHORTAGE = 'Overall resource shortage. Please, do not change any parameters!';
const SHORTAGE_KERNEL = 2;

const LOW_SHARE = 0.4;
const LEAST_GUARANTEE = 1024;
const LEAST_PROCESSES = 30;
const LEAST_DGRAM = 32_768;
const LEAST_TCP = 65_536;
const FILES_EACH = 32;
const DEFAULT_DISK = { kib: 225_280, inodes: 88_000 };
const HOST_DISK = { kib: 10 * 1024 * 1024, inodes: 100_000 };

const page = Number(PAGE);
const single = Math.fround;
const clamp = (n: number, least: number, most: number): number => Math.min(Math.max(n, least), most);
const { trunc } = Math;

/** More threads than this are not given away. */
export const threadsOf = ({ threads, low }: SplitNode): number => Math.min(threads, low > 2 ** 31 ? 16_000 : 8000);

/** What keeps this node from having so many containers; null when nothing does. `most`: as many as it can have. */
export function splitRefusal(
  node: SplitNode,
  count: number,
): { readonly memory: boolean; readonly low: boolean; readonly most: number } | null {
  const all = node.ram + node.swap - SYSTEM_RESERVE;
  const memory = trunc(all / count) < MEMORY_EACH;
  const allowed = memory ? trunc(all / MEMORY_EACH) : count;
  const lowLeft = node.low - SYSTEM_RESERVE;
  const low = allowed === 0 || trunc(lowLeft / allowed) < LOW_EACH;
  if (!memory && !low) return null;
  return { memory, low, most: Math.max(0, low ? Math.min(allowed, trunc(lowLeft / LOW_EACH)) : allowed) };
}

/** The disk shared by N. `small`: the file system is below what is recommended; `most`: as many as it has room for, where these are too many. */
export interface DiskShare {
  readonly kib: number;
  readonly inodes: number;
  readonly small: boolean;
  readonly most: number | null;
}

export function splitDisk({ disk }: SplitNode, count: number): DiskShare {
  if (disk === null) return { ...DEFAULT_DISK, small: false, most: null };
  const left = (all: number, host: number): { readonly n: number; readonly small: boolean } =>
    trunc(all / 2) < host ? { n: trunc(all / 2), small: true } : { n: all - host, small: false };
  const [kib, inodes] = [left(disk.kib, HOST_DISK.kib), left(disk.inodes, HOST_DISK.inodes)];
  const small = kib.small || inodes.small;
  const most = Math.min(trunc(kib.n / DEFAULT_DISK.kib), trunc(inodes.n / DEFAULT_DISK.inodes));
  if (most < count) return { ...DEFAULT_DISK, small, most };
  return { kib: trunc(kib.n / (2 * count)), inodes: trunc(inodes.n / (2 * count)), small, most: null };
}

export interface Split {
  readonly level: number;
  readonly says: string;
  /** By config key. */
  readonly values: ReadonlyMap<string, Pair>;
}

const pair = (barrier: number, limit = barrier): Pair => ({ barrier: BigInt(trunc(barrier)), limit: BigInt(trunc(limit)) });
const guarantee = (barrier: number): Pair => ({ barrier: BigInt(trunc(barrier)), limit: UNLIMITED });

/** Kernel memory, processes and socket buffers, which the level decides. */
interface Core {
  readonly level: Level;
  readonly numproc: number;
  readonly avnumproc: number;
  readonly kmem: number;
  readonly guaranteed: number;
  readonly buffers: Readonly<Record<'TCPSNDBUF' | 'TCPRCVBUF' | 'OTHERSOCKBUF' | 'DGRAMRCVBUF', Pair>>;
}

interface Share {
  readonly node: SplitNode;
  readonly count: number;
  /** Bytes of RAM and swap of one container. */
  readonly all: number;
}

const processes = (level: Level, { node, count }: Share): number => trunc(single(single(level.processes * threadsOf(node)) / count));

/** A container's kernel memory in bytes, and the pages that are left for guarantees. */
function lowOf({ node, count, all }: Share, factor: number): { readonly low: number; readonly guaranteed: number } {
  const low = trunc((node.low * LOW_SHARE * single(factor)) / count);
  const guaranteed = trunc((all - low) / page);
  return guaranteed < LEAST_GUARANTEE ? { low: all - LEAST_GUARANTEE * page, guaranteed: LEAST_GUARANTEE } : { low, guaranteed };
}

/** null: this level is not to be had. */
function coreAt(level: Level, share: Share): Core | null {
  const { low, guaranteed } = lowOf(share, level.kernel);
  if (low < level.least) return null;
  const kmem = trunc(low / 2);
  const avnumproc = trunc(kmem / level.each);
  if (avnumproc < LEAST_PROCESSES / 2) return null;
  const numproc = Math.min(Math.max(processes(level, share), LEAST_PROCESSES, 2 * avnumproc), avnumproc * level.spare);
  const tcp = trunc((low - kmem) / 3);
  const sockets = level.tcpEach * numproc;
  if (tcp < level.tcpLeast + sockets) return null;
  const rest = tcp - sockets;
  const half = trunc(rest / 2);
  return {
    level,
    numproc,
    avnumproc,
    kmem,
    guaranteed,
    buffers: {
      TCPSNDBUF: pair(rest, tcp),
      TCPRCVBUF: pair(rest, tcp),
      OTHERSOCKBUF: pair(half, half + sockets),
      DGRAMRCVBUF: pair(half),
    },
  };
}

/**
 * As few processes as it takes; null when even those are too many. Where the original leaves receive buffers too small for its own validator,
 * fewer processes are expected instead.
 */
function coreInShortage(level: Level, share: Share): Core | null {
  const { low, guaranteed } = lowOf(share, SHORTAGE_KERNEL);
  let numproc = processes(level, share);
  for (;;) {
    numproc = Math.max(LEAST_PROCESSES, trunc(numproc / 2));
    const half = trunc(numproc / 2);
    const sockets = level.tcpEach * numproc;
    const kmem = low - 2 * (LEAST_DGRAM + LEAST_TCP + sockets);
    const rest = kmem - half * level.each;
    if (rest < 0 && numproc === LEAST_PROCESSES) return null;
    if (rest < 0) continue;
    const tcp = pair(LEAST_TCP, LEAST_TCP + sockets);
    return {
      level,
      numproc,
      avnumproc: rest < sockets ? trunc((kmem - sockets) / level.each) : half,
      kmem: kmem + Math.max(0, rest - sockets),
      guaranteed,
      buffers: {
        TCPSNDBUF: tcp,
        TCPRCVBUF: tcp,
        OTHERSOCKBUF: pair(LEAST_DGRAM, LEAST_DGRAM + sockets),
        DGRAMRCVBUF: pair(LEAST_DGRAM),
      },
    };
  }
}

/** Pages promised to a container and guaranteed to it. */
function promises({ level, guaranteed }: Core, { node, count, all }: Share): { readonly promised: number; readonly guaranteed: number } {
  const wished = trunc(single(single(guaranteed) * level.promised));
  const promised = wished > trunc(all / page) ? guaranteed : wished;
  const most = trunc((0.6 / 4096) * node.ram);
  return count > 1 && promised > most ? { promised: most, guaranteed: most } : { promised, guaranteed };
}

function valuesOf(core: Core, share: Share): ReadonlyMap<string, Pair> {
  const { level, numproc, avnumproc, kmem, buffers } = core;
  const { promised, guaranteed } = promises(core, share);
  const numfile = avnumproc * FILES_EACH;
  const dcache = trunc(single(numfile * single(level.dcache)));
  const numflock = Math.min(trunc(numfile * 0.1), 1000);
  return new Map<string, Pair>([
    ['NUMPROC', pair(numproc)],
    ['AVNUMPROC', pair(avnumproc)],
    ['NUMTCPSOCK', pair(numproc)],
    ['NUMOTHERSOCK', pair(numproc)],
    ['VMGUARPAGES', guarantee(guaranteed)],
    ['KMEMSIZE', pair(kmem, kmem * 1.1)],
    ...(['TCPSNDBUF', 'TCPRCVBUF', 'OTHERSOCKBUF', 'DGRAMRCVBUF'] as const).map((key) => [key, buffers[key]] as const),
    ['OOMGUARPAGES', guarantee(guaranteed)],
    ['PRIVVMPAGES', pair(promised, promised * 1.1)],
    ['LOCKEDPAGES', pair(Math.max(4, trunc((kmem * level.locked) / 204_800)))],
    ['SHMPAGES', pair(promised * 0.1)],
    ['PHYSPAGES', { barrier: 0n, limit: UNLIMITED }],
    ['NUMFILE', pair(numfile)],
    ['NUMFLOCK', pair(numflock, numflock * 1.1)],
    ['NUMPTY', pair(clamp(trunc(numproc * 0.1), 4, 512))],
    ['NUMSIGINFO', pair(level.siginfo)],
    ['DCACHESIZE', pair(dcache / 1.03, dcache)],
    ['NUMIPTENT', pair(clamp(trunc(2000 / share.count), 4, 200))],
  ]);
}

/** Values of the beancounters for one of `count` containers; null when this node cannot have so many. Ask splitRefusal before. */
export function split(node: SplitNode, count: number): Split | null {
  const share: Share = { node, count, all: trunc((node.ram + node.swap - SYSTEM_RESERVE) / count) };
  for (const [at, level] of SPLIT_LEVELS.entries()) {
    const core = coreAt(level, share);
    if (core) return { level: at, says: level.says, values: valuesOf(core, share) };
  }
  const last = SPLIT_LEVELS.at(-1);
  const core = last ? coreInShortage(last, share) : null;
  return core && { level: SPLIT_LEVELS.length, says: SHORTAGE, values: valuesOf(core, share) };
}

/** Disk limits: a tenth below the limit begins the grace period. */
export const diskPairs = ({ kib, inodes }: DiskShare): readonly (readonly [string, Pair])[] => [
  ['DISKSPACE', pair(kib / 1.1, kib)],
  ['DISKINODES', pair(inodes / 1.1, inodes)],
];

const NONE: Pair = { barrier: UNLIMITED, limit: UNLIMITED };

/** The same share as RAM and swap, with no more of either than the node has; nothing else is bounded. */
export function splitVswap(node: SplitNode, { values }: Split): ReadonlyMap<string, Pair> {
  const ram = values.get('PRIVVMPAGES')?.barrier ?? 0n;
  const least = (a: bigint, b: number): Pair => ({ barrier: 0n, limit: a < BigInt(trunc(b / page)) ? a : BigInt(trunc(b / page)) });
  const rest =
    'KMEMSIZE DCACHESIZE LOCKEDPAGES PRIVVMPAGES SHMPAGES NUMPROC VMGUARPAGES OOMGUARPAGES NUMTCPSOCK NUMFLOCK NUMPTY NUMSIGINFO ' +
    'TCPSNDBUF TCPRCVBUF OTHERSOCKBUF DGRAMRCVBUF NUMOTHERSOCK NUMFILE NUMIPTENT';
  return new Map([
    ['PHYSPAGES', least(ram, node.ram)],
    ['SWAPPAGES', least(2n * ram, node.swap)],
    ...rest.split(' ').map((key) => [key, key.endsWith('GUARPAGES') ? { barrier: 0n, limit: UNLIMITED } : NONE] as const),
  ]);
}
