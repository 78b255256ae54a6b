// Addresses and ports that are other ones outside: ports of the node that lead to a container, and containers that go out under the node's address.
import { type Forward, parseForwards } from '../spec/params/forward.ts';
import { holds, type Prefix } from '../spec/prefix.ts';
import type { Thing } from './thing.ts';
import { addressesOf, venetName } from './venet.ts';

export interface TranslateWish {
  readonly id: number;
  readonly tag: string;
  readonly masked: readonly Prefix[];
}

const forwardThings = (family: 4 | 6, address: string, list: readonly Forward[]): readonly Thing[] => [
  ...list.map(({ protocol, port, to }): Thing => ['element', `forward${family}`, `${protocol} . ${port} : ${address} . ${to}`]),
  // its own connection by way of the node would come back to it from itself
  ['element', `self${family}`, `${address} . ${address}`],
];

/** `addresses`, `forwards`: of the config. */
export function translateThings(
  { id, tag, masked }: TranslateWish,
  addresses: string | undefined,
  forwards: string | undefined,
): readonly Thing[] {
  const all = addressesOf(addresses);
  const list = parseForwards(forwards);
  return ([4, 6] as const).flatMap((family) => {
    const own = all.filter((address) => address.family === family);
    const [first] = own;
    const hidden = own.filter((address) => masked.some((prefix) => holds(prefix, address)));
    return [
      ...(first === undefined || list.length === 0 ? [] : forwardThings(family, first.text, list)),
      ...hidden.map(({ text }): Thing => ['element', `masked${family}`, text]),
      ...(hidden.length === 0 ? [] : [['element', `inner${family}`, `"${venetName(tag, id)}"`] as const]),
    ];
  });
}
