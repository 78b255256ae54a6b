// The store: the state of the manager outside of React, and its beginning.
import { createStore, type StoreApi } from 'zustand/vanilla';
import { lineInput } from '../forms/line-input.ts';
import { type Bindings, NO_BINDINGS } from '../keys/bindings.ts';
import { NO_MARKS } from './marks.ts';
import type { ManagerState, Settings } from './state.ts';
import { NO_GRID, NO_LISTING, NO_LOG, NO_NET, NO_UBC, NO_WHY } from './view-state.ts';

export type Store = StoreApi<ManagerState>;

export interface Beginning {
  readonly settings: Settings;
  /** Started to look only. */
  readonly readOnly: boolean;
  readonly bindings?: Bindings;
  readonly faults?: readonly string[];
  readonly size: { readonly columns: number; readonly rows: number };
  readonly now: number;
}

export function createManagerStore({ settings, readOnly, bindings = NO_BINDINGS, faults = [], size, now }: Beginning): Store {
  return createStore<ManagerState>()(() => ({
    engine: 'loading',
    readOnly,
    readOnlyFixed: readOnly,
    bindings,
    faults,
    size,
    sample: null,
    cpuHistory: [],
    ctHistory: new Map(),
    sampleTrouble: '',
    configured: null,
    obstacles: [],
    templates: [],
    templateRows: null,
    templateCache: '',
    rows: [],
    heat: new Map(),
    sort: settings.sort,
    columns: settings.columns,
    period: settings.period,
    held: null,
    ...NO_MARKS,
    bulk: null,
    filter: lineInput(),
    filtering: false,
    cursor: { ct: null, index: 0, top: 0 },
    views: [{ name: 'table' }],
    overlay: null,
    tab: 'overview',
    listing: NO_LISTING,
    processes: null,
    processSort: settings.processSort,
    ubc: NO_UBC,
    grid: NO_GRID,
    net: NO_NET,
    why: NO_WHY,
    ubcSort: settings.ubcSort,
    users: new Map(),
    looked: { ct: null, vitals: null, parameters: null, journal: [] },
    log: NO_LOG,
    logSource: 'inside',
    logLevel: 7,
    logWrap: settings.logWrap,
    aim: null,
    tasks: [],
    others: [],
    notices: [],
    journal: null,
    panes: [],
    paneCursor: null,
    lastPanes: settings.lastPanes,
    opening: '',
    watched: null,
    typing: false,
    zoomed: false,
    arrangement: null,
    broadcast: false,
    prompt: null,
    form: null,
    made: [],
    tour: null,
    toured: settings.toured,
    plan: null,
    drafts: new Map(),
    review: null,
    nodeSize: null,
    compare: null,
    saved: null,
    hint: '',
    theme: settings.theme,
    mouse: settings.mouse,
    paneClipboard: settings.paneClipboard,
    now,
  }));
}
