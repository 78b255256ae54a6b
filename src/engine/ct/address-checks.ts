// Whether a container may have the addresses that it is to be given: asked before anything changes.
import { VzError } from '../errors.ts';
import { conflictOf, routersOf } from '../net/conflicts.ts';
import { addressesOf } from '../net/venet.ts';
import type { Values } from '../spec/params/read.ts';
import type { CtConfig } from '../store/registry.ts';
import { networkValues } from './network.ts';
import type { VerbContext } from './verb.ts';

const KEY = 'IP_ADDRESS';

/** Throws VzError 'address-conflict' for the first that somebody else has. What the container has already is not asked again. */
export async function checkAddresses(
  context: Pick<VerbContext, 'host' | 'node' | 'configs' | 'report'>,
  config: CtConfig,
  changed: Values,
): Promise<void> {
  const { host, configs } = context;
  const has = new Set(addressesOf(networkValues(context, config.id).get(KEY)).map(({ text }) => text));
  const asked = addressesOf(changed.get(KEY)).filter(({ text }) => !has.has(text));
  if (asked.length === 0) return;
  const read = (name: string): string => host.files.read(`${host.proc}/net/${name}`) ?? '';
  const others = {
    own: host.addresses(),
    routers: routersOf(read('route'), read('ipv6_route')),
    // of a container that runs what it has counts, too, whatever its config says by now
    containers: configs()
      .filter(({ id }) => id !== config.id)
      .map(({ id, values }) => ({ id, addresses: addressesOf(`${values.get(KEY) ?? ''} ${networkValues(context, id).get(KEY) ?? ''}`) })),
  };
  for (const address of asked) {
    const why = conflictOf(address, others);
    if (why !== null) throw new VzError('address-conflict', { address: address.text, why });
  }
}
