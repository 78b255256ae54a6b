import { beforeEach, describe, expect, test } from 'vitest';
import { type ConsoleWatch, VzError } from '../../../src/engine/index.ts';
import { WatchedConsole } from '../../../src/tui/app/watched-console.ts';
import { PaneSet } from '../../../src/tui/panes/pane-set.ts';
import type { InputTarget } from '../../../src/tui/screen/input-target.ts';
import { withSample } from '../../../src/tui/store/ingest.ts';
import { DEFAULT_SETTINGS } from '../../../src/tui/store/settings.ts';
import { createManagerStore } from '../../../src/tui/store/store.ts';
import { nodeOf, sampleOf, stoppedOf } from '../fake-engine.ts';
import { FakeLink } from '../panes/fake-link.ts';

let store: ReturnType<typeof createManagerStore>;
let focused: InputTarget | null;
let leave: () => void;
let tab: WatchedConsole;
let said: string[];
let asked: { readonly id: number; resolve(watch: ConsoleWatch): void; reject(error: Error): void }[];

const engine = {
  watchConsole: (id: number): Promise<ConsoleWatch> => {
    const { promise, resolve, reject } = Promise.withResolvers<ConsoleWatch>();
    asked.push({ id, resolve, reject });
    return promise;
  },
};
const watchOn = (link: FakeLink): ConsoleWatch => ({
  link,
  take: () => {
    said.push('take');
    link.promote(true);
  },
  give: () => {
    said.push('give');
    link.promote(false);
  },
});
const look = (ticked = false): void => tab.look(engine, store.getState(), ticked);
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function shown(): Promise<FakeLink> {
  look();
  const link = new FakeLink();
  link.promote(false);
  asked.at(-1)?.resolve(watchOn(link));
  await settled();
  return link;
}

beforeEach(() => {
  [asked, said, focused] = [[], [], null];
  store = createManagerStore({ settings: DEFAULT_SETTINGS, readOnly: false, size: { columns: 80, rows: 24 }, now: 0 });
  store.setState((state) => withSample(state, nodeOf([sampleOf(101, { name: 'web' }), stoppedOf(102), sampleOf(103)])));
  store.setState({ views: [{ name: 'container', ct: 101 }], tab: 'console' });
  const input = {
    setHandler: () => {},
    setMouse: () => {},
    focused: null,
    focus: (target: InputTarget | null) => {
      focused = target;
    },
    onLeave: (listener: () => void) => {
      leave = listener;
    },
  };
  tab = new WatchedConsole(store, new PaneSet(), input);
});

describe('the console in its tab', () => {
  test('is asked for once, watched without its keyboard, and left with the tab', async () => {
    const link = await shown();
    look();
    look(true);
    expect(asked.map(({ id }) => id)).toEqual([101]);
    expect(store.getState().watched).toMatchObject({ ct: 101, pane: { ended: '', writable: false }, trouble: '' });
    expect(said).toEqual([]);
    store.setState({ tab: 'log' });
    look();
    expect(link.closed).toBe(true);
    expect(store.getState().watched).toBeNull();
  });

  test('says when nothing was ever printed there', async () => {
    const link = await shown();
    expect(store.getState().watched?.silent).toBe(true);
    link.say('login: ');
    await expect.poll(() => store.getState().watched?.silent).toBe(false);
  });

  test('is typed into from the key to the leave chord', async () => {
    const link = await shown();
    tab.type();
    focused?.write(Buffer.from('x'));
    expect(link.written).toBe('x');
    expect(store.getState()).toMatchObject({ typing: true, watched: { pane: { writable: true } } });
    leave();
    expect(said).toEqual(['take', 'give']);
    expect(store.getState()).toMatchObject({ typing: false, watched: { pane: { writable: false } } });
  });

  test('gives the keyboard back when its container goes, and when another tab is chosen by a click', async () => {
    const link = await shown();
    tab.type();
    link.end('The container has ended');
    expect(focused).toBeNull();
    expect(store.getState()).toMatchObject({ typing: false, watched: { pane: { ended: 'The container has ended' } } });
    look(true);
    asked.at(-1)?.resolve(watchOn(new FakeLink()));
    await settled();
    expect(store.getState().watched?.pane?.ended).toBe('');
    tab.type();
    store.setState({ tab: 'overview' });
    look();
    expect([focused, store.getState().typing]).toEqual([null, false]);
  });

  test('of another container is another one, and what comes too late is hung up', async () => {
    look();
    store.setState({ views: [{ name: 'container', ct: 103 }] });
    look();
    expect(asked.map(({ id }) => id)).toEqual([101, 103]);
    const late = new FakeLink();
    asked[0]?.resolve(watchOn(late));
    await settled();
    expect(late.closed).toBe(true);
    expect(store.getState().watched).toEqual({ ct: 103, pane: null, silent: true, trouble: '' });
  });

  test('that cannot be had says why, and is asked for again at the next look at the node', async () => {
    look();
    asked[0]?.reject(new VzError('no-keeper', { ct: 101 }));
    await settled();
    expect(store.getState().watched?.trouble).toBe('its keeper is gone; C gives it a new one');
    look();
    expect(asked).toHaveLength(1);
    look(true);
    expect(asked).toHaveLength(2);
  });

  test('is not asked for where the container does not run', () => {
    store.setState({ views: [{ name: 'container', ct: 102 }] });
    look();
    look(true);
    expect([asked, store.getState().watched]).toEqual([[], null]);
  });
});
