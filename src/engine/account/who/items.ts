// Who holds what is counted one by one: files, file locks, terminals, signals. From links and what the kernel says beside them; no link is followed.

import { ENDED_CHILDREN, type Holding } from '../../spec/who.ts';
import { harmless } from '../process-stat.ts';
import { countOf, type Descriptor, eachDescriptor, toldOf } from './descriptors.ts';
import { quietly, type Seen, scan, WEIGHT } from './scan.ts';
import type { Look } from './sockets.ts';

/** Counted with whoever ought to ask for them. Format: proc(5), /proc/PID/task/TID/children; kernels without it tell none. */
export async function endedChildren(look: Look): Promise<readonly Holding[]> {
  const { host, processes, left } = look;
  const alive = new Set(processes.map(({ pid }) => pid));
  const found: Holding[] = [];
  for (const process of processes) {
    const go = left(WEIGHT.told);
    if (go !== true && !(await go)) break;
    const { pid } = process;
    const text = quietly(() => host.files.readMost(`${host.proc}/${pid}/task/${pid}/children`, CHILDREN)) ?? '';
    const others = text
      .split(' ')
      .filter(Boolean)
      .map(Number)
      .filter((child) => !alive.has(child));
    const amount = (await scan(host, others, left)).filter(({ state }) => state === 'Z').length;
    if (amount > 0) found.push({ what: ENDED_CHILDREN, process, amount });
  }
  return found;
}
const CHILDREN = 1 << 16;

/** What a link's text says, in a word. */
function kindOf(target: string): string {
  const anonymous = /^anon_inode:\[?([a-z_-]+)/.exec(target)?.[1];
  if (anonymous !== undefined) return anonymous;
  const bracket = target.indexOf(':[');
  if (bracket > 0) return `${harmless(target.slice(0, bracket))}s`;
  if (target.endsWith(' (deleted)')) return 'files that have no name any more';
  return target.startsWith('/dev/') ? 'devices' : 'files';
}

/** Those of which the kind was not looked at are counted as well. */
export async function openFiles(look: Look): Promise<readonly Holding[]> {
  const seen = new Map<Seen, number>();
  const told: Holding[] = [];
  await eachDescriptor(look, ({ process, target }) => {
    seen.set(process, (seen.get(process) ?? 0) + 1);
    told.push({ what: kindOf(target), process, amount: 1 });
  });
  const cut = (await look.left(0)) === false;
  const rest = look.processes.map((process) => {
    const known = seen.get(process) ?? 0;
    // Where all was looked at, what has been opened meanwhile is no remainder.
    return { what: 'descriptors', process, amount: !cut && known > 0 ? 0 : Math.max(0, countOf(look.host, process) - known) };
  });
  look.note('Descriptors are counted: one file that several of them share is counted with each');
  return [...told, ...rest];
}

/** Each terminal once, with whoever has its other end open. */
export async function terminals(look: Look): Promise<readonly Holding[]> {
  const found = new Map<string, Descriptor>();
  await eachDescriptor(look, (one) => {
    if (!one.target.endsWith('/ptmx')) return;
    const index = toldOf(look.host, one, 'tty-index');
    if (index !== null && !found.has(index)) found.set(index, one);
  });
  look.note('Terminals that were opened from the node, as by vzctl enter, are held by no process inside');
  return [...found.values()].map(({ process }) => ({ what: 'terminals', process, amount: 1 }));
}

/** Bytes of /proc/locks, and the descriptors that are asked for locks of their own. */
const LOCKS = 4 << 20;

/** Format: proc(5). A lock of an open file description has no process there, only with the descriptor. */
export async function locks(look: Look): Promise<readonly Holding[]> {
  const { host, processes } = look;
  const text = quietly(() => host.files.readMost(`${host.proc}/locks`, LOCKS)) ?? '';
  if (text.length === LOCKS) look.note('The node has more file locks than are read at once: the first ones were looked at');
  const byPid = new Map(processes.map((one) => [one.pid, one]));
  const held = [...text.matchAll(/^\d+:\s+(-> )?(\w+) +\w+ +(\w+) +(-?\d+) /gm)].flatMap(([, waits, type, access, pid]): Holding[] => {
    const process = byPid.get(Number(pid));
    return process === undefined ? [] : [{ what: `${type}, ${access}${waits === undefined ? '' : ', waits'}`, process, amount: 1 }];
  });
  if (!text.includes('OFDLCK')) return held;
  const described = new Map<string, Seen>();
  await eachDescriptor(look, (one) => {
    if (!one.target.startsWith('/') || one.target.startsWith('/dev/')) return;
    const lock = toldOf(host, one, 'lock');
    if (lock?.includes('OFDLCK')) described.set(lock.replace(/^\d+: /, ''), one.process);
  });
  return [...held, ...[...described.values()].map((process) => ({ what: 'OFDLCK', process, amount: 1 }))];
}

function ones(bits: bigint): number {
  let count = 0;
  for (let rest = bits; rest > 0n; rest >>= 1n) count += Number(rest & 1n);
  return count;
}

/** Those that a process has not taken yet. */
export function signals({ processes, note }: Look): readonly Holding[] {
  note('The kernel tells which signals wait for a process, not how many of each: these are kinds of signals');
  return processes.map((process) => ({
    what: process.state === 'T' ? 'kinds of signals that wait for a stopped process' : 'kinds of signals that wait',
    process,
    amount: ones(process.bits('SigPnd') | process.bits('ShdPnd')),
  }));
}
