// The values of a config times a factor, as vzcfgscale has it. Knows which keys belong to which factor, and no file.

import { UBC_PARAMS } from './params/ubc.ts';
import { pairOf } from './ubc.ts';
import { type Pair, printPair, UNLIMITED } from './units.ts';

/** A key that is missing stays as it is. */
export interface ScaleFactors {
  readonly ubc?: number;
  readonly cpu?: number;
  readonly disk?: number;
  /** Of network rates, which only configs of Virtuozzo have. */
  readonly net?: number;
}

const CPU_UNITS = { least: 8, most: 500_000 };

/** What each factor is about. */
export const SCALED: Readonly<Record<keyof ScaleFactors, readonly string[]>> = {
  ubc: UBC_PARAMS.map(({ key }) => key).filter((key) => key !== 'VM_OVERCOMMIT'),
  cpu: ['CPUUNITS'],
  disk: ['DISKSPACE', 'DISKINODES'],
  net: ['RATE'],
};

/** No limit stays none; nothing becomes one. */
function times(value: bigint, factor: number): bigint {
  if (value === UNLIMITED) return value;
  const scaled = Number(value) * factor;
  return scaled >= Number(UNLIMITED) ? UNLIMITED : BigInt(Math.trunc(scaled));
}

const scalePair = ({ barrier, limit }: Pair, factor: number): Pair => ({ barrier: times(barrier, factor), limit: times(limit, factor) });

const SCALES: Readonly<Record<keyof ScaleFactors, (value: string, factor: number) => string>> = {
  ubc(value, factor) {
    const pair = pairOf(value);
    return pair ? printPair(scalePair(pair, factor)) : value;
  },
  cpu: (value, factor) => String(Math.min(Math.max(Math.trunc(Number(value) * factor), CPU_UNITS.least), CPU_UNITS.most)),
  disk(value, factor) {
    const pair = pairOf(value);
    if (!pair) return value;
    const { barrier, limit } = scalePair(pair, factor);
    return `${barrier}:${limit}`;
  },
  // "eth0:1:800 eth1:1:100": the rate stands last
  net: (value, factor) => value.replace(/(\d+)(?=\s|$)/g, (rate) => String(times(BigInt(rate), factor))),
};

/** The values that change, by key. */
export function scaleValues(values: ReadonlyMap<string, string>, factors: ScaleFactors): ReadonlyMap<string, string> {
  const kinds = Object.keys(SCALED) as readonly (keyof ScaleFactors)[];
  return new Map(
    kinds.flatMap((kind) => {
      const factor = factors[kind];
      if (factor === undefined) return [];
      return SCALED[kind].flatMap((key) => {
        const value = values.get(key);
        return value === undefined ? [] : [[key, SCALES[kind](value, factor)] as const];
      });
    }),
  );
}
