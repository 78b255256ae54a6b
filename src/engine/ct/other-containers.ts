// What all containers but one have of which each can have but one: as their configs say, and as their networks stand, whatever the configs say by now.
import type { Values } from '../spec/params/read.ts';
import { configIds, lookAtCt, type Wanted } from '../store/registry.ts';
import { networkValues } from './network.ts';
import type { NetContext } from './node-network.ts';

/** Of keys that are not wanted there may be nothing. A container whose network stands is told twice. */
export function otherContainers(
  context: NetContext,
  own: number,
  wanted: Wanted,
): readonly { readonly id: number; readonly values: Values }[] {
  const { host, node } = context;
  // what has no directory there has no network either
  const noted = new Set(host.files.list(node.runDir));
  return configIds(host, node)
    .ids.filter((id) => id !== 0 && id !== own)
    .flatMap((id) => [lookAtCt(host, node, id, wanted), ...(noted.has(String(id)) ? [{ id, values: networkValues(context, id) }] : [])]);
}
