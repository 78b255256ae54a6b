// Links that the node sets up in a container, in the container's own network files: its next boot, and whoever restarts the network inside, finds and
// leaves them. Where they cannot be written, the container has its network all the same, and that is told.
import { VzError } from '../../errors.ts';
import { addressesOf, VENET } from '../../net/venet.ts';
import type { Address } from '../../spec/ip.ts';
import { netifsOf } from '../../spec/params/netif.ts';
import type { Values } from '../../spec/params/read.ts';
import type { GuestLink } from '../../template/distro/interface-keepers.ts';
import { interfaceChanges, interfaceTells, lookAtInterfaces } from '../../template/distro/interfaces.ts';
import type { TreeAsk } from '../../template/seen.ts';
import { joinWithin } from '../enter.ts';
import type { LiveChange, LiveStep } from '../live/part.ts';
import { networkValues } from '../network.ts';
import { treeOf } from '../settings.ts';
import type { VerbContext } from '../verb.ts';
import { changeTree, withTree } from './tree.ts';

type Context = Pick<VerbContext, 'node' | 'report'>;

const KEYS = ['IP_ADDRESS', 'NETIF'] as const;
/** They may have come or gone: the tree is looked at. */
export const wantsInterfaces = (values: Values): boolean => KEYS.some((key) => values.has(key));

const masked = (value: string): readonly Address[] =>
  addressesOf(value).map((address) => ({ ...address, mask: address.mask || (address.family === 4 ? 32 : 128) }));

/** venet0 with addresses, and bridged devices that are configured. */
export function guestLinks({ node }: Pick<Context, 'node'>, id: number, values: Values): readonly GuestLink[] {
  if (values.get('VZDECK_NETWORK') === 'empty') return [];
  const venet = masked(values.get('IP_ADDRESS') ?? '');
  const families = ([4, 6] as const).filter((family) => venet.some((address) => address.family === family));
  return [
    ...(venet.length === 0 ? [] : [{ name: VENET, addresses: venet, ways: families.map((family) => ({ family, via: '' })), silent: true }]),
    ...netifsOf(values.get('NETIF'), id, node.around)
      .filter(({ configured, addresses }) => configured && addresses.length > 0)
      .map(({ ifname, addresses, gateways }) => ({
        name: ifname,
        addresses: masked(addresses.join(' ')),
        ways: addressesOf(gateways.join(' ')).map(({ family, text }) => ({ family, via: text })),
        silent: false,
      })),
  ];
}

interface Written {
  readonly back: () => Promise<void>;
  /** Programs of the container's own that are to read their files again; none where nothing has changed. */
  readonly tells: readonly (readonly string[])[];
}
const NOTHING: Written = { back: async () => {}, tells: [] };

/** `show`: gives the tree to what it is called with. Refusals are told, and change nothing. */
export async function writeInterfaces(
  { report }: Pick<Context, 'report'>,
  id: number,
  links: readonly GuestLink[],
  show: (work: (ask: TreeAsk) => Promise<Written>) => Promise<Written>,
): Promise<Written> {
  const warn = (why: string): void => report({ level: -1, text: `Warning: network files of container ${id}: ${why}` });
  return show(async (ask) => {
    const seen = await lookAtInterfaces(ask);
    const { ops, notes } = interfaceChanges(seen, links);
    for (const note of notes) warn(note);
    return { back: await changeTree(ask, id, ops, seen), tells: ops.length === 0 ? [] : interfaceTells(seen) };
  }).catch((error: unknown) => {
    if (!(error instanceof VzError)) throw error;
    warn(error.message);
    return NOTHING;
  });
}

const TELL_MS = 5000;

/**
 * A step before the one that changes what these keys say of a running container's network, so that no program of its own gets hold of a new link;
 * whatever else it has stays in the files.
 */
export function interfacesStep({ context, config, init, after }: LiveChange, keys: readonly string[]): LiveStep {
  const { id } = config;
  let { back, tells } = NOTHING;
  // who does not run reads its files when it does
  const tell = async (): Promise<void> => {
    for (const argv of tells)
      await joinWithin(TELL_MS, context, id, init, { argv, stdio: ['ignore', 'ignore', 'ignore'] }).catch(() => null);
  };
  return {
    keys: [],
    what: '',
    async apply() {
      const show = (work: (ask: TreeAsk) => Promise<Written>): Promise<Written> =>
        withTree(context, treeOf(context.host, context.node, config), work);
      const values = new Map([...networkValues(context, id), ...keys.map((key): [string, string] => [key, after.get(key) ?? ''])]);
      ({ back, tells } = await writeInterfaces(context, id, guestLinks(context, id, values), show));
      await tell();
    },
    async undo() {
      await back();
      await tell();
    },
  };
}
