import { afterEach, describe, expect, test } from 'vitest';
import { type JournalEntry, VzError } from '../../../src/engine/index.ts';
import { FakeEngine, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

let rig: ManagerRig;
const open = (engine: FakeEngine, options: RigOptions = {}): ManagerRig => {
  rig = new ManagerRig(engine, options);
  return rig;
};
afterEach(() => rig.close());

const entry = (fields: Partial<JournalEntry> = {}): JournalEntry => ({
  at: '2024-04-30T12:00:00.000Z',
  verb: 'start',
  id: 101,
  result: 'ok',
  detail: '',
  ms: 1200,
  command: 'vzctl start 101',
  changed: [],
  program: 'vzctl',
  uid: 1000,
  user: 'anna',
  from: 'ssh 192.0.2.7',
  pid: 77,
  ...fields,
});

const withJournal = (...entries: readonly JournalEntry[]): FakeEngine => {
  const engine = new FakeEngine([sampleOf(101), stoppedOf(102)]);
  engine.journalEntries = [...entries];
  return engine;
};

describe('the journal', () => {
  test('has the newest deed first, and says all of the chosen one', async () => {
    open(withJournal(entry(), entry({ verb: 'stop', id: 102, result: 'locked', detail: 'It is locked', command: 'vzctl stop 102' }))).press(
      'J',
    );
    const lines = await rig.screen();
    const at = lines.findIndex((line) => line.includes('! stop'));
    expect(lines[at]).toMatch(/▌.*102 {2}! stop +1.2 s {2}anna +It is l/);
    expect(lines[at + 1]).toMatch(/101 {2}start +1.2 s {2}anna +vzctl /);
    expect(lines.join('\n')).toContain('locked: It is locked  (anna ssh 192.0.2.7, vzctl, process 77)');
    rig.press('j');
    expect(await rig.text()).toContain('anna ssh 192.0.2.7, vzctl, process 77');
  });

  test('opened from a container has what was done to it', async () => {
    open(withJournal(entry({ command: 'first' }), entry({ id: 102, command: 'second' }))).press('enter', 'J');
    const text = await rig.text();
    expect(text).toContain('first');
    expect(text).not.toContain('second');
    rig.press('/', 'ctrl-u', 'escape');
    expect(await rig.text()).toContain('second');
  });

  test('is looked through by words, and for what failed', async () => {
    open(
      withJournal(entry({ command: 'well' }), entry({ result: 'system', detail: 'went wrong' }), entry({ user: 'otto', command: 'his' })),
    ).press('J', '/');
    rig.type('failed');
    expect(await rig.text()).toMatch(/1 shown/);
    rig.press('ctrl-u');
    rig.type('otto');
    expect(await rig.text()).toMatch(/▌.*his/);
  });

  test('is empty with what it is for, and follows what is done while it is open', async () => {
    const engine = withJournal();
    open(engine).press('J');
    expect(await rig.text()).toContain('Nothing has been done yet.');
    engine.journalEntries = [entry()];
    rig.look();
    expect(await rig.text()).toMatch(/Journal {2}follows.*▌.*vzctl start 101/s);
  });

  test('leaves the cursor on the deed that is looked at while others come, until it is at the newest again', async () => {
    const engine = withJournal(entry({ command: 'first' }), entry({ command: 'second' }), entry({ command: 'third' }));
    open(engine).press('J', 'down', 'down', 'up');
    expect(await rig.text()).toMatch(/▌.*second/);
    engine.journalEntries.push(entry({ command: 'fourth' }));
    rig.look();
    expect(await rig.text()).toMatch(/Journal {2}Home follows again.*fourth.*third.*▌.*second.*first/s);
    rig.press('home');
    engine.journalEntries.push(entry({ command: 'fifth' }));
    rig.look();
    expect(await rig.text()).toMatch(/Journal {2}follows.*▌.*fifth/s);
  });

  test('draws hostile texts and nothing else', async () => {
    const evil = 'a\x1b[2J\u202eb\r\n';
    open(withJournal(entry({ user: evil, detail: evil, command: evil, from: evil, verb: evil, result: evil }))).press('J');
    expect(await rig.text()).not.toMatch(/\x1b|\u202e|\r/);
  });

  test.each([
    [60, 20],
    [80, 24],
    [200, 50],
    [30, 8],
    [20, 5],
  ])('fits at %ix%i', async (columns, rows) => {
    open(withJournal(...Array.from({ length: 40 }, (_, i) => entry({ id: 101 + i }))), { columns, rows }).press('J');
    const lines = await rig.screen();
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    expect(lines.join('\n')).toContain(columns < 30 ? '140' : 'start');
  });
});

describe('the line that does the same', () => {
  test('is that of a question before it is answered', () => {
    open(new FakeEngine([sampleOf(101)])).press('x', 'Y');
    expect(rig.asked).toEqual(['copy vzctl stop 101']);
    expect(rig.state.overlay?.kind).toBe('confirm');
    expect(rig.state.hint).toBe('Copied: vzctl stop 101');
  });

  test('is that of the plan of a container to be made', async () => {
    open(new FakeEngine([])).press('c', 'enter');
    await expect.poll(() => rig.state.plan).not.toBeNull();
    rig.press('Y');
    expect(rig.asked[0]).toMatch(/^copy vzctl create 101 .*\nvzctl start 101$/s);
  });

  test('is that of the chosen task, of the chosen deed, else of what was done last', async () => {
    const engine = withJournal(entry({ command: 'vzctl set 101 --name web --save' }));
    open(engine);
    rig.press('j', 's');
    await rig.manager.tasks.settled();
    rig.press('Y', 't', 'Y', 'escape', 'J', 'ctrl-y');
    expect(rig.asked).toEqual(['copy vzctl start 102', 'copy vzctl start 102', 'copy vzctl set 101 --name web --save']);
  });

  test('is that of what failed', async () => {
    const engine = new FakeEngine([stoppedOf(101)]);
    engine.fail('start', new VzError('init-died', { ct: 101, how: 'exited with 1', lines: '' }));
    open(engine).press('s');
    await rig.manager.tasks.settled();
    rig.press('e', 'Y');
    expect(rig.asked).toEqual(['copy vzctl start 101']);
  });

  test('is missed where nothing was done', () => {
    open(new FakeEngine([sampleOf(101)])).press('Y');
    expect(rig.asked).toEqual([]);
    expect(rig.state.hint).toMatch(/^Nothing that has a command line/);
  });
});
