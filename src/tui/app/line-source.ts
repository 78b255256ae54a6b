// The state as rows of a surface: composed when the compositor asks, and the same array as long as nothing visible has changed.
import type { SurfaceSource } from '../screen/surface-source.ts';
import type { Theme } from '../screen/theme.ts';
import type { ManagerState } from '../store/state.ts';
import type { Store } from '../store/store.ts';

export type Compose = (state: ManagerState, width: number, height: number, theme: Theme) => readonly string[];

export function lineSource(store: Store, theme: (name: string) => Theme, compose: Compose): SurfaceSource {
  let last: { readonly state: ManagerState; readonly width: number; readonly height: number } | null = null;
  let lines: readonly string[] = [];
  return {
    lines(width, height) {
      const state = store.getState();
      if (last !== null && last.state === state && last.width === width && last.height === height) return lines;
      last = { state, width, height };
      const fresh = compose(state, width, height, theme(state.theme)).slice(0, height);
      if (fresh.length !== lines.length || fresh.some((line, i) => line !== lines[i])) lines = fresh;
      return lines;
    },
    subscribe: (listener) => store.subscribe(listener),
  };
}
