// Which containers a form means: an id, or ranges and lists of them as everywhere. Pure.
import { isCtid, parseRange } from '../../engine/index.ts';

/** One container of those that the form makes. */
export interface Seat {
  readonly id: number;
  /** 1 for the first. */
  readonly n: number;
}

/** More are made by the command line: a form that checks each of them with every key would not keep up. */
export const MOST_SEATS = 500;

/** "101", "101-130", "101-110 121,125": each once, in this order. null where a word is none of these, or there are more than MOST_SEATS. */
export function seatsIn(text: string): readonly Seat[] | null {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const parts = words.map((word) => (/^\d+$/.test(word) && isCtid(Number(word)) && Number(word) > 0 ? [Number(word)] : parseRange(word)));
  if (parts.length === 0 || parts.some((part) => part === null)) return null;
  const ids = [...new Set(parts.flatMap((part) => part ?? []))];
  return ids.length > MOST_SEATS ? null : ids.map((id, i) => ({ id, n: i + 1 }));
}
