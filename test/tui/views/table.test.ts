import { describe, expect, test } from 'vitest';
import { width } from '../../../src/tui/screen/text.ts';
import { type ColumnId, USUAL } from '../../../src/tui/store/columns.ts';
import type { Heat } from '../../../src/tui/store/state.ts';
import { columnAt, columnsFor, type PlacedColumn } from '../../../src/tui/views/column-widths.ts';
import { composeRow, composeTitles, MEM_FIGURES, NPROC_FIGURES } from '../../../src/tui/views/table-row.ts';
import { ofOneLife } from '../../engine/account/one-life.ts';
import { beanOf, MIB, sampleOf, stoppedOf } from '../fake-engine.ts';
import { testTheme } from '../manager-rig.tsx';

const theme = testTheme();
const NOW = 1_700_000_000_000;
const plain = (line: string): string => line.replace(/\x1b\[[\d;]*m/g, '');
const row = (ct: ReturnType<typeof sampleOf>, cells = 120, heat: Heat | undefined = undefined): string =>
  plain(composeRow(ct, columnsFor(cells, named), cells, { theme, heat, now: NOW }));

/** Something stands in every column, or only in names. */
const full = { long: false, empty: new Set<string>() };
const named = { long: false, empty: new Set(['hostname', 'ip']) };
const total = (columns: readonly PlacedColumn[]): number => columns.reduce((sum, column) => sum + column.width + 1, 0);
const ids = (columns: readonly PlacedColumn[]): string => columns.map((column) => column.id).join(' ');

describe('columns', () => {
  const chosen = ['kmemsize.m', 'ctid', 'private', 'mem', 'numfile.f'];

  test('a column that is added takes the room of those that matter least, not of refusals', () => {
    const same = { long: false, empty: new Set<ColumnId>(['name', 'ip']) };
    expect(ids(columnsFor(80, same, [...USUAL, 'description']))).toBe('ctid hostname status numproc mem cpu failcnt description');
    expect(ids(columnsFor(100, same, [...USUAL, 'description']))).toContain('uptime layout ostemplate failcnt description');
    expect(ids(columnsFor(200, same, [...USUAL, 'description']))).toBe([...USUAL, 'description'].join(' '));
  });

  test.each([
    ['everything', full, null],
    ['names only', named, null],
    ['a choice', full, chosen],
  ] as const)('with %s fit in every width, and a wider terminal never shows less', (_, content, own) => {
    let shown = new Map<string, number>();
    for (let cells = 1; cells <= 300; cells++) {
      const columns = columnsFor(cells, content, own);
      if (columns.length > 0) expect(total(columns), `${cells} cells`).toBeLessThanOrEqual(cells);
      if (cells > 2) expect(columns.length, `${cells} cells`).toBeGreaterThan(0);
      const now = new Map(columns.map((column) => [column.id as string, column.width]));
      for (const [id, before] of shown)
        if (!['name', 'hostname', 'private', 'kmemsize.m'].includes(id))
          expect(now.get(id) ?? 0, `${id} at ${cells}`).toBeGreaterThanOrEqual(before);
        else expect(now.has(id), `${id} at ${cells}`).toBe(true);
      shown = now;
    }
  });

  test.each([
    [20, full, 'ctid status'],
    [40, full, 'ctid hostname status numproc'],
    [60, full, 'ctid hostname status numproc mem failcnt'],
    [80, full, 'ctid hostname status numproc mem cpu uptime failcnt'],
    [120, full, 'ctid name hostname status numproc mem cpu ip uptime layout ostemplate failcnt'],
    [60, named, 'ctid name status numproc mem failcnt'],
    [80, named, 'ctid name status numproc mem cpu uptime failcnt'],
    [120, named, 'ctid name status numproc mem cpu uptime layout ostemplate failcnt'],
  ])('at %i cells are %#: what people know from vzlist, with bars, is there from 80 on', (cells, content, expected) => {
    expect(ids(columnsFor(cells, content))).toBe(expected);
  });

  test('have bars at 80 cells', () => {
    const widths = new Map(columnsFor(80, full).map((column) => [column.id, column.width]));
    expect(widths.get('numproc')).toBeGreaterThan(NPROC_FIGURES + 1);
    expect(widths.get('mem')).toBeGreaterThan(MEM_FIGURES + 1);
  });

  test('are as wide as the screen at the usual sizes, but for the cell at its right edge', () => {
    for (const content of [full, named]) for (const cells of [60, 80, 120]) expect(total(columnsFor(cells, content))).toBe(cells - 1);
  });

  test('that somebody chose stand in that order; where not all fit, what is not usual comes first', () => {
    expect(ids(columnsFor(120, full, chosen))).toBe('kmemsize.m ctid private mem numfile.f');
    expect(ids(columnsFor(30, full, chosen))).toBe('kmemsize.m private');
    expect(ids(columnsFor(5, full, chosen))).toBe('kmemsize.m');
  });

  test('are found by where they stand', () => {
    const columns = columnsFor(80, full);
    expect([0, 1, 5, 6, 7].map((x) => columnAt(columns, x))).toEqual([null, 'ctid', 'ctid', null, 'hostname']);
    expect(columnAt(columns, 79)).toBeNull();
  });
});

describe('a row', () => {
  const examples = [
    sampleOf(101, { name: 'web', numproc: { held: 60, limit: 60, failcnt: 412 }, cpu: 12, uptime: 41 * 86_400 }),
    sampleOf(2_147_483_644, { name: 'x'.repeat(255), memory: { held: 2 ** 50, limit: 2 ** 60, failcnt: 1e12 }, cpu: 12_800 }),
    sampleOf(103, { name: '名前が長い漢字の容器です', numproc: { held: 123_456, limit: null, failcnt: 0 }, ostemplate: '漢字'.repeat(40) }),
    sampleOf(104, { cpu: null, uptime: 0, numproc: { held: 0, limit: 0, failcnt: 0 } }),
    stoppedOf(105, { trouble: 'Init exited with 127 '.repeat(20) }),
    stoppedOf(106),
    sampleOf(107, { state: 'stopping', unattended: true }),
  ];

  test.each([40, 60, 80, 100, 120, 160, 200])('is never wider than %i cells, whatever it holds', (cells) => {
    for (const ct of examples)
      for (const heat of [undefined, { delta: 123_456, ticks: 5, by: new Map() }])
        expect(width(row(ct, cells, heat)), `${ct.id}`).toBeLessThan(cells);
  });

  test('has count and growth of refusals together, the growth alone only where they cannot be', () => {
    const refused = (failcnt: number, delta: number): string =>
      row(sampleOf(101, { numproc: { held: 60, limit: 60, failcnt } }), 80, { delta, ticks: 5, by: new Map() });
    expect(refused(412, 38)).toMatch(/ 412 \+38\/s$/);
    expect(refused(1512, 1)).toMatch(/ 1.51k \+1$/);
    expect(refused(1.512e6, 12_300)).toMatch(/ \+12.3k\/s$/);
  });

  test('has its columns where every other row has them', () => {
    const rows = examples
      .filter((ct) => ct.state !== 'stopped')
      .slice(0, 1)
      .concat(sampleOf(9));
    const [first = '', second = ''] = rows.map((ct) => row(ct));
    expect(first.indexOf('running')).toBe(second.indexOf('running'));
    expect(first.indexOf('%')).toBe(second.indexOf('%'));
    expect(first.indexOf('busybox')).toBe(second.indexOf('busybox'));
  });

  test('shows what is held of what', () => {
    const line = row(
      sampleOf(101, { numproc: { held: 60, limit: 60, failcnt: 0 }, memory: { held: 212 * MIB, limit: 512 * MIB, failcnt: 0 } }),
    );
    expect(line).toMatch(/! running {4}/);
    expect(line).toMatch(/█████ {5}60\/60/);
    expect(line).toMatch(/212M\/512M/);
  });

  test('alarms by sign and word, not by colour alone', () => {
    expect(row(sampleOf(101))).not.toContain('!');
    expect(row(sampleOf(101, { memory: { held: 5, limit: 5, failcnt: 0 } }))).toContain('! running');
    expect(row(stoppedOf(101, { trouble: 'Init exited with 127' }))).toMatch(/! failed .*Init exited with 127 .*e why/);
    expect(row(sampleOf(101, { unattended: true }))).toContain('! unattended');
    expect(row(sampleOf(101), 120, { delta: 38, ticks: 5, by: new Map() })).toMatch(/! running.*0 \+38\/s/);
  });

  test('warns of any limit that is reached, since of many nobody counts refusals; of none that nobody enforces', () => {
    const terminals = (held: number, enforced: 'partial' | 'accounting-only') => {
      const rows = [beanOf('numpty', { held, barrier: 2n, limit: 2n, failSource: 'none', enforced })];
      return row(sampleOf(101, { ubc: ofOneLife({ id: 101, running: true, rows }) }));
    };
    expect(terminals(2, 'partial')).toContain('! running');
    expect(terminals(1, 'partial')).not.toContain('!');
    expect(terminals(2, 'accounting-only')).not.toContain('!');
  });

  test('of a container that waits for its next start counts down', () => {
    expect(row(stoppedOf(101, { restartAt: NOW + 7_400 }))).toMatch(/ stopped +restarts in 8s/);
    expect(row(stoppedOf(101, { restartAt: NOW - 400 }))).toMatch(/restarts in 0s/);
  });

  test('of a container that runs in spite of an old trouble shows its figures', () => {
    expect(row(sampleOf(101, { trouble: 'Init exited with 127' }))).toMatch(/running .*8\/120/);
  });
});

test('the sorted column shows its direction', () => {
  const titles = (descending: boolean): string => plain(composeTitles(columnsFor(80, named), { column: 'cpu', descending }, theme));
  expect(titles(true)).toContain('CPU▾');
  expect(titles(false)).toContain('CPU▴');
  expect(width(titles(true))).toBe(79);
});
