// The limits of a container that does not run: the sampler has none for it, its config does.
import { useLayoutEffect } from 'react';
import { PAGE, pairOf } from '../../engine/index.ts';
import { topView } from '../keys/mode.ts';
import { containerOf } from '../keys/subject.ts';
import { runs } from '../store/columns.ts';
import { layoutOf } from '../store/layout.ts';
import type { Configured, ManagerState } from '../store/state.ts';
import { type ManagedEngine, useManager, useManagerState } from './manager.ts';

/** LONG_MAX of 32 bits; of 64 bits it means the same. */
const NO_LIMIT = 2_147_483_647n;

/** CTID of the container that is shown with all that there is to say of it, as long as it does not run; null otherwise. */
function shownAtRest(state: ManagerState): number | null {
  const view = topView(state);
  const ct = view.name === 'container' ? view.ct : view.name === 'table' && layoutOf(state).aside > 0 ? state.cursor.ct : null;
  const row = containerOf(state, ct);
  return row === null || runs(row) || state.engine !== 'ready' ? null : row.id;
}

function limitsOf(engine: ManagedEngine, ct: number): Configured | null {
  try {
    const { values } = engine.config(ct);
    const limit = (key: string): number | null => {
      const pair = pairOf(values.get(key));
      return pair === null || pair.limit >= NO_LIMIT ? null : Number(pair.limit);
    };
    const pages = limit('PHYSPAGES');
    return { ct, ...(values.has('NUMPROC') ? { numproc: limit('NUMPROC') } : {}), memory: pages === null ? null : pages * Number(PAGE) };
  } catch {
    // What is wrong with the config is said when it is used.
    return null;
  }
}

/** Reads the config whenever another container at rest is shown. */
export function useConfigured(): void {
  const { store, engine } = useManager();
  const ct = useManagerState(shownAtRest);
  useLayoutEffect(() => {
    if (ct !== null) store.setState({ configured: limitsOf(engine(), ct) });
  }, [store, engine, ct]);
}
