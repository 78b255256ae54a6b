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
 * `batch` without its lines for the table, and but for devices of the node that come back. `pin`: file that keeps the container's network namespace, where it is to be kept.
 * `forgiven`: as of a change that went only half way.
 */
export function linkOps(batch: Batch, owner: Owner, pin: string, forgiven = owner === 'ended'): readonly Op[] {
  const flags = forgiven ? RUN_FORGIVEN : 0;
  const inside = owner === 'ended' ? pin : '';
  const lent = batch.lend.map((line): Op => {
    const [name, index] = wordsOf(line);
    return { op: 'lendLink', net: pin, name, index: Number(index), gone: Number(forgiven) };
  });
  return [
    ...batch.pin.map((): Op => ({ op: 'pinNet', ...processOf(owner), path: pin })),
    ...(batch.cut.length === 0 ? [] : cut(batch, pin)),
    ...run('ended', RUN_FORGIVEN, ['tc', '-force', '-batch', '-'], batch.unshape),
    ...run(owner, flags, batchOf(forgiven), batch.node),
    ...run('ended', flags, ['tc', ...(forgiven ? ['-force'] : []), '-batch', '-'], batch.shape),
    ...lent,
    ...switches(batch.switch),
    ...raise(batch.raise),
    ...run(owner, RUN_JOIN | flags, batchOf(forgiven), batch.inside, inside),
    ...batch.announce.map((line): Op => {
      const [address, device] = wordsOf(line);
      return { op: 'announce', device, address: bytesOf(address) };
    }),
  ];
}

const cut = ({ keep }: Batch, pin: string): readonly Op[] => [{ op: 'cutLinks', net: pin, keep }];

/** After all devices of the node are back. */
export const unpin = (batch: Batch, pin: string): readonly Op[] =>
  batch.unpin.map((): Op => ({ op: 'umount', path: pin, flags: MNT_DETACH }));

/** What brings one device of the node back: itself, its settings, then addresses and routes. */
export interface Homecoming {
  readonly device: string;
  readonly back: readonly Op[];
  readonly settings: readonly Op[];
  readonly rest: readonly Op[];
}

/** Lines of `home` begin with the device; then there is a line of ip, or "sysctl", a path and a value. */
export const homecomings = (batch: Batch, pin: string): readonly Homecoming[] =>
  batch.return.map((line) => {
    const [index, device, home] = wordsOf(line);
    const had = batch.home.flatMap((one) => (one.startsWith(`${device} `) ? [one.slice(device.length + 1)] : []));
    const isSetting = (one: string): boolean => one.startsWith('sysctl ');
    return {
      device,
      // what root inside has put on it goes, too
      back: [{ op: 'returnLink', net: pin, index: Number(index), name: device, home: Number(home) }, ...cut(batch, pin)],
      settings: switches(had.filter(isSetting).map((one) => one.slice('sysctl '.length))),
      rest: ipForgiven(had.filter((one) => !isSetting(one))),
    };
  });
