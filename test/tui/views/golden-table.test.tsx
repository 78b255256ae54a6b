// The table, its dialog of columns, the question about marked containers and what became of them, as people see them: test/tui/golden.
// `vitest -u` writes them anew; look at them before they are kept.
import { expect, test } from 'vitest';
import { lineInput } from '../../../src/tui/forms/line-input.ts';
import { askMarked } from '../../../src/tui/keys/marked.ts';
import type { Theme } from '../../../src/tui/screen/theme.ts';
import type { ManagerState } from '../../../src/tui/store/state.ts';
import { bulkLines } from '../../../src/tui/views/bulk-lines.ts';
import { columnsLines } from '../../../src/tui/views/columns.tsx';
import { questionLines } from '../../../src/tui/views/confirm.tsx';
import { tableLines } from '../../../src/tui/views/table-lines.ts';
import { FakeEngine, MIB, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, testTheme } from '../manager-rig.tsx';

const CONTAINERS = [
  sampleOf(101, {
    name: 'web',
    hostname: 'web.example.org',
    ips: ['10.0.0.101'],
    numproc: { held: 60, limit: 60, failcnt: 412 },
    memory: { held: 212 * MIB, limit: 512 * MIB, failcnt: 0 },
    cpu: 12,
    uptime: 41 * 86_400,
  }),
  sampleOf(102, {
    name: 'db',
    hostname: 'db.example.org',
    ips: ['10.0.0.102'],
    memory: { held: 1700 * MIB, limit: 2048 * MIB, failcnt: 0 },
  }),
  sampleOf(103, { name: 'mail', cpu: 0.2, uptime: 3 * 86_400, numproc: { held: 14, limit: null, failcnt: 7 } }),
  sampleOf(104, { name: 'lab-01', state: 'frozen' }),
  stoppedOf(105, { name: 'lab-02', trouble: 'Init exited with 127' }),
  sampleOf(106, { name: '漢字の名前', unattended: true, layout: 'overlay' }),
  stoppedOf(107, { name: 'old', ostemplate: 'debian-12' }),
];

const failure = { code: 'init-died', message: 'Init exited with 127', remedy: 'Look at its console', fields: {} };
const BULK: ManagerState['bulk'] = {
  id: 1,
  action: 'start',
  title: 'start',
  startedAt: 0,
  endedAt: 4200,
  cancelled: false,
  items: [
    { ct: 101, label: '101 web', state: 'done', task: null, failure: null },
    { ct: 105, label: '105 lab-02', state: 'failed', task: null, failure },
    { ct: 107, label: '107 old', state: 'cancelled', task: null, failure: null },
  ],
};

const SCREENS: Readonly<Record<string, (state: ManagerState, columns: number, rows: number, theme: Theme) => readonly string[]>> = {
  table: tableLines,
  'table-of-fields': (state, columns, rows, theme) =>
    tableLines({ ...state, columns: ['ctid', 'numproc.b', 'hostname', 'kmemsize.l', 'onboot', 'mem'] }, columns, rows, theme),
  columns: (state, columns, _rows, theme) =>
    columnsLines(
      { ...state, overlay: { kind: 'columns', input: lineInput(), chosen: 3 } },
      lineInput(),
      3,
      Math.min(70, columns - 4),
      theme,
    ),
  'marked-question': (state, columns, _rows, theme) => {
    const question = askMarked({ ...state, marks: new Set(CONTAINERS.map((ct) => ct.id)) }, 'stop');
    return question === null ? [] : questionLines(question, Math.min(64, columns - 4), theme);
  },
  'marked-result': (state, columns, rows, theme) =>
    bulkLines({ ...state, bulk: BULK, views: [{ name: 'bulk', chosen: 0 }] }, 0, columns, rows, theme),
};

const SIZES = [
  [60, 20],
  [80, 24],
  [120, 40],
  [200, 50],
] as const;
const THEMES: Readonly<Record<string, Theme>> = {
  'without colour': testTheme('default', 'mono'),
  ASCII: testTheme('default', 'mono', true),
  '256 colours': testTheme('default', '256'),
};

const visible = (line: string): string => line.replaceAll('\x1b', '␛').trimEnd();
const plain = (line: string): string => line.replace(/\x1b\[[\d;]*m/g, '').trimEnd();

test.each(Object.keys(SCREENS))('%s', async (name) => {
  const engine = new FakeEngine(CONTAINERS);
  engine.configs.set(
    101,
    new Map([
      ['ONBOOT', 'yes'],
      ['NUMPROC', '60:60'],
      ['KMEMSIZE', '14372700:14790164'],
    ]),
  );
  const parts: string[] = [];
  for (const [columns, rows] of SIZES)
    for (const [look, theme] of Object.entries(THEMES)) {
      // What is painted is kept once, at the size that everybody has.
      if (look === '256 colours' && columns !== 80) continue;
      const rig = new ManagerRig(engine, {
        columns,
        rows,
        settings: { columns: name === 'table-of-fields' ? ['numproc.b', 'kmemsize.l', 'onboot'] : null },
      });
      rig.press('j', 'space');
      const lines = SCREENS[name]?.(rig.state, columns, rows - 5, theme) ?? [];
      parts.push(`${columns}×${rows}, ${look}`, ...lines.map(look === '256 colours' ? visible : plain), '');
      rig.close();
    }
  await expect(parts.join('\n')).toMatchFileSnapshot(`../golden/${name}.txt`);
});
