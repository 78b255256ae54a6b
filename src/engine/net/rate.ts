// Limits of how fast packets pass, held on the node's side of each link, where root inside cannot reach: a token bucket on the link for what goes in, and
// one on an ifb that what comes out is led through.
import { fnv1a } from '../spec/fnv.ts';
import { parseRates, type Rates, rateOf } from '../spec/params/rate.ts';
import type { Thing } from './thing.ts';

/** Of the node's end of a link, which no other one has at a time. */
const ifbName = (link: string): string => `ifb${fnv1a(link).toString(36)}`;

/** Bytes that may pass at once: a hundredth of a second, and enough for one packet that the kernel has not cut yet. */
const burstOf = (kbit: number): string => String(Math.max(32_768, Math.round((kbit * 1_000) / 8 / 100)));

/** A link to the container: its name inside, and on the node. */
export interface Held {
  readonly inner: string;
  readonly link: string;
}

const ratesIn = (value: string | undefined): Rates => parseRates(value ?? '0') ?? new Map();

export function rateThings(links: readonly Held[], value: string | undefined): readonly Thing[] {
  const rates = ratesIn(value);
  return links.flatMap(({ inner, link }): readonly Thing[] => {
    const { to, from } = rateOf(rates, inner) ?? { to: 0, from: 0 };
    const held = (ifb: string): readonly Thing[] => [
      ['ifb', ifb],
      ['bucket', ifb, String(from), burstOf(from)],
      ['steer', link, ifb],
    ];
    return [...(to === 0 ? [] : [['bucket', link, String(to), burstOf(to)] as const]), ...(from === 0 ? [] : held(ifbName(link)))];
  });
}

/** `others`: devices that are inside as a whole. Completes "Network device NAME …"; null for none that is to be held. */
export function whyNoRate(others: readonly string[], value: string | undefined): { readonly link: string; readonly why: string } | null {
  const rates = ratesIn(value);
  const link = others.find((name) => rateOf(rates, name) !== null);
  if (link === undefined) return null;
  const why = `cannot be held to a rate: it is inside as a whole, and its queue is its root's. Give rates by name: --rate 'venet0=10mbit ${link}=0'`;
  return { link, why };
}
