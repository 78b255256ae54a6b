// Looks at networks as long as a screen shows them: links and their rates at each tick, connections more seldom, since programs tell of them. One
// look at a time; what comes from a look whose screen is left already is dropped.
import type { ConnectionReader, TrafficReader } from '../../engine/index.ts';
import { failureOf } from '../store/failure.ts';
import { withNetLook } from '../store/network.ts';
import type { ManagerState } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import { NO_NET } from '../store/view-state.ts';
import type { ManagedEngine } from './manager.ts';

/** Ticks until connections are asked for anew: of one container, and of all. */
const EVERY = { one: 2, all: 5 } as const;

type Of = ManagerState['net']['of'];

export class NetworkLook {
  readonly #store: Store;
  readonly #engine: ManagedEngine;
  #of: Of = null;
  #traffic: TrafficReader | null = null;
  #connections: ConnectionReader | null = null;
  #looks = 0;
  #busy = false;

  constructor(store: Store, engine: ManagedEngine) {
    this.#store = store;
    this.#engine = engine;
  }

  look({ sample, net }: ManagerState, of: Of): void {
    if (of !== this.#of) {
      this.#of = of;
      this.#looks = 0;
      this.#traffic = of === null ? null : this.#engine.traffic();
      this.#connections = typeof of === 'number' ? this.#engine.connections() : null;
      if (net !== NO_NET) this.#store.setState({ net: NO_NET });
    }
    if (of === null || this.#busy || this.#traffic === null) return;
    this.#busy = true;
    void this.#ask(this.#traffic, of, sample).finally(() => {
      this.#busy = false;
    });
  }

  async #ask(traffic: TrafficReader, of: number | 'all', sample: ManagerState['sample']): Promise<void> {
    const running = (sample?.containers ?? []).filter(({ id, init }) => init !== null && (of === 'all' || id === of));
    const tell = (change: (net: ManagerState['net']) => ManagerState['net']): void => {
      if (this.#of === of && this.#traffic === traffic) this.#store.setState(({ net }) => ({ net: change(net) }));
    };
    try {
      const seen = await traffic.look(running, of);
      tell((net) => withNetLook(net, of, seen));
      if (this.#looks++ % (of === 'all' ? EVERY.all : EVERY.one) !== 0) return;
      if (of === 'all') {
        const talks = await this.#engine.talks(running);
        tell((net) => ({ ...net, talks, trouble: '' }));
        return;
      }
      const [one] = running;
      const all = (sample?.containers ?? []).filter(({ init }) => init !== null);
      const connections = one?.init ? ((await this.#connections?.look({ ...one, init: one.init }, all)) ?? null) : null;
      tell((net) => ({ ...net, connections, trouble: '' }));
    } catch (error) {
      const trouble = failureOf(error, of === 'all' ? null : of).message;
      tell((net) => ({ ...net, of, trouble }));
    }
  }
}
