// Numbers that look random and can be had again from their seed.

export interface Random {
  readonly seed: number;
  /** 0 … n-1. */
  below(n: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** A new sequence each run, or the one of VZDECK_SEED. */
export function freshSeed(): number {
  const given = Number(process.env['VZDECK_SEED']);
  return Number.isInteger(given) && given > 0 ? given : (Date.now() % 1_000_000_000) + 1;
}

/** mulberry32. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number) => Math.floor(next() * n);
  return { seed, below, chance: (probability) => next() < probability, pick: (list) => list[below(list.length)]! };
}
