// The state as rows of a surface: composed when the compositor asks, only when something that they tell has changed, and the same array as
// long as nothing visible has.
import type { SurfaceSource } from '../screen/surface-source.ts';
import type { Theme } from '../screen/theme.ts';
import type { ManagerState } from '../store/state.ts';
import type { Store } from '../store/store.ts';

export type Compose = (state: ManagerState, width: number, height: number, theme: Theme) => readonly string[];

/** The parts of a state that have been read, with their values. */
class Reading {
  readonly #parts = new Map<keyof ManagerState, unknown>();
  readonly state: ManagerState;

  constructor(state: ManagerState) {
    this.state = new Proxy(state, {
      get: (target, part: keyof ManagerState) => {
        const value = target[part];
        this.#parts.set(part, value);
        return value;
      },
    });
  }

  /** What was read is the same in another state. */
  holdsIn(state: ManagerState): boolean {
    for (const [part, value] of this.#parts) if (state[part] !== value) return false;
    return true;
  }
}

export function lineSource(store: Store, theme: (name: string) => Theme, compose: Compose): SurfaceSource {
  let last: { readonly reading: Reading; readonly width: number; readonly height: number } | null = null;
  let lines: readonly string[] = [];
  return {
    lines(width, height) {
      const state = store.getState();
      if (last !== null && last.width === width && last.height === height && last.reading.holdsIn(state)) return lines;
      const reading = new Reading(state);
      last = { reading, width, height };
      const fresh = compose(reading.state, width, height, theme(reading.state.theme)).slice(0, height);
      if (fresh.length !== lines.length || fresh.some((line, i) => line !== lines[i])) lines = fresh;
      return lines;
    },
    subscribe: (listener) => store.subscribe(listener),
  };
}
