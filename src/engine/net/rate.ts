// Limits of how fast packets pass on venet0, held on the node's side, where root inside cannot reach: a token bucket on the link for what goes in, and
// one on an ifb that what comes out is led through.
import { parseRate } from '../spec/params/rate.ts';
import type { Thing } from './thing.ts';
import { addressesOf, venetName } from './venet.ts';

const ifbName = (tag: string, id: number): string => (tag === '' ? `ifb${id}` : `i${tag}${id.toString(36)}`);

/** Bytes that may pass at once: a hundredth of a second, and enough for one packet that the kernel has not cut yet. */
const burstOf = (kbit: number): string => String(Math.max(32_768, Math.round((kbit * 1_000) / 8 / 100)));

export function rateThings(id: number, tag: string, addresses: string | undefined, value: string | undefined): readonly Thing[] {
  const rate = parseRate(value ?? '0');
  if (rate === null || addressesOf(addresses).length === 0) return [];
  const [link, ifb] = [venetName(tag, id), ifbName(tag, id)];
  return [
    ...(rate.to === 0 ? [] : [['bucket', link, String(rate.to), burstOf(rate.to)] as const]),
    ...(rate.from === 0
      ? []
      : [['ifb', ifb] as const, ['bucket', ifb, String(rate.from), burstOf(rate.from)] as const, ['steer', link, ifb] as const]),
  ];
}
