import { describe, expect, test } from 'vitest';
import { width } from '../../../src/tui/screen/text.ts';
import { columnsFor } from '../../../src/tui/views/column-widths.ts';
import { composeRow, composeTitles } from '../../../src/tui/views/table-row.ts';
import { MIB, sampleOf, stoppedOf } from '../fake-engine.ts';
import { testTheme } from '../manager-rig.tsx';

const theme = testTheme();
const NOW = 1_700_000_000_000;
const plain = (line: string): string => line.replace(/\x1b\[[\d;]*m/g, '');
const row = (ct: ReturnType<typeof sampleOf>, cells = 120, heat: { delta: number; ticks: number } | undefined = undefined): string =>
  plain(composeRow(ct, columnsFor(cells, false), cells, { theme, heat, now: NOW }));

describe('columns', () => {
  test('fit in every width, and a wider terminal never shows less', () => {
    let shown = new Map<string, number>();
    for (let cells = 1; cells <= 300; cells++) {
      const columns = columnsFor(cells, false);
      const used = columns.reduce((sum, column) => sum + column.width + 1, 0);
      if (columns.length > 0) expect(used, `${cells} cells`).toBeLessThanOrEqual(cells);
      const now = new Map(columns.map((column) => [column.id as string, column.width]));
      for (const [id, before] of shown) if (id !== 'name') expect(now.get(id) ?? 0, `${id} at ${cells}`).toBeGreaterThanOrEqual(before);
      shown = now;
    }
  });

  test.each([
    [20, 'ctid status'],
    [40, 'ctid name status nproc'],
    [60, 'ctid name status nproc mem cpu up'],
    [80, 'ctid name status nproc mem cpu up layout template'],
    [120, 'ctid name status nproc mem cpu up layout template failcnt'],
    [200, 'ctid name status nproc mem cpu up layout template failcnt hostname ip'],
  ])('at %i cells are %s', (cells, ids) => {
    expect(
      columnsFor(cells, false)
        .map((column) => column.id)
        .join(' '),
    ).toBe(ids);
  });

  test('are as wide as the screen at the usual sizes, but for the cell at its right edge', () => {
    for (const cells of [60, 80, 120]) {
      const used = columnsFor(cells, false).reduce((sum, column) => sum + column.width + 1, 0);
      expect(used).toBe(cells - 1);
    }
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
      for (const heat of [undefined, { delta: 123_456, ticks: 5 }]) expect(width(row(ct, cells, heat)), `${ct.id}`).toBeLessThan(cells);
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
    expect(row(sampleOf(101), 120, { delta: 38, ticks: 5 })).toMatch(/! running.*0 \+38/);
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
  const titles = (descending: boolean): string => plain(composeTitles(columnsFor(80, false), { column: 'cpu', descending }, theme));
  expect(titles(true)).toContain('CPU▾');
  expect(titles(false)).toContain('CPU▴');
  expect(width(titles(true))).toBe(79);
});
