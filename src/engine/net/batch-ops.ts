// A change of a network as operations of the launcher: at most one `nft -f` and one `ip -batch` in each namespace.
import { type Op, RUN_BESIDE, RUN_FORGIVEN, RUN_JOIN } from '../spec/op.ts';
import type { Batch } from './thing.ts';

/** Whose network namespace the container's is: init as noted, or the newborn of the plan that these operations are in. */
export type Owner = { readonly pid: number; readonly startTime: bigint } | 'newborn';

const NOBODY = { pid: 0, startTime: 0n };

const text = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));

const run = (owner: Owner, flags: number, argv: readonly string[], lines: readonly string[]): readonly Op[] =>
  lines.length === 0 ? [] : [{ op: 'run', ...(owner === 'newborn' ? NOBODY : owner), flags, argv, input: text(lines) }];

export const nft = (lines: readonly string[]): readonly Op[] => run(NOBODY, 0, ['nft', '-f', '-'], lines);
/** The links of the same plan wait for it. */
export const nftBeside = (lines: readonly string[]): readonly Op[] => run(NOBODY, RUN_BESIDE, ['nft', '-f', '-'], lines);

export const ip = (lines: readonly string[]): readonly Op[] => run(NOBODY, 0, ['ip', '-batch', '-'], lines);
/** Where things may be gone already, as after a crash. */
export const ipForgiven = (lines: readonly string[]): readonly Op[] => run(NOBODY, RUN_FORGIVEN, ['ip', '-force', '-batch', '-'], lines);

export const switches = (lines: readonly string[]): readonly Op[] =>
  lines.map((line) => {
    const [path = '', value = ''] = line.split(' ');
    return { op: 'write', path: `/proc/sys/net/${path}`, data: new TextEncoder().encode(value) };
  });

/** `batch` without its lines for the table. `forgiven`: as of a change that went only half way. */
export function linkOps(batch: Batch, owner: Owner, forgiven = false): readonly Op[] {
  const ip = ['ip', ...(forgiven ? ['-force'] : []), '-batch', '-'];
  const flags = forgiven ? RUN_FORGIVEN : 0;
  return [...run(owner, flags, ip, batch.node), ...switches(batch.switch), ...run(owner, RUN_JOIN | flags, ip, batch.inside)];
}
