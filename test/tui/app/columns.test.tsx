import { afterEach, describe, expect, test } from 'vitest';
import { columnChoices, moveColumn, toggleColumn } from '../../../src/tui/store/column-choice.ts';
import { COLUMN_IDS, USUAL } from '../../../src/tui/store/columns.ts';
import { FakeEngine, sampleOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

describe('a choice of columns', () => {
  test('begins with the usual ones, and everything else stands below', () => {
    const all = columnChoices(null, '');
    expect(all.slice(0, USUAL.length)).toEqual(USUAL);
    expect([...all].sort()).toEqual([...COLUMN_IDS].sort());
  });

  test('is found by name, title and what it shows', () => {
    expect(columnChoices(null, 'IP_ADDR')).toContain('ip');
    expect(columnChoices(null, 'kmemsize.f')).toEqual(['kmemsize.f']);
    expect(columnChoices(null, 'refusals sockets tcp')).toContain('numtcpsock.f');
  });

  test('never is empty', () => {
    expect(toggleColumn(['ctid'], 'ctid')).toEqual(['ctid']);
    expect(toggleColumn(['ctid', 'mem'], 'ctid')).toEqual(['mem']);
    expect(toggleColumn(['ctid'], 'mem')).toEqual(['ctid', 'mem']);
  });

  test('moves within what is shown', () => {
    expect(moveColumn(['a', 'b', 'c'], 'b', -1)).toEqual(['b', 'a', 'c']);
    expect(moveColumn(['a', 'b', 'c'], 'c', 1)).toEqual(['a', 'b', 'c']);
    expect(moveColumn(['a', 'b', 'c'], 'x', 1)).toEqual(['a', 'b', 'c']);
  });
});

let rig: ManagerRig;
const open = (options: RigOptions = {}): ManagerRig => {
  const engine = new FakeEngine([sampleOf(101, { name: 'web' }), sampleOf(102, { name: 'db' })]);
  engine.configs.set(
    101,
    new Map([
      ['ONBOOT', 'yes'],
      ['KMEMSIZE', '14372700:14790164'],
    ]),
  );
  engine.configs.set(102, new Map([['ONBOOT', 'no']]));
  rig = new ManagerRig(engine, options);
  return rig;
};
afterEach(() => rig?.close());

describe('the dialog', () => {
  test('shows a field of vzlist, whose values are there at once, and moves it to where it is wanted', async () => {
    open().press('|');
    expect(await rig.text()).toMatch(/● CTID▴ +number of the container/);
    rig.type('onboot');
    rig.press('enter');
    expect(rig.state.columns?.at(-1)).toBe('onboot');
    for (let i = 0; i < 20; i++) rig.press('shift-tab');
    expect(rig.state.columns?.[0]).toBe('onboot');
    rig.press('tab', 'escape');
    expect(rig.state.columns?.slice(0, 2)).toEqual(['ctid', 'onboot']);
    const screen = await rig.screen();
    expect(screen[2]).toMatch(/^ CTID▴ ONBOOT +NAME/);
    expect(screen[3]).toMatch(/^▌101 +yes +web/);
    expect(screen[4]).toMatch(/^ 102 +no +db/);
  });

  test('shows one after the other, hides, and says what has no room', async () => {
    open().press('|');
    rig.type('kmemsize');
    rig.press('enter', 'enter', 'enter', 'enter', 'enter');
    expect(rig.state.columns?.slice(-5)).toEqual(['kmemsize', 'kmemsize.m', 'kmemsize.b', 'kmemsize.l', 'kmemsize.f']);
    rig.press('up', 'enter');
    expect(rig.state.columns).not.toContain('kmemsize.l');
    rig.press('ctrl-u');
    expect(await rig.text()).toMatch(/● KMEMSIZE\.F +refusals: kernel memory that can/);
    expect(await rig.text()).toMatch(/● MEM .* no room/);
  });

  test('sorts by what is not shown, and the rule says so', async () => {
    open().press('|');
    rig.type('kmemsize.l');
    rig.press('ctrl-o', 'escape');
    expect(rig.state.sort).toEqual({ column: 'kmemsize.l', descending: true });
    expect(await rig.text()).toMatch(/─ by KMEMSIZE\.L▾ ─/);
    expect(rig.state.rows.map((row) => row.id)).toEqual([101, 102]);
  });

  test('goes back to the usual ones, and refuses what makes no sense in words', () => {
    open({ settings: { columns: ['mem'] } }).press('|', 'enter');
    expect(rig.state.hint).toBe('It is the only one that is shown');
    rig.press('down', 'tab');
    expect(rig.state.hint).toBe('It is not shown; Enter shows it');
    rig.press('ctrl-t');
    expect(rig.state.columns).toBeNull();
    rig.press('ctrl-t');
    expect(rig.state.hint).toBe('These are the usual ones');
    rig.type('zzz');
    rig.press('enter', 'tab', 'ctrl-o');
    expect(rig.state.hint).toBe('No column is called so');
  });

  test('asks the engine for no more than is shown, sorted and filtered by', () => {
    open();
    const asked: (readonly string[] | undefined)[] = [];
    const tick = rig.engine.tick.bind(rig.engine);
    rig.engine.tick = (fields) => {
      asked.push(fields);
      return tick(fields);
    };
    rig.look();
    rig.press('/');
    rig.type('kmemsize.b>0');
    rig.press('enter');
    rig.look();
    expect(asked).toEqual([[], ['kmemsize.b'], ['kmemsize.b']]);
    expect(rig.state.rows.map((row) => row.id)).toEqual([101]);
  });
});

test('the rate of looks changes in place, and the header tells it', async () => {
  open();
  expect((await rig.screen())[0]).not.toContain('every');
  rig.press('-', '-');
  expect(rig.state.period).toBe(5000);
  expect((await rig.screen())[0]).toContain('every 5 s');
  rig.press('+', '+', '+', '+');
  expect(rig.state.period).toBe(500);
  expect(rig.state.hint).toBe('Every 0.5 s is as often as it looks');
});

test('a click on a title sorts, another one turns the order around', async () => {
  open();
  const x = (await rig.screen())[2]?.indexOf('NPROC') ?? 0;
  rig.click(x, 2);
  expect(rig.state.sort).toEqual({ column: 'numproc', descending: true });
  rig.click(x, 2);
  expect(rig.state.sort).toEqual({ column: 'numproc', descending: false });
  rig.click(x, 4);
  expect(rig.state.cursor.index).toBe(1);
});

test('what is not understood of a filter stands beside it, and the list stays', async () => {
  open().press('/');
  rig.type('mem>');
  expect(await rig.text()).toMatch(/\/mem> .*! MEM > what\? A size: 64M, 1\.5G, or 80% of its limit/);
  expect(rig.state.rows).toHaveLength(2);
  rig.type('1G');
  expect(await rig.text()).toContain('No container matches');
  rig.press('f1');
  expect(await rig.text()).toContain('Keys of the filter');
});
