// The processes of a container in one look, each from one file of /proc: names, kin and figures. Whatever ends meanwhile is left out.

import type { Host } from '../../host/port.ts';
import type { Relative } from '../../spec/who.ts';
import { harmless } from '../process-stat.ts';

export interface Seen extends Relative {
  readonly threads: number;
  /** R S D T t Z X I. */
  readonly state: string;
  /** Number behind a key of /proc/PID/status, 0 where there is none: kilobytes for memory. */
  figure(key: string): number;
  /** A mask of it, "SigPnd" for instance, as bits. */
  bits(key: string): bigint;
}

type Looking = Pick<Host, 'files' | 'proc'>;

/** What a process no longer tells when it has ended, or while it ends; null then. */
export function quietly<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function textOf(status: string, key: string): string {
  const at = status.startsWith(`${key}:`) ? 0 : status.indexOf(`\n${key}:`) + 1;
  if (at === 0 && !status.startsWith(`${key}:`)) return '';
  const end = status.indexOf('\n', at);
  return status.slice(at + key.length + 1, end < 0 ? undefined : end).trim();
}

/** Format: proc(5). Blanks behind the name are its own, newlines in it are escaped by the kernel. null for a text that is none. */
export function parseStatus(pid: number, status: string): Seen | null {
  const name = /^Name:\t(.*)/.exec(status)?.[1];
  if (name === undefined) return null;
  const figure = (key: string): number => Number.parseInt(textOf(status, key), 10) || 0;
  const pids = textOf(status, 'NSpid').split('\t');
  return {
    pid,
    inner: pids[1] === undefined ? null : Number(pids[1]),
    name: harmless(name),
    parent: figure('PPid'),
    threads: figure('Threads'),
    state: textOf(status, 'State').charAt(0),
    figure,
    bits: (key) => BigInt(`0x${/^[0-9a-f]+$/.exec(textOf(status, key))?.[0] ?? '0'}`),
  };
}

/** Asked before each step, with its weight: true goes on at once; a promise lets others work first, and tells whether there may be more. */
export type Left = (weight: number) => true | Promise<boolean>;

/** What a step costs, against the reading of a link. */
export const WEIGHT = { link: 1, told: 4, status: 8, table: 100 } as const;

/** In the order of pids. */
export async function scan({ files, proc }: Looking, pids: readonly number[], left: Left): Promise<readonly Seen[]> {
  const found: Seen[] = [];
  for (const pid of pids) {
    const go = left(WEIGHT.status);
    if (go !== true && !(await go)) break;
    const one = parseStatus(pid, quietly(() => files.read(`${proc}/${pid}/status`)) ?? '');
    if (one !== null) found.push(one);
  }
  return found;
}
