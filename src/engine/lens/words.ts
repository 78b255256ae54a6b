// How containers and processes are called in what the lens says.
import type { Meaning } from './kind.ts';

export type Found = Omit<Meaning, 'kind'>;

export const called = ({ id, name }: { readonly id: number; readonly name: string }): string =>
  `container ${id}${name === '' ? '' : ` (${name})`}`;

/** Facts without those that say nothing. */
export const facts = (rows: Readonly<Record<string, string | number | null | undefined>>): Meaning['facts'] =>
  Object.entries(rows).flatMap(([label, value]) =>
    value === null || value === undefined || value === '' ? [] : [[label, String(value)] as const],
  );
