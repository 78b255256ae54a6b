// All kinds of interfaces. A new one is a file beside this that says what must exist for its values, and its line here.
import type { Values } from '../spec/params/read.ts';
import type { Neighbours } from './node-links.ts';
import type { Thing } from './thing.ts';
import { addressesOf, venetThings } from './venet.ts';

export interface NetWish {
  readonly id: number;
  /** Of the prefix: part of names that the whole node shares. */
  readonly tag: string;
  /** Canonical, of the config. */
  readonly values: Values;
  readonly neighbours: Neighbours;
}

export interface Kind {
  /** Keys of the table that it takes. */
  readonly keys: readonly string[];
  /** IP families that the node forwards for it; [] where the values ask for none of the kind. */
  families(values: Values): readonly (4 | 6)[];
  /** What must exist, in the order in which it is made; `before`: what does. */
  things(wish: NetWish, before: readonly Thing[]): readonly Thing[];
}

const VENET: Kind = {
  keys: ['IP_ADDRESS'],
  families: (values) => addressesOf(values.get('IP_ADDRESS')).map(({ family }) => family),
  things: ({ id, tag, values, neighbours }, before) =>
    venetThings({ id, tag, addresses: addressesOf(values.get('IP_ADDRESS')), neighbours }, before),
};

export const KINDS: readonly Kind[] = [VENET];
export const KIND_KEYS: readonly string[] = KINDS.flatMap(({ keys }) => keys);
