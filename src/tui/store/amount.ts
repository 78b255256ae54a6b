// Figures as people type them: "60", "64M", "1.5G", "2h", "80%". Pure.
import type { Kind } from './column.ts';

type Figure = Exclude<Kind, 'text'>;

export interface Amount {
  /** In bytes, seconds or percent, as columns have it; Infinity is no limit. */
  readonly number: number;
  /** Percent of the container's own limit. */
  readonly share: boolean;
}

const FACTORS: Readonly<Record<Figure, Readonly<Record<string, number>>>> = {
  count: { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 },
  bytes: { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 },
  seconds: { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 },
  percent: { '': 1, '%': 1 },
};

const HINTS: Readonly<Record<Figure, string>> = {
  count: 'A number: 60',
  bytes: 'A size: 64M, 1.5G',
  seconds: 'A time: 90s, 2h, 3d',
  percent: 'Percent: 50',
};

/** What a figure of this kind looks like. */
export const amountHint = (kind: Figure, limited: boolean): string => `${HINTS[kind]}${limited ? ', or 80% of its limit' : ''}`;

/** `limited`: "80%" means a share of a limit. null: it is no figure of this kind. */
export function readAmount(text: string, kind: Figure, limited: boolean): Amount | null {
  if (text.toLowerCase() === 'unlimited') return { number: Number.POSITIVE_INFINITY, share: false };
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{0,9})?|\.\d{1,9})([a-z%]?)$/i.exec(text) ?? [];
  if (digits === undefined) return null;
  if (unit === '%' && limited) return { number: Number(digits), share: true };
  const factor = FACTORS[kind][unit.toLowerCase()];
  return factor === undefined ? null : { number: Number(digits) * factor, share: false };
}
