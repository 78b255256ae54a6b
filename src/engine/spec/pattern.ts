// Texts that differ from container to container of one create: {n} is its number among them from 1 on, {nn} the same with two digits at
// least, {id} its CTID. Knows no option by name.

export interface Seat {
  readonly id: number;
  /** 1 for the first. */
  readonly n: number;
}

const PLACE = /\{(n{1,6}|id)\}/g;

export const PATTERN_HELP = '{n} is 1, 2 …, {nn} is 01, 02 …, {id} is the CTID';

/** Does the text differ from one container to the next? */
export const isPatterned = (text: string): boolean => text.search(PLACE) >= 0;

export function fillPattern(text: string, { id, n }: Seat): string {
  return text.replace(PLACE, (_, place: string) => (place === 'id' ? String(id) : String(n).padStart(place.length, '0')));
}
