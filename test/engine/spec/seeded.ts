// Random texts that come again: a failure names its seed, and the seed makes the same texts once more.

/** VZDECK_SEED, or another one each day: what one run does not try the next one does. */
export const SEED = Number(process.env['VZDECK_SEED'] ?? Math.floor(Date.now() / 86_400_000));

export interface Random {
  /** A whole number from 0 to below - 1. */
  below(n: number): number;
  pick<T>(from: readonly T[]): T;
  /** Up to `most` characters of an alphabet. */
  text(alphabet: string, most: number): string;
}

/** mulberry32: small, and good enough to reach every corner of a grammar. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (n: number): number => next() % n;
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  return {
    below,
    pick,
    text: (alphabet, most) => Array.from({ length: below(most + 1) }, () => alphabet[below(alphabet.length)]).join(''),
  };
}
