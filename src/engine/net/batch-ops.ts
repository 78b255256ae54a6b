// A change of a network as operations of the launcher: at most one `nft -f` and one `ip -batch` in each namespace.
import { bytesOf } from '../spec/ip.ts';
import { type Op, RUN_BESIDE, RUN_FORGIVEN, RUN_JOIN } from '../spec/op.ts';
import type { Batch } from './thing.ts';

/** Whose network namespace the container's is: init as noted, the newborn of the plan that these operations are in, or nobody any more. */
export type Owner = { readonly pid: number; readonly startTime: bigint } | 'newborn' | 'ended';

const MNT_DETACH = 2;
const NOBODY = { pid: 0, startTime: 0n };
const processOf = (owner: Owner): { readonly pid: number; readonly startTime: bigint } => (typeof owner === 'string' ? NOBODY : owner);

const text = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));

const run = (owner: Owner, flags: number, argv: readonly string[], lines: readonly string[], net = ''): readonly Op[] =>
  lines.length === 0 ? [] : [{ op: 'run', ...processOf(owner), net, flags, argv, input: text(lines) }];

export const nft = (lines: readonly string[]): readonly Op[] => run('ended', 0, ['nft', '-f', '-'], lines);
/** The links of the same plan wait for it. */
export const nftBeside = (lines: readonly string[]): readonly Op[] => run('ended', RUN_BESIDE, ['nft', '-f', '-'], lines);

export const switches = (lines: readonly string[]): readonly Op[] =>
  lines.map((line) => {
    const [path = '', value = ''] = line.split(' ');
    return { op: 'write', path: `/proc/sys/net/${path}`, data: new TextEncoder().encode(value) };
  });

/** Links of the node come up. */
export const raise = (links: readonly string[]): readonly Op[] => links.map((name) => ({ op: 'linkUp', name }));

/** Where things may be gone already, as after a crash, nothing of it is an error. */
const batchOf = (forgiven: boolean): readonly string[] => ['ip', ...(forgiven ? ['-force'] : []), '-batch', '-'];

export const ip = (lines: readonly string[]): readonly Op[] => run('ended', 0, batchOf(false), lines);
export const ipForgiven = (lines: readonly string[]): readonly Op[] => run('ended', RUN_FORGIVEN, batchOf(true), lines);

const wordsOf = (line: string): readonly [string, string, string] => {
  const [first = '', second = '', third = ''] = line.split(' ');
  return [first, second, third];
};

/**
 * `batch` without its lines for the table. `pin`: file that keeps the container's network namespace, where it is to be kept.
 * `forgiven`: as of a change that went only half way.
 */
export function linkOps(batch: Batch, owner: Owner, pin: string, forgiven = owner === 'ended'): readonly Op[] {
  const flags = forgiven ? RUN_FORGIVEN : 0;
  const inside = owner === 'ended' ? pin : '';
  const lent = batch.lend.map((line): Op => {
    const [name, index] = wordsOf(line);
    return { op: 'lendLink', net: pin, name, index: Number(index) };
  });
  const returned = batch.return.map((line): Op => {
    const [index, name, home] = wordsOf(line);
    return { op: 'returnLink', net: pin, index: Number(index), name, home: Number(home) };
  });
  return [
    ...batch.pin.map((): Op => ({ op: 'pinNet', ...processOf(owner), path: pin })),
    ...run(owner, RUN_JOIN | RUN_FORGIVEN, batchOf(true), batch.clear, inside),
    ...run('ended', RUN_FORGIVEN, ['tc', '-force', '-batch', '-'], batch.unshape),
    ...run(owner, flags, batchOf(forgiven), batch.node),
    ...run('ended', flags, ['tc', ...(forgiven ? ['-force'] : []), '-batch', '-'], batch.shape),
    ...lent,
    ...switches(batch.switch),
    ...raise(batch.raise),
    ...run(owner, RUN_JOIN | flags, batchOf(forgiven), batch.inside, inside),
    ...returned,
    ...ipForgiven(batch.home),
    ...batch.announce.map((line): Op => {
      const [address, device] = wordsOf(line);
      return { op: 'announce', device, address: bytesOf(address) };
    }),
    ...batch.unpin.map((): Op => ({ op: 'umount', path: pin, flags: MNT_DETACH })),
  ];
}
