// Panes in the whole manager, with programs of the node behind them: what is shown, marked, typed into, selected by the mouse.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { handleInput } from '../../../src/tui/app/input.ts';
import { type Mode, modeOf } from '../../../src/tui/keys/mode.ts';
import { ACTION_IDS, KEYS } from '../../../src/tui/keys/table.ts';
import type { MouseEvent } from '../../../src/tui/screen/input-event.ts';
import { width } from '../../../src/tui/screen/text.ts';
import type { KeptPanes } from '../../../src/tui/store/pane-info.ts';
import { shownPlaces } from '../../../src/tui/store/pane-places.ts';
import { footLines } from '../../../src/tui/views/foot-lines.ts';
import { paneFrames, paneList } from '../../../src/tui/views/pane-lines.ts';
import { FakeEngine, sampleOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions, testTheme } from '../manager-rig.tsx';
import { freshSeed, random } from '../screen/random.ts';

let rig: ManagerRig;
/** The machine may be busy. */
const until = (holds: () => boolean) => vi.waitUntil(holds, { timeout: 30_000, interval: 5 });
const panes = () => rig.state.panes;
const shown = () => shownPlaces(rig.state).map(({ pane }) => pane);
const text = (id: number) => rig.manager.panes.find(id)!.source.lines(0, 0).join('\n');

async function open(keys: string, columns = 200): Promise<void> {
  rig = new ManagerRig(new FakeEngine([sampleOf(101, { name: 'web' }), sampleOf(102, { name: 'db' })]), { columns, rows: 40 });
  for (const key of keys) {
    const before = panes().length;
    rig.press(key);
    await until(() => panes().length > before);
    rig.manager.panes.leave();
  }
}
const mouse = (action: MouseEvent['action'], x: number, y: number): void =>
  void handleInput(rig.manager, { type: 'mouse', action, button: action.startsWith('wheel') ? 'none' : 'left', x, y });
/** The terminal shows it as it is typed, and once more as cat has read it. */
async function say(id: number, words: string): Promise<void> {
  rig.manager.panes.find(id)!.target.write(Buffer.from(words));
  const last = words.trimEnd().split('\r').at(-1)!;
  await until(() => text(id).split(last).length > 2);
}

afterEach(() => {
  rig.manager.panes.closeAll();
  rig.close();
});

describe('where panes are shown', () => {
  test('splits side by side and below, each with a shell of the same container', async () => {
    await open('i|-');
    expect(panes().map((pane) => pane.ct)).toEqual([101, 101, 101]);
    expect(shownPlaces(rig.state).map(({ area }) => [area.width, area.height])).toEqual([
      [100, 35],
      [100, 18],
      [100, 17],
    ]);
  });

  test('a pane that is opened from elsewhere gets a place of its own while there is room, else that of one that is not pinned', async () => {
    await open('i');
    for (const pinned of [false, false, true]) {
      if (pinned) rig.press('P');
      rig.press('escape');
      const before = panes().length;
      rig.press('i');
      await until(() => panes().length > before);
      rig.manager.panes.leave();
    }
    expect(panes().length).toBe(4);
    expect(shown()).toEqual([4, 3]);
  });

  test('the next pane comes to the screen in the place of the chosen one; all come with the grid; one stays alone', async () => {
    await open('i', 100);
    for (const _ of [1, 2]) {
      rig.press('escape');
      const before = panes().length;
      rig.press('i');
      await until(() => panes().length > before);
      rig.manager.panes.leave();
    }
    expect(shown()).toEqual([3]);
    rig.press('tab');
    expect(shown()).toEqual([1]);
    rig.press('a');
    expect(shown()).toEqual([1, 2, 3]);
    rig.press('shift-down', 'o');
    expect(shown().length).toBe(1);
    expect(rig.state.panes.length).toBe(3);
  });

  test('borders go where the keys say; a zoomed pane has none', async () => {
    await open('i|');
    rig.press('H', 'ctrl-left');
    expect(shownPlaces(rig.state).map(({ area }) => area.width)).toEqual([92, 108]);
    rig.press('K');
    expect(rig.state.hint).toBe('No border of this pane can go there');
    rig.press('z');
    expect(shownPlaces(rig.state)).toEqual([{ pane: 2, area: { x: 0, y: 0, width: 200, height: 40 } }]);
  });

  test('a closed pane leaves its room; the last one leads back to the table', async () => {
    await open('i|');
    rig.press('w');
    expect(shown()).toEqual([1]);
    rig.press('w');
    expect(rig.state.views.at(-1)?.name).toBe('table');
    expect(rig.state.arrangement).toBeNull();
  });
});

describe('what is said of panes', () => {
  test('all that are open stand in the list, whichever is shown; a name of one’s own stands before the container’s', async () => {
    await open('i', 100);
    rig.press('escape');
    rig.press('down', 'i');
    await until(() => panes().length === 2);
    rig.manager.panes.leave();
    rig.press('r');
    rig.type('data ');
    rig.press('enter');
    expect(paneList(rig.state, 100, testTheme())).toContain('1 101 web shell');
    expect((await rig.screen())[1]).toBe(' 1 101 web shell  ▌2 data (102 db)');
    expect((await rig.screen())[2]).toContain('data (102 db)');
  });

  test('shells of one container are told apart by the number in their frames, which is the key that goes to them', async () => {
    await open('i|-', 100);
    rig.press('a');
    for (const number of [1, 2, 3]) expect((await rig.screen()).slice(2).join('\n')).toContain(` ${number} 101 web shell`);
    const ids = panes().map(({ id }) => id);
    for (const number of [1, 3, 2]) {
      rig.press(String(number));
      expect(rig.state.paneCursor).toBe(ids[number - 1]);
    }
    rig.press('7');
    expect(rig.state.hint).toBe('The key is the number in its title: 1 to 3');
  });

  test('frames fill exactly the screen at every size, in both sets of glyphs', async () => {
    await open('i||-');
    rig.press('P', 'm');
    for (const [columns, rows] of [
      [200, 50],
      [80, 24],
      [60, 20],
      [40, 8],
      [20, 6],
      [7, 4],
      [2, 2],
    ] as const)
      for (const ascii of [false, true])
        for (const zoomed of [false, true]) {
          rig.manager.store.setState({ size: { columns, rows }, zoomed });
          const lines = paneFrames(rig.state, columns, 10, testTheme('mono', 'mono', ascii));
          for (const line of lines.filter((one) => one !== '')) expect(width(line), `${columns}x${rows}`).toBe(columns);
        }
  });

  test('typing into several is an alarm in each of their frames and in the foot, and over with the leave chord', async () => {
    await open('i||');
    rig.press('B');
    expect(rig.state.hint).toContain('Mark two panes');
    rig.press('m', 'tab', 'm', 'B');
    expect(rig.state).toMatchObject({ broadcast: true, typing: true });
    const theme = testTheme();
    const frames = paneFrames(rig.state, 200, 35, theme);
    expect(frames[0]!.match(/! BROADCAST/g)).toHaveLength(2);
    expect(footLines(rig.state, 200, theme).join('\n')).toContain(
      '! BROADCAST: what you type goes to 2 panes: 1 101 web shell, 3 101 web shell',
    );
    rig.manager.panes.leave();
    expect(rig.state.broadcast).toBe(false);
    expect(paneFrames(rig.state, 200, 35, theme)[0]).not.toContain('BROADCAST');
  });

  test('closing asks by the name of what runs, and not for a shell that waits', async () => {
    await open('i');
    const pane = rig.manager.panes.find(1)!;
    const runs = vi.spyOn(pane, 'foreground').mockReturnValue('\x1b[31mvim');
    rig.press('w');
    expect(rig.state.overlay).toMatchObject({ kind: 'confirm', question: { lines: [expect.stringMatching(/^\?\[31mvim runs in it/)] } });
    rig.press('n');
    runs.mockReturnValue('');
    rig.press('w');
    expect(panes()).toEqual([]);
  });
});

describe('the mouse', () => {
  test('chooses by a click and copies by a drag', async () => {
    await open('i|');
    await say(1, 'hello there\r');
    mouse('press', 3, 10);
    mouse('release', 3, 10);
    expect(rig.state.paneCursor).toBe(1);
    expect(panes()[0]?.copy).toBeNull();
    mouse('press', 1, 3);
    mouse('drag', 3, 3);
    mouse('drag', 5, 3);
    expect(panes()[0]?.copy?.selects).toBe(true);
    mouse('release', 5, 3);
    expect(rig.asked).toContain('copy hello');
    expect(rig.state.hint).toBe('Copied 5 characters to your clipboard');
    expect(panes()[0]?.copy).toBeNull();
  });

  test('scrolls by its wheel what is under it', async () => {
    await open('i|');
    await say(1, `${Array.from({ length: 25 }, (_, i) => `line ${i}`).join('\r')}\r`);
    mouse('wheel-up', 5, 10);
    expect(panes()[0]?.scrolled).toBe(3);
    mouse('wheel-down', 5, 10);
    expect(panes()[0]?.scrolled).toBe(0);
    mouse('wheel-up', 150, 10);
    expect(panes()[0]?.scrolled).toBe(0);
  });
});

describe('the clipboard', () => {
  test('takes numbers before motions, and the character that a motion waits for', async () => {
    await open('i');
    await say(1, 'one two\rthree\rfour five six five\r');
    const copy = () => panes()[0]?.copy;
    rig.press('[');
    const { line } = copy()!;
    rig.press('1', '0');
    expect(copy()?.typed).toBe('10');
    rig.press('escape', '3', 'k', '2', 'j');
    expect(copy()).toMatchObject({ line: line - 1, typed: '' });
    rig.press('0', 'v', '2', 'f');
    expect(copy()).toMatchObject({ typed: '2f', awaits: true });
    expect(await rig.text()).toMatch(/selecting, line .* {2}2f/);
    rig.press('f');
    rig.press('y');
    expect(rig.asked).toEqual(['copy four five six f']);
    rig.press('[', 'f', 'escape');
    expect(copy()).toMatchObject({ typed: '', awaits: false });
    rig.press('1', 'G');
    expect(copy()?.line).toBe(1);
  });

  test('is set by copy mode from the keyboard', async () => {
    await open('i');
    await say(1, 'find me here\r');
    rig.press('/');
    rig.type('ME');
    rig.press('backspace', 'backspace');
    rig.type('me');
    expect(panes()[0]?.copy?.found).toMatchObject({ count: 2 });
    rig.press('enter', 'v', 'e', 'y');
    expect(rig.asked).toEqual(['copy me']);
    rig.press('[', 'q');
    expect(panes()[0]?.copy).toBeNull();
  });

  test('is not for programs inside, unless somebody says so, and then only for the one that has the keyboard', async () => {
    await open('i|');
    const ask = async (id: number) => {
      const answers = (): number =>
        text(id)
          .split('\n')
          .filter((line) => line.trim() === '.').length;
      const before = answers();
      rig.manager.panes.find(id)!.target.write(Buffer.from('\x1b]52;c;aGk=\x07.\r'));
      await until(() => answers() > before);
    };
    rig.manager.panes.type(2);
    await ask(2);
    expect(rig.asked).toEqual([]);
    rig.manager.panes.leave();
    rig.press('ctrl-o');
    await ask(2);
    rig.manager.panes.type(2);
    await ask(1);
    expect(rig.asked).toEqual([]);
    await ask(2);
    expect(rig.asked[0]).toBe('copy hi');
    expect(rig.state.hint).toContain('2 characters on your clipboard');
  });
});

describe('random keys over panes', () => {
  const KEYS_OF_PANES = [
    ...new Set(
      ACTION_IDS.filter((id) => ['panes', 'copy', 'prompt'].some((mode) => KEYS[id].when.includes(mode as Mode))).flatMap(
        (id) => KEYS[id].keys,
      ),
    ),
  ];
  /** These leave the panes or the manager, or open more of them. */
  const LEFT_OUT = new Set(['q', 'f10', 'ctrl-c', 'escape', 'ctrl-z', '|', '%', '-', '"', 't', 'f2', ':', 'ctrl-p', 'w', 'delete', 'A']);

  test.each([1, freshSeed()])('lead to no throw, no place without its pane, no mode without a way out: seed %i', async (seed) => {
    await open('i|-|');
    const { below, pick, chance } = random(seed);
    const keys = KEYS_OF_PANES.filter((key) => !LEFT_OUT.has(key));
    for (const pane of panes()) await say(pane.id, `words of ${pane.id}, some of them longer\r`);
    for (let i = 0; i < 1500; i++) {
      const what = below(100);
      const at = [below(200), below(40)] as const;
      if (what < 80) rig.press(pick(keys));
      else if (what < 85) rig.paste('words\nof');
      else if (what < 95) mouse(pick(['press', 'drag', 'release', 'wheel-up', 'wheel-down']), ...at);
      else if (what < 97) rig.manager.panes.leave();
      else
        rig.manager.store.setState({
          size: pick([
            { columns: 200, rows: 40 },
            { columns: 60, rows: 20 },
            { columns: 20, rows: 6 },
          ]),
        });
      if (chance(0.1)) rig.press('escape', 'p');
      const { state } = rig;
      expect(state.panes.length).toBe(4);
      expect(state.panes.some((pane) => pane.id === state.paneCursor)).toBe(true);
      if (modeOf(state) === 'panes') expect(shown()).toContain(state.paneCursor);
      if (i % 50 === 0) {
        const lines = paneFrames(state, state.size.columns, 40, testTheme());
        for (const line of lines.filter((one) => one !== '')) expect(width(line)).toBe(state.size.columns);
      }
    }
    rig.manager.panes.leave();
    for (let i = 0; i < 8; i++) rig.press('escape');
    expect(rig.state.views.map((view) => view.name)).toEqual(['table']);
    expect(rig.state).toMatchObject({ overlay: null, prompt: null, broadcast: false });
  });
});

describe('the panes of last time', () => {
  const LAST: KeptPanes = {
    panes: [
      { ct: 102, kind: 'enter', name: 'deploy', pinned: true },
      { ct: 999, kind: 'enter', name: '', pinned: false },
      { ct: 101, kind: 'enter', name: '', pinned: false },
    ],
    arrangement: {
      split: 'rows',
      share: 0.25,
      first: { pane: 2 },
      second: { split: 'columns', share: 0.5, first: { pane: 1 }, second: { pane: 0 } },
    },
    chosen: 2,
    zoomed: false,
  };
  function begin(other: RigOptions = {}): void {
    rig = new ManagerRig(new FakeEngine([sampleOf(101, { name: 'web' }), sampleOf(102, { name: 'db' })]), {
      columns: 100,
      rows: 45,
      settings: { lastPanes: LAST },
      ...other,
    });
  }

  test('are opened again after a question, as they shared the screen; who is gone is left out', async () => {
    begin();
    rig.press('p');
    const question = await rig.text();
    expect(question).toContain('Open the 2 panes of last time again?');
    expect(question).toContain('A shell in 102 db, a shell in 101 web.');
    expect(question).toContain('Left out, since nobody can go in now: 999.');
    rig.press('enter');
    await until(() => rig.state.opening === '' && panes().length === 2);
    expect(panes().map(({ ct, name, pinned }) => [ct, name, pinned])).toEqual([
      [102, 'deploy', true],
      [101, '', false],
    ]);
    expect(shownPlaces(rig.state).map(({ pane, area }) => [panes().find(({ id }) => id === pane)?.ct, area.height])).toEqual([
      [101, 10],
      [102, 30],
    ]);
    expect(panes().find(({ id }) => id === rig.state.paneCursor)?.ct).toBe(101);
    expect([rig.state.lastPanes, rig.state.typing, modeOf(rig.state)]).toEqual([null, false, 'panes']);
  });

  test('stay offered after a no, and are forgotten with the first other pane', async () => {
    begin();
    rig.press('p', 'escape');
    expect(rig.state.lastPanes).toBe(LAST);
    rig.press('i');
    await until(() => panes().length === 1);
    expect(rig.state.lastPanes).toBeNull();
  });

  test('are not opened where nothing may be changed', () => {
    begin({ readOnly: true });
    rig.press('p');
    expect(rig.state.hint).toContain('No pane is open');
  });
});
