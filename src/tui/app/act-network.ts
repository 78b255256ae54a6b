// The networks of all containers: opened, and left for that of one.
import { netRowUnder } from '../store/network.ts';
import { showView } from '../store/views.ts';
import { type Act, change } from './act-lists.ts';

export const NETWORK_ACTS = {
  'network-of-node': change((state) => showView(state, { name: 'node-network' })),
  'network-open': change((state) => {
    const row = netRowUnder(state);
    return row === null ? {} : { ...showView(state, { name: 'container', ct: row.ct.id }), tab: 'network' as const };
  }),
} as const satisfies Partial<Record<string, Act>>;
