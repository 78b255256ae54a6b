// What the open descriptors of processes lead to, by the kernel's word alone: no link is followed, since what lies behind is the container's.
import type { Host } from '../../host/port.ts';
import { type Left, quietly, type Seen, WEIGHT } from './scan.ts';

export interface Descriptor {
  readonly process: Seen;
  readonly fd: string;
  /** "socket:[4711]", "pipe:[12]", "anon_inode:[eventfd]", or a path as the container has it; foreign text. */
  readonly target: string;
}

type Looking = Pick<Host, 'files' | 'proc'>;

/** Beyond this a table of descriptors is not listed, which cannot be stopped, but tried number by number. */
const LISTED = 16_384;

function* numbers({ files, proc }: Looking, { pid, figure }: Seen): Generator<string> {
  const slots = figure('FDSize');
  if (slots <= LISTED) yield* quietly(() => files.list(`${proc}/${pid}/fd`)) ?? [];
  else for (let fd = 0; fd < slots; fd++) yield String(fd);
}

export interface Walk {
  readonly host: Looking;
  readonly processes: readonly Seen[];
  readonly left: Left;
}

/** Those of processes with few first, so that one with very many costs the others nothing. */
export async function eachDescriptor({ host, processes, left }: Walk, visit: (one: Descriptor) => void): Promise<void> {
  const { files, proc } = host;
  for (const process of processes.toSorted((a, b) => a.figure('FDSize') - b.figure('FDSize') || a.pid - b.pid)) {
    for (const fd of numbers(host, process)) {
      const go = left(WEIGHT.link);
      if (go !== true && !(await go)) return;
      const target = quietly(() => files.readLink(`${proc}/${process.pid}/fd/${fd}`));
      if (target !== null) visit({ process, fd, target });
    }
  }
}

/** How many a process has: what the kernel says of the directory's size (from 6.2 on), or what is in it. */
export function countOf({ files, proc }: Looking, { pid, figure }: Seen): number {
  const dir = `${proc}/${pid}/fd`;
  const size = quietly(() => files.stat(dir))?.size ?? 0;
  return size > 0 || figure('FDSize') > LISTED ? size : (quietly(() => files.list(dir))?.length ?? 0);
}

/** A line "key:\tvalue" of what the kernel says of a descriptor; null without one. */
export function toldOf({ files, proc }: Looking, { process, fd }: Descriptor, key: string): string | null {
  const text = quietly(() => files.readMost(`${proc}/${process.pid}/fdinfo/${fd}`, INFO)) ?? '';
  return new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? null;
}
const INFO = 4096;
