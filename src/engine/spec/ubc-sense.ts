// What a beancounter means to people: what it counts, what happens at its limit, what usually raises it, and which value would be enough.
// One table for the manager, the rules of `vzdeck why` and the docs; knows of a container only what its row says.
import { isLimitAlone } from './params/change-to.ts';
import { paramOf } from './params/table.ts';
import { boundOf as refusesAt } from './ubc.ts';
import type { UbcRow } from './ubc-rows.ts';
import { printPair, UNLIMITED } from './units.ts';

export interface UbcSense {
  /** Completes "NAME counts …". */
  readonly counts: string;
  /** What programs meet beyond the limit, where somebody enforces it; a clause that can follow "At the limit". */
  readonly atLimit: string;
  /** Completes "Usually raised by …". */
  readonly raisedBy: string;
  /** What is refused, one and several of it; of oomguarpages what is killed. */
  readonly refused: readonly [one: string, many: string];
  /** It is no limit, so that nothing is ever too little. */
  readonly guarantee?: true;
  /** The limit stands so many percent above the barrier: what is under way when that is reached can end well. */
  readonly gap?: number;
}

/** Of what was ever held so many percent are enough. */
const ENOUGH = 150;
const GAP = 10;

export const UBC_SENSE: Readonly<Record<string, UbcSense>> = {
  kmemsize: {
    counts: 'kernel memory of its processes: stacks, page tables, open files, sockets',
    atLimit: 'fork(), open() and socket() fail with ENOMEM',
    raisedBy: 'many processes, open files or sockets',
    refused: ['request for kernel memory', 'requests for kernel memory'],
    gap: GAP,
  },
  lockedpages: {
    counts: 'memory that programs keep out of swap by mlock()',
    atLimit: 'mlock() fails with ENOMEM',
    raisedBy: 'databases, keyrings and real-time programs',
    refused: ['request to lock memory', 'requests to lock memory'],
  },
  privvmpages: {
    counts: 'private memory that programs were promised, used or not',
    atLimit: 'malloc() and mmap() fail with ENOMEM: users read "Cannot allocate memory"',
    raisedBy: 'Java, databases and forking servers, which reserve more than they touch',
    refused: ['request for memory', 'requests for memory'],
    gap: GAP,
  },
  shmpages: {
    counts: 'shared memory: System V segments, shared mappings, files in tmpfs',
    atLimit: 'shmget() and writes to /dev/shm fail with ENOSPC',
    raisedBy: 'buffers of databases, and files left in /dev/shm',
    refused: ['request for shared memory', 'requests for shared memory'],
  },
  numproc: {
    counts: 'processes and threads',
    atLimit: 'fork() fails with EAGAIN: users read "Resource temporarily unavailable"',
    raisedBy: 'workers of web servers, parallel builds, and scripts that start themselves',
    refused: ['fork', 'forks'],
  },
  physpages: {
    counts: 'memory in use: programs, page cache, kernel memory',
    atLimit: 'page cache is taken back first, then the kernel kills the process that holds most',
    raisedBy: 'programs that leak, caches that grow as far as they may, and files in tmpfs',
    refused: ['charge of memory', 'charges of memory'],
  },
  vmguarpages: {
    counts: 'memory whose allocation is guaranteed',
    atLimit: 'nothing is refused, since it is a guarantee',
    raisedBy: 'nobody inside: it is set, not used',
    refused: ['allocation', 'allocations'],
    guarantee: true,
  },
  oomguarpages: {
    counts: 'memory and swap up to which it is spared when the node runs out',
    atLimit: 'nothing is refused; what it holds beyond is taken back before that of others',
    raisedBy: 'whatever raises physpages; its failures are processes that were killed',
    refused: ['process', 'processes'],
    guarantee: true,
  },
  numtcpsock: {
    counts: 'TCP sockets',
    atLimit: 'socket() fails with ENOBUFS',
    raisedBy: 'many clients, keep-alive, and programs that never close what they opened',
    refused: ['TCP socket', 'TCP sockets'],
  },
  numflock: {
    counts: 'file locks',
    atLimit: 'flock() and fcntl() fail with ENOLCK',
    raisedBy: 'mail servers, databases and builds',
    refused: ['file lock', 'file locks'],
    gap: GAP,
  },
  numpty: {
    counts: 'pseudo-terminals',
    atLimit: 'opening one fails with ENOSPC: ssh says "PTY allocation request failed"',
    raisedBy: 'ssh sessions, screen, tmux, and shells that nobody closed',
    refused: ['terminal', 'terminals'],
  },
  numsiginfo: {
    counts: 'signals that wait to be delivered',
    atLimit: 'sigqueue() and timer_create() fail with EAGAIN',
    raisedBy: 'timers, and programs that are signalled faster than they answer',
    refused: ['signal', 'signals'],
  },
  tcpsndbuf: {
    counts: 'memory of what TCP sockets have still to send',
    atLimit: 'senders wait, so that connections become slow; nothing fails',
    raisedBy: 'large answers to many clients on slow lines',
    refused: ['send buffer', 'send buffers'],
    gap: GAP,
  },
  tcprcvbuf: {
    counts: 'memory of what TCP sockets have received and nobody has read',
    atLimit: 'the other side is asked to wait, so that connections become slow; nothing fails',
    raisedBy: 'uploads, and servers that accept and do not read',
    refused: ['receive buffer', 'receive buffers'],
    gap: GAP,
  },
  othersockbuf: {
    counts: 'memory of what UNIX, UDP and other sockets have still to send',
    atLimit: 'send() waits or fails with ENOBUFS',
    raisedBy: 'a log daemon or another local server that does not read',
    refused: ['send buffer', 'send buffers'],
    gap: GAP,
  },
  dgramrcvbuf: {
    counts: 'memory of datagrams that nobody has read',
    atLimit: 'datagrams are dropped without a word',
    raisedBy: 'name servers and logs under load',
    refused: ['datagram', 'datagrams'],
  },
  numothersock: {
    counts: 'sockets other than TCP: UNIX, UDP, raw, netlink',
    atLimit: 'socket() fails with ENOBUFS',
    raisedBy: 'logging, name resolution, and programs that open one for each request',
    refused: ['socket', 'sockets'],
  },
  dcachesize: {
    counts: 'directory entries and inodes that the kernel keeps in memory',
    atLimit: 'the kernel lets go of what nobody uses; nothing fails',
    raisedBy: 'walks through large trees: find, updatedb, backups',
    refused: ['directory entry', 'directory entries'],
    gap: GAP,
  },
  numfile: {
    counts: 'open files',
    atLimit: 'open(), pipe() and socket() fail with ENFILE: users read "Too many open files in system"',
    raisedBy: 'many processes with many libraries, and programs that never close',
    refused: ['open file', 'open files'],
  },
  numiptent: {
    counts: 'packet filter rules of all its networks: those of nftables and of legacy tables, but for those of ebtables',
    atLimit: 'iptables and nft fail with ENOMEM',
    raisedBy: 'programs such as fail2ban that add a rule for each offender',
    refused: ['packet filter rule', 'packet filter rules'],
  },
  diskspace: {
    counts: 'disk space of its files',
    atLimit: 'writing fails with EDQUOT: users read "Disk quota exceeded"',
    raisedBy: 'logs, mail, caches of packages, and uploads',
    refused: ['write', 'writes'],
    gap: GAP,
  },
  diskinodes: {
    counts: 'files, directories and links on its disk',
    atLimit: 'creating files fails with EDQUOT: users read "Disk quota exceeded"',
    raisedBy: 'mail directories, caches and session files that nobody clears',
    refused: ['file', 'files'],
    gap: GAP,
  },
  swappages: {
    counts: 'memory that was swapped out',
    atLimit: 'nothing more goes to swap, so that memory itself runs full',
    raisedBy: 'more programs than fit into RAM, and leaks',
    refused: ['page of swap', 'pages of swap'],
  },
};

/** "refused 38 forks", "lost 1 process". */
export function refusedText(name: string, count: number, written = String(count)): string {
  const [one, many] = UBC_SENSE[name]?.refused ?? ['request', 'requests'];
  return `${name === 'oomguarpages' ? 'lost' : 'refused'} ${written} ${count === 1 ? one : many}`;
}

/** Guarantees are no bound. */
const isGuarantee = (name: string): boolean => UBC_SENSE[name]?.guarantee === true;

/** Where a row's refusals begin, in its unit. Null: it is a guarantee, or has no limit. */
export function boundOf({ name, barrier, limit }: Pick<UbcRow, 'name' | 'barrier' | 'limit'>): number | null {
  const bound = isGuarantee(name) ? UNLIMITED : refusesAt(name, { barrier, limit });
  return bound >= UNLIMITED ? null : Number(bound);
}

/** Two digits at most of items; of memory a step is an eighth of the power of two below. */
function roundUp(n: number, items: boolean): number {
  const step = items ? 10 ** Math.max(0, Math.floor(Math.log10(n)) - 1) : 2 ** Math.max(0, Math.floor(Math.log2(n)) - 3);
  return Math.ceil(n / step) * step;
}

export interface Advice {
  /** As a config has it: "120", "0:131072". */
  readonly value: string;
  /** Whence it comes: "half as much again as it ever held". */
  readonly why: string;
}

/** From so much of its bound on a row is worth a look. */
export const NEAR = 0.8;

/**
 * A value that would have been enough, where the row has run into its bound or come near; null where it is enough, or no value would change anything.
 * @param bound where its refusals begin
 * @param before the stored value that somebody has lowered; "" where nobody has
 */
export function adviceBeyond(
  row: Pick<UbcRow, 'name' | 'held' | 'maxheld' | 'enforced'>,
  bound: number | null,
  before = '',
): Advice | null {
  const sense = UBC_SENSE[row.name];
  const param = paramOf(row.name.toUpperCase());
  if (sense === undefined || param?.unit === undefined || bound === null || row.enforced === 'accounting-only') return null;
  const most = Math.max(row.held, row.maxheld);
  // refusals that were counted although there is room to spare are of another limit's time
  if (most < NEAR * bound) return null;
  if (before !== '') return { value: before, why: 'what it was before it was lowered' };
  const enough = BigInt(roundUp(Math.max((most * ENOUGH) / 100, bound + 1), param.unit === 'items'));
  const why = 'half as much again as it ever held';
  if (isLimitAlone(param)) return { value: printPair({ barrier: 0n, limit: enough }), why };
  const limit = enough + (enough * BigInt(sense.gap ?? 0)) / 100n;
  return { value: printPair({ barrier: enough, limit }), why };
}

export const adviceFor = (row: UbcRow, before = ''): Advice | null => adviceBeyond(row, boundOf(row), before);
