// What a config's values mean for control groups on this node: base units, defaults, lists of CPUs that are there. The one translation, for
// start and for set; refuses to know files of any cgroup version.
import { diskOf } from '../cgroup/disk.ts';
import type { Limits } from '../cgroup/face.ts';
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import type { SocketLimits } from '../spec/bpf/socket-counts.ts';
import type { Values } from '../spec/params/read.ts';
import { limitOf, memoryOf, pairOf } from '../spec/ubc.ts';
import { PAGE, parseBitmap, printBitmap, UNLIMITED } from '../spec/units.ts';

/** A config without NUMPROC still cannot take every pid of the node. */
export function defaultNumproc(host: Host): number {
  const max = Number(host.files.read(`${host.proc}/sys/kernel/pid_max`) ?? 32_768);
  return Math.min(4096, Math.floor(max / 8));
}

const CPUS = '/sys/devices/system/cpu/online';
const NODES = '/sys/devices/system/node';

const listIn = (host: Host, path: string): readonly number[] => parseBitmap((host.files.read(path) ?? '0').trim()) ?? [0];

/** What of a mask is on this node, as the kernel writes lists; null for all of it. Throws VzError 'mask-elsewhere' when nothing is. */
function maskOn(key: string, text: string | undefined, there: readonly number[]): string | null {
  if (text === undefined || text === 'all') return null;
  const wanted = new Set(parseBitmap(text) ?? there);
  const both = there.filter((n) => wanted.has(n));
  if (both.length === 0) throw new VzError('mask-elsewhere', { key, value: text, there: printBitmap(there) });
  return both.length === there.length ? null : printBitmap(both);
}

/** "auto": the CPUs of the NUMA nodes of NODEMASK. */
function masksOf(host: Host, values: Values): Pick<Limits, 'cpumask' | 'nodemask'> {
  const nodes = host.files.stat(NODES) === null ? [0] : listIn(host, `${NODES}/online`);
  const nodemask = maskOn('NODEMASK', values.get('NODEMASK'), nodes);
  const text = values.get('CPUMASK');
  const near = (parseBitmap(nodemask ?? '') ?? nodes).flatMap((n) => listIn(host, `${NODES}/node${n}/cpulist`));
  return { cpumask: maskOn('CPUMASK', text === 'auto' ? printBitmap(near.sort((a, b) => a - b)) : text, listIn(host, CPUS)), nodemask };
}

/**
 * OpenVZ's eight levels, 7 the highest, weigh as the kernel's own levels of best effort do (bfq: 1 to 8), the default level as every other
 * group: 20, 40, … 100, … 160.
 */
export const weightOfPriority = (ioprio: number): number => (ioprio + 1) * 20;
export const priorityOfWeight = (weight: number): number => Math.min(7, Math.max(0, Math.round(weight / 20) - 1));
const IOPRIO = 4;

const IO_KEYS = ['IOPRIO', 'IOLIMIT', 'IOPSLIMIT'] as const;

/** Both directions of TCP together, which is how v1 counts them; no limit as long as one of them has none. */
function tcpBuffersOf(values: Values): number | null {
  const [send, receive] = [limitOf(values, 'TCPSNDBUF', 'bytes'), limitOf(values, 'TCPRCVBUF', 'bytes')];
  return send === null || receive === null ? null : send + receive;
}

/** A guarantee above the limit would be none. RAM and swap alone guarantee nothing: where all are promised all, nobody is. */
function guaranteeOf(values: Values, memory: number | null): number {
  const pair = pairOf(values.get('OOMGUARPAGES'));
  if (pair === null) return 0;
  const promised = pair.barrier >= UNLIMITED ? Number.POSITIVE_INFINITY : Number(pair.barrier * PAGE);
  return Math.min(promised, memory ?? Number.POSITIVE_INFINITY);
}

/** CPUUNITS="0" of old configs means "as everybody". A weight of OpenVZ's scheduler is the reverse of units, and second to them. */
function unitsOf(units: number, weight: number): number {
  if (units > 0) return units;
  return weight > 0 ? Math.max(1, Math.round(500_000 / weight)) : 1000;
}

/** Of one container where its config says nothing: all of them share the node's. */
export const NUMPTY = 256;
/** A pool that all containers share never stays without a bound. */
export const NUMSIGINFO = 4096;
export const numptyOf = (values: Values): number => limitOf(values, 'NUMPTY', 'items') ?? NUMPTY;

/** Bytes that each process may lock; null where its config says nothing. */
export const memlockOf = (values: Values): number | null => limitOf(values, 'LOCKEDPAGES', 'pages');

/** Largest buffers of one TCP socket, as /proc/sys/net/ipv4/tcp_{wmem,rmem} take them. */
export interface TcpLargest {
  readonly wmem: string;
  readonly rmem: string;
}
/** Sockets among which a limit is divided at most: few are full at once. */
const SHARERS = 64;
const LEAST_BUFFER = 64 * 1024;

/**
 * Where nothing bounds the buffers of all sockets together: each one's share, between 64 KiB and what the node allows. Less the node does not
 * give either: with smaller ones connections over a distance stand still.
 */
export function tcpLargest({ files, proc }: Host, values: Values): TcpLargest {
  const sockets = Math.max(1, Math.min(SHARERS, limitOf(values, 'NUMTCPSOCK', 'items') ?? SHARERS));
  const share = (file: string, key: string): string => {
    const [least = 4096, first = LEAST_BUFFER, most = LEAST_BUFFER] = (files.read(`${proc}/sys/net/ipv4/${file}`) ?? '')
      .trim()
      .split(/\s+/)
      .map(Number);
    const limit = limitOf(values, key, 'bytes');
    const own = limit === null ? most : Math.min(most, Math.max(LEAST_BUFFER, Math.floor(limit / sockets)));
    return [least, Math.min(first, own), own].join(' ');
  };
  return { wmem: share('tcp_wmem', 'TCPSNDBUF'), rmem: share('tcp_rmem', 'TCPRCVBUF') };
}

/** Sockets at once, as their programs are told. */
export const socketLimitsOf = (values: Values): SocketLimits => ({
  numtcpsock: limitOf(values, 'NUMTCPSOCK', 'items'),
  numothersock: limitOf(values, 'NUMOTHERSOCK', 'items'),
});

/** Pages of System V shared memory as the kernel reads them; null for no limit. */
export function shmallOf(values: Values): string | null {
  const bytes = limitOf(values, 'SHMPAGES', 'pages');
  return bytes === null ? null : String(Math.floor(bytes / Number(PAGE)));
}

/** @param area the private area, whose disk the limits on input and output are about; null when it has none */
export function limitsOf(host: Host, values: Values, area: string | null): Limits {
  const number = (key: string, otherwise: number): number => Number(values.get(key) ?? otherwise);
  const { ram: memory, swap } = memoryOf(values);
  return {
    numproc: limitOf(values, 'NUMPROC', 'items') ?? defaultNumproc(host),
    memory,
    swap,
    guarantee: guaranteeOf(values, memory),
    tcpBuffers: tcpBuffersOf(values),
    cpuunits: unitsOf(number('CPUUNITS', 0), number('CPUUWEIGHT', 0)),
    cpulimit: number('CPULIMIT', 0),
    cpus: number('CPUS', 0),
    ...masksOf(host, values),
    ioWeight: weightOfPriority(number('IOPRIO', IOPRIO)),
    ioRate: number('IOLIMIT', 0),
    ioOps: number('IOPSLIMIT', 0),
    disk: area !== null && IO_KEYS.some((key) => values.has(key)) ? diskOf(host.files, host.proc, area) : null,
  };
}
