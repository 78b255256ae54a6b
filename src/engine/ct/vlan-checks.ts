// Whose a VLAN is already: asked before anything changes, since the kernel says so only when it is to make it.
import { VzError } from '../errors.ts';
import { lookAtLinks } from '../net/look.ts';
import { asksForVlans, vlanConflict } from '../net/sub-links.ts';
import type { Values } from '../spec/params/read.ts';
import { readNodeNetNote } from '../store/net-note.ts';
import type { CtConfig } from '../store/registry.ts';
import { madeOf } from './node-network.ts';
import { otherContainers } from './other-containers.ts';
import type { VerbContext } from './verb.ts';

const LINKS = 'VZDECK_LINKS';

/** Throws VzError 'netdev-refused' for the first that somebody has. `has`: values of which nothing is asked again. */
export async function checkVlans(
  context: Pick<VerbContext, 'host' | 'node' | 'report'>,
  { id }: Pick<CtConfig, 'id'>,
  changed: Values,
  has: Values,
): Promise<void> {
  const value = changed.get(LINKS);
  if (value === undefined || value === has.get(LINKS) || !asksForVlans(value)) return;
  const others = otherContainers(context, id, { keys: [LINKS] }).map((other) => ({ id: other.id, value: other.values.get(LINKS) }));
  const made = new Set(madeOf(readNodeNetNote(context.host, context.node)).flatMap(([kind, name = '']) => (kind === 'vlan' ? [name] : [])));
  const conflict = vlanConflict(value, has.get(LINKS), others, await lookAtLinks(context.host), made);
  if (conflict !== null) throw new VzError('netdev-refused', { device: conflict.link, why: conflict.why, remedy: conflict.remedy });
}
