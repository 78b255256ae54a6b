import { beforeEach, describe, expect, test } from 'vitest';
import type { TerminalLink } from '../../../src/engine/index.ts';
import { PaneHost } from '../../../src/tui/app/pane-host.ts';
import { MAX_PANES, PaneSet, TooManyPanesError } from '../../../src/tui/panes/pane-set.ts';
import type { InputTarget } from '../../../src/tui/screen/input-target.ts';
import { DEFAULT_SETTINGS } from '../../../src/tui/store/settings.ts';
import { createManagerStore } from '../../../src/tui/store/store.ts';
import { FakeLink } from '../panes/fake-link.ts';

const CT = { id: 101, name: 'web' };

/** The keyboard: who has it, and the leave chord. */
class Keyboard {
  focused: InputTarget | null = null;
  #left = (): void => {};
  focus(target: InputTarget | null): void {
    this.focused = target;
  }
  onLeave(listener: () => void): void {
    this.#left = listener;
  }
  leave(): void {
    this.focused = null;
    this.#left();
  }
  type(text: string): void {
    this.focused?.write(Buffer.from(text));
  }
}

let keyboard: Keyboard;
let store: ReturnType<typeof createManagerStore>;
let host: PaneHost;
let link: FakeLink;
/** The engine that opens a shell when the test says so. */
let answer: { resolve(link: TerminalLink): void; reject(error: Error): void; signal?: AbortSignal };
const engine = {
  shell: (_id: number, _term: string, _size: unknown, signal?: AbortSignal): Promise<TerminalLink> => {
    const { promise, resolve, reject } = Promise.withResolvers<TerminalLink>();
    answer = { resolve, reject, ...(signal ? { signal } : {}) };
    return promise;
  },
};

beforeEach(() => {
  keyboard = new Keyboard();
  store = createManagerStore({ settings: DEFAULT_SETTINGS, readOnly: false, size: { columns: 80, rows: 24 }, now: 0 });
  host = new PaneHost(store, new PaneSet(), Object.assign(keyboard, { setHandler: () => {}, setMouse: () => {} }), () => null);
  link = new FakeLink();
});

describe('a shell that is being opened', () => {
  test('gets what is typed meanwhile, and everything after that', async () => {
    const opening = host.enter(engine, CT);
    expect(store.getState().opening).toBe('a shell in 101 web');
    keyboard.type('ls');
    keyboard.type('\r');
    answer.resolve(link);
    await opening;
    expect(link.written).toBe('ls\r');
    keyboard.type('x');
    expect(link.written).toBe('ls\rx');
    expect(store.getState()).toMatchObject({ typing: true, opening: '', panes: [{ ct: 101, kind: 'enter', ended: '' }] });
  });

  test('is given up by the leave chord: the engine hears of it, nothing appears, a shell that comes all the same is hung up', async () => {
    const opening = host.enter(engine, CT);
    keyboard.leave();
    expect(answer.signal?.aborted).toBe(true);
    answer.resolve(link);
    await opening;
    expect(link.closed).toBe(true);
    expect(store.getState()).toMatchObject({ typing: false, opening: '', panes: [] });
  });

  test('that is refused gives the keyboard back and says why', async () => {
    const opening = host.enter(engine, CT);
    answer.reject(new Error('no'));
    await expect(opening).rejects.toThrow('no');
    expect(keyboard.focused).toBeNull();
    expect(store.getState().opening).toBe('');
  });

  test('is given up for the next one', async () => {
    const first = host.enter(engine, CT);
    const { signal, resolve } = answer;
    const second = host.enter(engine, { id: 102, name: '' });
    expect(signal?.aborted).toBe(true);
    const late = new FakeLink();
    resolve(late);
    await first;
    expect(store.getState().opening).toBe('a shell in 102');
    answer.resolve(link);
    await Promise.all([first, second]);
    expect(late.closed).toBe(true);
    expect(store.getState().panes).toMatchObject([{ ct: 102 }]);
    keyboard.type('x');
    expect(link.written).toBe('x');
  });

  test('that has ended already gives the keyboard back', async () => {
    const opening = host.enter(engine, CT);
    answer.resolve(Object.assign(link, { onEnd: (tell: (reason: string) => void) => tell('ended') }));
    await opening;
    expect(keyboard.focused).toBeNull();
    expect(store.getState()).toMatchObject({ typing: false, panes: [{ ended: 'ended' }] });
  });

  test('past the last place is hung up', async () => {
    for (let i = 0; i < MAX_PANES; i++) {
      const opening = host.enter(engine, CT);
      answer.resolve(new FakeLink());
      await opening;
    }
    const opening = host.enter(engine, CT);
    answer.resolve(link);
    await expect(opening).rejects.toThrow(TooManyPanesError);
    expect(link.closed).toBe(true);
    expect(keyboard.focused).toBeNull();
    host.closeAll();
  });
});
