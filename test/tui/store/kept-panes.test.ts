import { describe, expect, test } from 'vitest';
import { withSample } from '../../../src/tui/store/ingest.ts';
import { offerPanes, panesToKeep, readKeptPanes, reopening } from '../../../src/tui/store/kept-panes.ts';
import type { KeptPanes, PaneInfo } from '../../../src/tui/store/pane-info.ts';
import { DEFAULT_SETTINGS, formatSettings, parseSettings } from '../../../src/tui/store/settings.ts';
import type { ManagerState } from '../../../src/tui/store/state.ts';
import { createManagerStore } from '../../../src/tui/store/store.ts';
import { nodeOf, sampleOf, stoppedOf } from '../fake-engine.ts';
import { paneInfo } from '../panes/pane-info.ts';

const pane = (id: number, other: Partial<PaneInfo> = {}): PaneInfo => paneInfo({ id, ct: 100 + id, ...other });
const withOpen = (state: Partial<ManagerState>): ManagerState => ({
  ...createManagerStore({ settings: DEFAULT_SETTINGS, readOnly: false, size: { columns: 80, rows: 24 }, now: 0 }).getState(),
  ...state,
});

const KEPT: KeptPanes = {
  panes: [
    { ct: 103, kind: 'enter', name: 'deploy', pinned: true },
    { ct: 105, kind: 'console', name: '', pinned: false },
  ],
  arrangement: { split: 'rows', share: 0.25, first: { pane: 1 }, second: { pane: 0 } },
  chosen: 1,
  zoomed: true,
};

describe('panes of last time', () => {
  test('are those that live, with their places, names and pins', () => {
    const panes = [pane(3, { name: 'deploy', pinned: true }), pane(4, { ended: 'exit' }), pane(5, { kind: 'console' })];
    const arrangement = {
      split: 'rows',
      share: 0.25,
      first: { pane: 5 },
      second: { split: 'columns', share: 0.5, first: { pane: 4 }, second: { pane: 3 } },
    } as const;
    expect(panesToKeep(withOpen({ panes, arrangement, paneCursor: 5, zoomed: true }))).toEqual(KEPT);
  });

  test('stay kept while none is opened', () => {
    expect(panesToKeep(withOpen({ lastPanes: KEPT }))).toBe(KEPT);
    expect(panesToKeep(withOpen({}))).toBeNull();
  });

  test('come back from the file of settings as they were', () => {
    const text = formatSettings({ ...DEFAULT_SETTINGS, lastPanes: KEPT }, 'default');
    expect(parseSettings(text, 'default').lastPanes).toEqual(KEPT);
    expect(formatSettings(DEFAULT_SETTINGS, 'default')).not.toContain('lastPanes');
  });

  test.each<[string, unknown, object | null]>([
    ['no object', 7, null],
    ['none', { panes: [] }, null],
    ['more than may be open', { panes: Array(17).fill(KEPT.panes[0]) }, null],
    ['of another kind', { panes: [{ ct: 101, kind: 'tty9' }] }, null],
    ['with a CTID that is none', { panes: [{ ct: -1, kind: 'enter' }] }, null],
    ['with a name that does its worst', { panes: [{ ct: 1, kind: 'enter', name: '\x1b[2J\u202e' }] }, { panes: [{ name: '?[2J' }] }],
    ['in places that are none', { ...KEPT, arrangement: { pane: 9 }, chosen: 9 }, { arrangement: null, chosen: 0 }],
    ['twice in one place', { ...KEPT, arrangement: { ...KEPT.arrangement, second: { pane: 1 } } }, { arrangement: null }],
    ['in a split without room', { ...KEPT, arrangement: { ...KEPT.arrangement, share: 1 } }, { arrangement: null }],
  ])('%s are read with care', (_, value, expected) => {
    const read = readKeptPanes(value);
    if (expected === null) expect(read).toBeNull();
    else expect(read).toMatchObject(expected);
  });

  test('are offered in a line that what happens on the node does not take, unless a fault stands there', () => {
    const begun = withOpen({ lastPanes: KEPT });
    const state = { ...begun, ...withSample(begun, nodeOf([sampleOf(103, { name: 'web' })])) };
    const text = 'A pane was open when the manager was left last; p opens it again';
    expect(offerPanes(state, 'p')).toMatchObject({ hint: text });
    expect(offerPanes(state, 'p').notices?.at(-1)).toMatchObject({ text });
    expect(offerPanes({ ...state, hint: 'keys.json, line 1' }, 'p').hint).toBe('keys.json, line 1');
  });

  test('are opened again where somebody can go in now', () => {
    const state = withOpen({});
    const seen = { ...state, ...withSample(state, nodeOf([sampleOf(103, { name: 'web' }), stoppedOf(105)])) };
    expect(reopening(seen, KEPT)).toEqual({ opened: ['a shell in 103 web'], leftOut: [105] });
  });
});
