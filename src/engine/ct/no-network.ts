// A container that has loopback alone (--network empty), and is given a network beside: in one call that is a contradiction; later on it is kept, and said to wait.
import { VzError } from '../errors.ts';
import { KIND_KEYS, WHETHER } from '../net/kinds.ts';
import type { Changes } from '../spec/params/read.ts';
import { paramOf } from '../spec/params/table.ts';
import type { VerbContext } from './verb.ts';

const optionOf = (key: string): string =>
  `--${paramOf(key)?.flags?.find(({ op }) => op === 'add' || op === 'set')?.name ?? key.toLowerCase()}`;

/** `whether`: VZDECK_NETWORK as it is after the call. Throws VzError 'network-empty' before anything changes. */
export function checkEmpty({ report }: Pick<VerbContext, 'report'>, id: number, whether: string | undefined, changes: Changes): void {
  const given = KIND_KEYS.filter((key) => key !== WHETHER && (changes.get(key)?.add ?? changes.get(key)?.set ?? '') !== '');
  if (whether !== 'empty' || given.length === 0) return;
  const options = given.map(optionOf).join(' and ');
  if (changes.has(WHETHER)) throw new VzError('network-empty', { options });
  report({
    level: -1,
    text: `Warning: what is given by ${options} waits: the container has nothing but loopback until vzctl set ${id} --network own --save`,
  });
}
