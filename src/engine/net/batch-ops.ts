// A change of a network as operations of the launcher: lines in the words of ip(8) and nft(8), which it tells the kernel itself. Programs are started for what
// needs one: `nft -f` for tables, `tc -batch` for rates, `ip -batch` for what a lent device has had.
import { bytesOf } from '../spec/ip.ts';
import { LINKS_FORGIVEN, LINKS_JOIN, type Op, RUN_FORGIVEN } from '../spec/op.ts';
import type { Batch } from './thing.ts';

/** Whose network namespace the container's is: init as noted, the newborn of the plan that these operations are in, or nobody any more. */
export type Owner = { readonly pid: number; readonly startTime: bigint } | 'newborn' | 'ended';

const MNT_DETACH = 2;
const NOBODY = { pid: 0, startTime: 0n };
const processOf = (owner: Owner): { readonly pid: number; readonly startTime: bigint } => (typeof owner === 'string' ? NOBODY : owner);

const text = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));

const run = (flags: number, argv: readonly string[], lines: readonly string[]): readonly Op[] =>
  lines.length === 0 ? [] : [{ op: 'run', flags, argv, input: text(lines) }];
export const links = (owner: Owner, flags: number, lines: readonly string[], net = ''): readonly Op[] =>
  lines.length === 0 ? [] : [{ op: 'links', ...processOf(owner), net, flags, lines }];

/** Tables as a whole: rules are compiled by nft alone. */
export const nft = (lines: readonly string[]): readonly Op[] => run(0, ['nft', '-f', '-'], lines);
/** A change of what is in tables that are there. */
export const elements = (lines: readonly string[]): readonly Op[] => (lines.length === 0 ? [] : [{ op: 'elements', lines }]);

export const switches = (lines: readonly string[]): readonly Op[] =>
  lines.map((line) => {
    const [path = '', value = ''] = line.split(' ');
    return { op: 'write', path: `/proc/sys/net/${path}`, data: new TextEncoder().encode(value) };
  });

/** Links of the node come up. */
export const raise = (links: readonly string[]): readonly Op[] => links.map((name) => ({ op: 'linkUp', name }));

export const ip = (lines: readonly string[]): readonly Op[] => links('ended', 0, lines);
/** Where things may be gone already, as after a crash, nothing of it is an error. */
export const ipForgiven = (lines: readonly string[]): readonly Op[] => links('ended', LINKS_FORGIVEN, lines);

const wordsOf = (line: string): readonly [string, string, string] => {
  const [first = '', second = '', third = ''] = line.split(' ');
  return [first, second, third];
};

/**
 * `batch` without its lines for the table, and but for devices of the node that come back. `pin`: file that keeps the container's network namespace, where it is to be kept.
 * `forgiven`: as of a change that went only half way.
 */
export function linkOps(batch: Batch, owner: Owner, pin: string, forgiven = owner === 'ended'): readonly Op[] {
  const [flags, told] = forgiven ? [RUN_FORGIVEN, LINKS_FORGIVEN] : [0, 0];
  const inside = owner === 'ended' ? pin : '';
  const lent = batch.lend.map((line): Op => {
    const [name, index] = wordsOf(line);
    return { op: 'lendLink', net: pin, name, index: Number(index), gone: Number(forgiven) };
  });
  return [
    ...batch.pin.map((): Op => ({ op: 'pinNet', ...processOf(owner), path: pin })),
    ...(batch.cut.length === 0 ? [] : cut(batch, pin)),
    ...run(RUN_FORGIVEN, ['tc', '-force', '-batch', '-'], batch.unshape),
    ...links(owner, told, batch.node),
    ...run(flags, ['tc', ...(forgiven ? ['-force'] : []), '-batch', '-'], batch.shape),
    ...lent,
    ...switches(batch.switch),
    ...raise(batch.raise),
    ...links(owner, LINKS_JOIN | told, batch.inside, inside),
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
      // in all the words that ip has told it in
      rest: run(
        RUN_FORGIVEN,
        ['ip', '-force', '-batch', '-'],
        had.filter((one) => !isSetting(one)),
      ),
    };
  });
