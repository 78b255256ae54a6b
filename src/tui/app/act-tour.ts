// The first run: the tour goes on as its steps are done, and the demo has the terminal until it is left.
import { useEffect } from 'react';
import { failureOf } from '../store/failure.ts';
import { followTour, toggleTour } from '../store/tour-steps.ts';
import { type Act, change } from './act-lists.ts';
import { type Manager, useManager } from './manager.ts';

/** Looks at every change of the state as long as there is a tour. */
export function useTour(): void {
  const { store } = useManager();
  useEffect(
    () =>
      store.subscribe((state) => {
        const next = followTour(state);
        if (next !== null) store.setState(next);
      }),
    [store],
  );
}

/** A manager of its own, on a prefix of its own; both are gone when it is left. */
async function demo(manager: Manager): Promise<void> {
  const { store, terminal, home } = manager;
  try {
    const { code, signal } = await terminal.attach({ file: process.execPath, args: [`${home}/scripts/demo.mjs`] });
    store.setState({ hint: code === 0 ? '' : `The demo ended with ${signal ?? `status ${code}`}: npm run demo tells more` });
  } catch (error) {
    store.setState({ hint: failureOf(error).message });
  }
  manager.look();
}

export const TOUR_ACTS = {
  demo: (m) => void demo(m),
  tour: change(toggleTour),
} as const satisfies Partial<Record<string, Act>>;
