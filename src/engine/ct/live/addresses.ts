// Addresses of a running container: they come and go while connections of others stay.
import { VzError } from '../../errors.ts';
import { addressesOf } from '../../net/venet.ts';
import { printAddress } from '../../spec/ip.ts';
import type { CtConfig } from '../../store/registry.ts';
import { INTERFACE_FILES, interfaceChanges } from '../../template/distro/interfaces.ts';
import { lookAt, type TreeAsk } from '../../template/seen.ts';
import { changeTree, withTree } from '../inside/tree.ts';
import { changeNetwork, networkValues } from '../network.ts';
import { settingsFrom } from '../settings.ts';
import type { VerbContext } from '../verb.ts';
import type { LivePart, LiveStep } from './part.ts';

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

/** Its own files say the same, for its next boot and for whoever looks inside. Where they cannot, it has its addresses all the same. */
function filesStep(context: VerbContext, config: CtConfig, value: string | undefined): LiveStep {
  let back = async (): Promise<void> => {};
  const write = async (ask: TreeAsk): Promise<void> => {
    back = await changeTree(ask, config.id, interfaceChanges(await lookAt(ask, [INTERFACE_FILES]), addressesOf(value)));
  };
  return {
    keys: [],
    what: '',
    apply: () =>
      withTree(context, settingsFrom(context.host, context.node, config), write).catch((error: unknown) => {
        if (!(error instanceof VzError)) throw error;
        context.report({ level: -1, text: `Warning: the addresses are not in the files of container ${config.id}: ${error.message}` });
      }),
    undo: () => back(),
  };
}

export const ADDRESSES: LivePart = {
  keys: [KEY],
  plan({ context, config, init, before, after }) {
    const [was, will] = [told(before.get(KEY)), told(after.get(KEY))];
    if (was.join(' ') === will.join(' ')) return [];
    let back = async (): Promise<void> => {};
    return [
      {
        keys: [KEY],
        what: `IP addresses ${will.join(' ') || '(none)'}`,
        lines: linesOf(was, will),
        async apply() {
          back = await changeNetwork(context, config.id, init, new Map([[KEY, after.get(KEY) ?? '']]));
        },
        undo: () => back(),
      },
      filesStep(context, config, after.get(KEY)),
    ];
  },
  read({ context, config }) {
    const value = networkValues(context, config.id).get(KEY);
    return value === undefined && !config.values.get(KEY) ? new Map() : new Map([[KEY, value ?? '']]);
  },
};
