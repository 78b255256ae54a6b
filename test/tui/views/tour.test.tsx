// The tour over an engine in memory: it goes on by the real keys on the real screens, is ended at any moment, and is offered once.
import { afterEach, describe, expect, test } from 'vitest';
import { isActionId } from '../../../src/tui/keys/table.ts';
import { width } from '../../../src/tui/screen/text.ts';
import { offerTour, TOUR } from '../../../src/tui/store/tour-steps.ts';
import { FakeEngine, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

let rig: ManagerRig;
afterEach(() => rig?.close());

const open = (containers = [sampleOf(101, { name: 'web' }), stoppedOf(102, { name: 'spare' })], options: RigOptions = {}): ManagerRig => {
  rig = new ManagerRig(new FakeEngine(containers), options);
  return rig;
};
const step = (): string | undefined => (rig.state.tour === null ? undefined : TOUR[rig.state.tour.step]?.name);
/** Keys one by one: what follows from one is seen before the next. */
async function press(...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    rig.press(key);
    await rig.text();
  }
}

describe('the steps', () => {
  test.each(TOUR)('$name fits a line of 80 cells and names keys that there are', ({ press: text, look }) => {
    for (const line of [text, look]) {
      expect(width(line.replace(/\{[a-z-]+\}/g, 'Ctrl-P'))).toBeLessThanOrEqual(78);
      for (const [, action = ''] of line.matchAll(/\{([a-z-]+)\}/g)) expect(isActionId(action), action).toBe(true);
      expect(line).toMatch(/^[\x20-\x7e]+$/);
    }
  });
});

describe('the tour', () => {
  test('goes on by the keys that it names, to its end', async () => {
    open();
    await press('ctrl-g');
    expect(await rig.text()).toMatch(/─ Tour, 1 of 12 ─+ Ctrl-G ends it ─\n Press ↓ and ↑: the cursor goes/);
    await press('j');
    expect(step()).toBe('open');
    await press('enter');
    expect(step()).toBe('back');
    await press('escape');
    expect(step()).toBe('filter');
    await press('/', 'w', 'e');
    expect(step()).toBe('filter');
    await press('enter');
    expect(step()).toBe('all');
    await press('escape');
    // Nothing has failed: that step has nothing to speak of.
    expect(step()).toBe('enter');
    await press('g', 'i');
    await expect.poll(() => rig.state.panes.length).toBe(1);
    await expect.poll(step).toBe('leave');
    rig.manager.panes.close(rig.state.panes[0]?.id ?? -1);
    rig.manager.store.setState({ views: [{ name: 'table' }], typing: false });
    expect(step()).toBe('start');
    await press('j', 's');
    await rig.manager.tasks.settled();
    expect(step()).toBe('find');
    await press('ctrl-p');
    expect(step()).toBe('help');
    await press('escape', '?');
    expect(step()).toBeUndefined();
    expect(rig.state.hint).toMatch(/^That was the tour/);
    expect(rig.state.toured).toBe(true);
  });

  test('leads whoever has gone elsewhere back to where it goes on', async () => {
    open();
    await press('ctrl-g', 'enter');
    expect(step()).toBe('move');
    expect(await rig.text()).toContain(' The tour goes on in the table: Esc comes back to it.');
    await press('escape');
    expect(await rig.text()).toContain(' Press ↓ and ↑: the cursor goes');
    await press('i');
    await expect.poll(() => rig.state.typing).toBe(true);
    expect(await rig.text()).toContain(' Ctrl-] gives the keyboard back, and Esc the table: it goes on there.');
    rig.manager.panes.close(rig.state.panes[0]?.id ?? -1);
  });

  test('shows a failure where there is one', async () => {
    open([sampleOf(101), stoppedOf(102, { trouble: 'Init exited with 7' })]);
    await press('ctrl-g', 'j', 'enter', 'escape', '/', '1', 'enter', 'escape');
    expect(step()).toBe('why');
    await press('G', 'e');
    expect(step()).toBe('from-why');
  });

  test.each([[['/']], [['?']], [['c']], [['enter']], [['x']], [['t']]])('is ended after %j, where it is', async (keys) => {
    open();
    await press('ctrl-g', ...keys, 'ctrl-g');
    expect(rig.state.tour).toBeNull();
    expect(rig.state.hint).toMatch(/^The tour is over/);
  });

  test('begins anew with the same key, and keeps no state older than its step', async () => {
    open();
    await press('ctrl-g', 'j');
    expect(rig.state.tour?.since.tour).toBeNull();
    await press('ctrl-g', 'ctrl-g');
    expect(step()).toBe('move');
  });

  test('asks for nothing that read-only mode refuses', async () => {
    open(undefined, { readOnly: true });
    await press('ctrl-g', 'j', 'enter', 'escape', '/', 'w', 'enter', 'escape');
    expect(step()).toBe('find');
    expect(rig.engine.calls).toEqual([]);
  });

  test.each([
    [80, 24, 3],
    [60, 20, 3],
    [60, 12, 1],
    [40, 8, 1],
    [20, 5, 0],
  ])('takes its lines from the list at %i×%i: %i', async (columns, rows, lines) => {
    open(undefined, { columns, rows, ascii: true });
    const before = await rig.screen();
    await press('ctrl-g');
    const screen = await rig.screen();
    expect(screen.filter((line) => /^.? ?Tour, |^ Press |^ Bars /.test(line))).toHaveLength(lines);
    expect(screen.length).toBeLessThanOrEqual(Math.max(rows, before.length));
    for (const line of screen) expect(width(line)).toBeLessThanOrEqual(columns);
  });
});

describe('the first run', () => {
  test('offers the tour once, and only where there is something to see', () => {
    open();
    const offered = offerTour(rig.state);
    expect(offered.notices?.at(-1)?.text).toMatch(/^First time here\? Ctrl-G/);
    const wrong = { at: 0, ct: null, tone: 'warn', text: 'wrong', command: '' } as const;
    expect(offerTour({ ...rig.state, notices: [wrong] }).notices?.at(-1)).toEqual(wrong);
    expect(offerTour({ ...rig.state, ...offered })).toEqual({});
    expect(offerTour({ ...rig.state, sample: null })).toEqual({});
  });

  test('offers the demo on an empty screen, which gets the terminal', async () => {
    open([]);
    expect(await rig.text()).toMatch(/d +fill a place of its own with a demo/);
    await press('d');
    expect(rig.asked.at(-1)).toMatch(/^attach .*node\S* \/project\/scripts\/demo\.mjs$/);
  });

  test('has no tour without containers', async () => {
    open([]);
    await press('ctrl-g');
    expect(rig.state.tour).toBeNull();
    expect(rig.state.hint).toMatch(/make one, or look at the demo/);
  });

  test('offers no demo among containers', async () => {
    open();
    await press('d');
    expect(rig.asked).toEqual([]);
    expect(rig.state.hint).toMatch(/npm run demo/);
  });
});
