// Addresses of a running container: they come and go while connections of others stay.
import { addressesOf } from '../../net/venet.ts';
import { printAddress } from '../../spec/ip.ts';
import { interfacesStep } from '../inside/interfaces.ts';
import { changeNetwork, networkValues } from '../network.ts';
import type { LivePart } from './part.ts';

const KEY = 'IP_ADDRESS';
const told = (value: string | undefined): readonly string[] => addressesOf(value).map(printAddress);

/** As vzctl says it; what only gets another mask goes and comes. */
function linesOf(before: readonly string[], after: readonly string[]): readonly string[] {
  const [gone, come] = [before.filter((a) => !after.includes(a)), after.filter((a) => !before.includes(a))];
  return [
    ...(gone.length === 0 ? [] : [`Deleting ${after.some((a) => before.includes(a)) ? '' : 'all '}IP address(es): ${gone.join(' ')}`]),
    ...(come.length === 0 ? [] : [`Adding IP address(es): ${come.join(' ')}`]),
  ];
}

export const ADDRESSES: LivePart = {
  keys: [KEY],
  plan(change) {
    const { context, config, init, before, after } = change;
    const [was, will] = [told(before.get(KEY)), told(after.get(KEY))];
    if (was.join(' ') === will.join(' ')) return [];
    let back = async (): Promise<void> => {};
    return [
      interfacesStep(change, [KEY]),
      {
        keys: [KEY],
        what: `IP addresses ${will.join(' ') || '(none)'}`,
        lines: linesOf(was, will),
        async apply() {
          back = await changeNetwork(context, config.id, init, new Map([[KEY, after.get(KEY) ?? '']]));
        },
        undo: () => back(),
      },
    ];
  },
  read({ context, config }) {
    const value = networkValues(context, config.id).get(KEY);
    return value === undefined && !config.values.get(KEY) ? new Map() : new Map([[KEY, value ?? '']]);
  },
};
