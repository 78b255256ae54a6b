// The parts of the running manager, as actions and views reach them. Types, and the React context that carries them.
import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Engine } from '../../engine/index.ts';
import type { Screen } from '../screen/screen.ts';
import type { Theme } from '../screen/theme.ts';
import type { ManagerState } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import type { Tasks } from '../store/tasks.ts';
import type { PaneHost } from './pane-host.ts';
import type { TaskSync } from './task-sync.ts';

/** What the manager asks of the engine. */
export type ManagedEngine = Pick<
  Engine,
  | 'sampler'
  | 'countRules'
  | 'create'
  | 'createMany'
  | 'secretFile'
  | 'start'
  | 'stop'
  | 'restart'
  | 'destroy'
  | 'mount'
  | 'umount'
  | 'plan'
  | 'shell'
  | 'console'
  | 'watchConsole'
  | 'templates'
  | 'buildTemplate'
  | 'inspectTemplates'
  | 'checkTemplate'
  | 'removeTemplate'
  | 'obstacles'
  | 'outcome'
  | 'freeId'
  | 'config'
  | 'configs'
  | 'parameters'
  | 'set'
  | 'conflict'
  | 'editConfig'
  | 'samples'
  | 'makeSample'
  | 'size'
  | 'program'
  | 'programEnv'
  | 'freeze'
  | 'thaw'
  | 'processes'
  | 'vitals'
  | 'ubc'
  | 'ubcHistory'
  | 'promises'
  | 'who'
  | 'lens'
  | 'lowered'
  | 'why'
  | 'traffic'
  | 'connections'
  | 'talks'
  | 'users'
  | 'followLog'
  | 'signal'
  | 'renice'
  | 'journal'
  | 'journalEnd'
  | 'tasks'
  | 'close'
> & { readonly node: Pick<Engine['node'], 'around' | 'templateDir' | 'values' | 'shown'> };

/** What actions need of the terminal. */
export type Terminal = Pick<Screen, 'input' | 'quit' | 'outlive' | 'stop' | 'attach' | 'hand' | 'copy'> & {
  readonly layers: Pick<Screen['layers'], 'repaint'>;
};

export interface Manager {
  readonly store: Store;
  readonly tasks: Tasks;
  readonly sync: TaskSync;
  readonly panes: PaneHost;
  readonly terminal: Terminal;
  /** Only actions that the key table lets through without an engine may not ask for it. */
  readonly engine: () => ManagedEngine;
  readonly theme: (name: string) => Theme;
  readonly themeNames: readonly string[];
  /** Where the project lies. */
  readonly home: string;
  /** Looks at the node again at once: something has just changed. */
  readonly look: () => void;
  readonly now: () => number;
  /** Keeps settings, closes panes and engine. */
  readonly close: () => void;
  /** Gives the terminal back; what runs goes on without it, and the process ends with it. */
  readonly leaveRunning: () => void;
}

export const ManagerContext = createContext<Manager | null>(null);

export function useManager(): Manager {
  const manager = useContext(ManagerContext);
  if (manager === null) throw new Error('A view is drawn outside of the manager');
  return manager;
}

/** A part of the state; the component is drawn anew only when it is another value. */
export function useManagerState<T>(select: (state: ManagerState) => T): T {
  return useStore(useManager().store, select);
}

export function useTheme(): Theme {
  const manager = useManager();
  return manager.theme(useManagerState((state) => state.theme));
}
