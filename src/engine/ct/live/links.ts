// Interfaces of a running container beside venet0: they come and go while connections of others stay.
import { KIND_KEYS } from '../../net/kinds.ts';
import { words } from '../../spec/params/grammar.ts';
import { interfacesStep } from '../inside/interfaces.ts';
import { changeNetwork, networkValues } from '../network.ts';
import type { LivePart } from './part.ts';

interface Told {
  readonly key: string;
  /** What a list of this key holds. */
  readonly what: string;
  /** All that holds with it, where that is more. */
  readonly also?: readonly string[];
}

const linesOf = (what: string, before: readonly string[], after: readonly string[]): readonly string[] => {
  const [gone, come] = [before.filter((word) => !after.includes(word)), after.filter((word) => !before.includes(word))];
  return [
    ...(gone.length === 0 ? [] : [`Deleting ${what}: ${gone.join(' ')}`]),
    ...(come.length === 0 ? [] : [`Adding ${what}: ${come.join(' ')}`]),
  ];
};

const part = ({ key, what, also }: Told): LivePart => ({
  keys: [key],
  plan(change) {
    const { context, config, init, before, after } = change;
    const [was, will] = [words(before.get(key) ?? ''), words(after.get(key) ?? '')];
    if (was.join(' ') === will.join(' ')) return [];
    let back = async (): Promise<void> => {};
    return [
      ...(also === undefined ? [] : [interfacesStep(change, also)]),
      {
        keys: [key],
        what: `${what} ${will.join(' ') || '(none)'}`,
        lines: linesOf(what, was, will),
        async apply() {
          back = await changeNetwork(context, config.id, init, new Map((also ?? [key]).map((one) => [one, after.get(one) ?? ''])));
        },
        undo: () => back(),
      },
    ];
  },
  read({ context, config }) {
    const value = networkValues(context, config.id).get(key);
    return value === undefined && !config.values.get(key) ? new Map() : new Map([[key, value ?? '']]);
  },
});

export const LINKS: readonly LivePart[] = [
  part({ key: 'NETDEV', what: 'network device(s)' }),
  part({ key: 'VZDECK_LINKS', what: 'link(s)' }),
  part({ key: 'VZDECK_FORWARD', what: 'forwarded port(s)' }),
  part({ key: 'VZDECK_RATE', what: 'rate' }),
  part({ key: 'VZDECK_NETWORK', what: 'network', also: KIND_KEYS }),
];
