// Prefixes of addresses as numbers: what lies in one, and its n-th address.
import { asNumber, parseAddress } from './ip.ts';

export interface Prefix {
  readonly family: 4 | 6;
  readonly first: bigint;
  /** Addresses in it. */
  readonly size: bigint;
}

/** Of a canonical address. */
const numberOf = (family: 4 | 6, text: string): bigint =>
  family === 6 ? BigInt(asNumber(text)) : text.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);

function textOf(family: 4 | 6, number: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((bits) => (number >> bits) & 255n).join('.');
  const groups = number.toString(16).padStart(32, '0').match(/.{4}/g) ?? [];
  return parseAddress(groups.join(':'))?.text ?? '';
}

/** "10.0.0.0/8 fd00::/64"; what is none is left out. */
export function parsePrefixes(text: string): readonly Prefix[] {
  return text.split(/[\s,]+/).flatMap((word) => {
    const address = parseAddress(word);
    if (address === null || address.mask === null) return [];
    const size = 1n << BigInt((address.family === 4 ? 32 : 128) - address.mask);
    const number = numberOf(address.family, address.text);
    return [{ family: address.family, first: number - (number % size), size }];
  });
}

export function holds({ family, first, size }: Prefix, address: { readonly family: 4 | 6; readonly text: string }): boolean {
  const number = address.family === family ? numberOf(family, address.text) : -1n;
  return number >= first && number < first + size;
}

/** Addresses that are looked at before a pool counts as full. */
const LOOKED_AT = 70_000n;

/**
 * The first that `taken` does not have, from the id-th on, so that a container's id shows in it; neither the first nor the last of the prefix. null: a
 * pool that is full.
 */
export function freeIn({ family, first, size }: Prefix, id: number, taken: ReadonlySet<string>): string | null {
  const usable = size - 2n;
  for (let n = 0n; n < usable && n < LOOKED_AT; n++) {
    const text = textOf(family, first + 1n + ((BigInt(id) - 1n + n) % usable));
    if (!taken.has(text)) return text;
  }
  return null;
}
