// The container view with its tabs, and the list of all processes, over an engine in memory.
import { afterEach, describe, expect, test } from 'vitest';
import type { JournalEntry, Vitals } from '../../../src/engine/index.ts';
import { handleInput } from '../../../src/tui/app/input.ts';
import { TABS } from '../../../src/tui/store/tabs.ts';
import { placeTabs, tabBar } from '../../../src/tui/views/tab-lines.ts';
import { FakeEngine, MIB, processOf, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions, testTheme } from '../manager-rig.tsx';
import { FakeLink } from '../panes/fake-link.ts';

const VITALS: Vitals = {
  numproc: { held: 8, limit: 60, peak: 9, failcnt: 0 },
  memory: { held: 20 * MIB, limit: 256 * MIB, peak: 21 * MIB, failcnt: 0 },
  swap: { held: MIB, limit: 512 * MIB, peak: 0, failcnt: 0 },
  oomKills: 2,
  cpu: { limit: 50, units: 1000, throttled: 7 },
  pressure: { cpu: { avg10: 33.4, avg60: 10, total: 0 }, memory: null, io: { avg10: 0, avg60: 0, total: 0 } },
};

const DEED: JournalEntry = {
  at: '2024-05-01T03:10:00.000Z',
  verb: 'stop',
  id: 101,
  result: 'stop-timeout',
  detail: 'Unable to stop container: operation timed out',
  ms: 120_000,
  command: 'vzctl stop 101',
  changed: [],
  program: 'vzctl',
  pid: 4,
  uid: 0,
  user: 'ada',
  from: '10.0.0.7',
};

// Times on the screen are the reader's.
process.env['TZ'] = 'UTC';

let rig: ManagerRig;
afterEach(() => rig.close());

function open(options: RigOptions = {}): ManagerRig {
  const engine = new FakeEngine([sampleOf(101, { name: 'web' }), stoppedOf(102), sampleOf(103)]);
  engine.vitals.set(101, VITALS);
  engine.processes.set(101, [
    processOf(4001, { inner: 1, command: 'init' }),
    processOf(4002, { parent: 4001, command: 'apache2 -k start', uid: 33, cpu: 12 }),
    processOf(4003, { parent: 4002, command: 'apache2 worker', uid: null, memory: 3 * MIB }),
    processOf(4004, { parent: 4001, command: 'evil\x1b]0;owned\x07\u202e', state: 'D' }),
  ]);
  engine.processes.set(103, [processOf(4100, { ct: 103, command: 'cron -f', cpuTime: 9000 })]);
  engine.logs.set('101 console', [{ at: null, level: null, from: '', text: 'login:' }]);
  engine.logs.set('101 inside', [
    { at: Date.UTC(2024, 4, 1, 3, 0, 0), level: 6, from: 'sshd', text: 'hello' },
    { at: Date.UTC(2024, 4, 1, 3, 0, 1), level: 3, from: 'app', text: 'it broke' },
  ]);
  engine.configs.set(101, new Map([['NUMPROC', '120:120']]));
  engine.journalEntries = [DEED];
  rig = new ManagerRig(engine, options);
  return rig;
}

describe('the tabs of a container', () => {
  test('are gone through by arrows, by their numbers and by a click; another container keeps the tab', async () => {
    open().press('enter');
    for (const tab of [...TABS.slice(1), 'overview']) {
      rig.press('right');
      expect(rig.state.tab).toBe(tab);
    }
    rig.press('left');
    expect(rig.state.tab).toBe('network');
    rig.press('2');
    expect(rig.state.tab).toBe('processes');
    rig.press(']');
    expect(rig.state.views.at(-1)).toEqual({ name: 'container', ct: 102 });
    expect(rig.state.tab).toBe('processes');
    expect(await rig.text()).toContain('No process: it does not run');
    const log = placeTabs(80, 'processes').find(({ tab }) => tab === 'log');
    handleInput(rig.manager, { type: 'mouse', action: 'press', button: 'left', x: (log?.x ?? 0) + 1, y: 3 } as never);
    expect(rig.state.tab).toBe('log');
    rig.press('escape', 'enter');
    expect(rig.state.tab).toBe('overview');
  });

  test('have whole words as names on 60 columns', () => {
    const words = ['info', 'overview', 'procs', 'processes', 'console', 'log', 'params', 'parameters', 'events', 'beans', 'net', 'network'];
    for (const tab of TABS) expect(words).toEqual(expect.arrayContaining(placeTabs(60, tab).map(({ label }) => label)));
  });

  test.each([200, 80, 60, 40, 20])('fit on %i columns, the one that is shown whole', (cells) => {
    open();
    for (const tab of TABS) {
      const places = placeTabs(cells, tab);
      expect(places.every(({ x }, i) => i === 0 || x >= places[i - 1]!.x + places[i - 1]!.width)).toBe(true);
      if (cells >= 40) {
        expect(places.at(-1)!.x + places.at(-1)!.width).toBeLessThanOrEqual(cells);
        expect(tabBar(tab, cells, testTheme())).toContain(tab);
      }
    }
  });
});

test('the overview tells swap, a held-back CPU, kills and who waits; what nobody tells is a dash', async () => {
  open().press('enter');
  const text = await rig.text();
  expect(text).toMatch(/Swap .* 1\.00M of 512M/);
  expect(text).toContain('at most 50%, held back 7 times');
  expect(text).toContain('for CPU 33%, for memory –, for disk 0%');
  expect(text).toContain('2 for lack of memory');
});

describe('processes', () => {
  test('stand below those that began them, with names of users and nothing that steers a terminal', async () => {
    open().press('enter', '2');
    await expect.poll(() => rig.text()).toContain('root');
    const lines = (await rig.screen()).slice(6, 10);
    expect(lines.map((line) => line.replace(/^.*\d+:\d+ /, ''))).toEqual([
      '▾ init',
      '  ▾ apache2 -k start',
      '      apache2 worker',
      expect.stringMatching(/^ {4}evil/),
    ]);
    expect(lines[0]).toMatch(/4001 +1 root/);
    expect(lines[1]).toMatch(/4002 +2 33 .* 12%/);
    expect(lines[2]).toMatch(/4003 +3 – /);
    expect((await rig.text()).includes('\x07')).toBe(false);
  });

  test('are folded, found and sorted; the order is remembered', async () => {
    open().press('enter', '2', 'j', 'space');
    expect(await rig.text()).toContain('▸ apache2 -k start (1 below)');
    expect(await rig.text()).not.toContain('worker');
    rig.press('space', '/');
    rig.type('apache');
    expect(await rig.text()).toContain('2 shown');
    rig.press('enter');
    expect(rig.state.listing.finding).toBe(false);
    rig.press('/', 'escape');
    expect(await rig.text()).toContain('init');
    rig.press('>', '>');
    expect(rig.state.processSort).toBe('memory');
    expect((await rig.screen())[6]).toContain('apache2 worker');
  });

  test('get a signal that is chosen and confirmed; init is asked for with more care', async () => {
    open().press('enter', '2', 'j', 'K');
    expect(await rig.text()).toContain('A signal for process 4002 of container 101');
    rig.press('j', 'enter');
    expect(await rig.text()).toContain('Send HUP to process 4002 of container 101?');
    rig.press('enter');
    await expect.poll(() => rig.engine.calls).toEqual(['signal 101 4002 1']);
    await expect.poll(() => rig.text()).toContain('HUP was sent to process 4002');
    rig.press('g', 'K', 'j', 'j', 'j', 'j', 'enter');
    expect(await rig.text()).toContain('all of container 101 ends with it');
    rig.press('enter');
    expect(rig.engine.calls).toHaveLength(1);
    rig.press('n');
    expect(rig.state.overlay).toBeNull();
  });

  test('that have ended meanwhile are not hit: it is said', async () => {
    open().press('enter', '2', 'j', 'K', 'enter');
    rig.engine.processes.set(101, []);
    rig.press('enter');
    await expect.poll(() => rig.state.hint).toBe('Process 4002 is not in container 101 any more');
  });

  test('take another place in the queue for the CPU, of those that there are', async () => {
    open().press('enter', '2', 'j', 'n', 'backspace');
    rig.type('77');
    rig.press('enter');
    expect(await rig.text()).toContain('Expected a whole number from -20 to 19');
    rig.press('ctrl-u');
    rig.type('7');
    rig.press('enter');
    await expect.poll(() => rig.engine.calls).toEqual(['renice 101 4002 7']);
  });

  test('of the whole node are one list, from which a container is opened', async () => {
    open().press('P');
    expect(await rig.text()).toContain('5 in 2 containers');
    rig.press('/');
    rig.type('cron');
    rig.press('enter');
    expect((await rig.screen())[6]).toMatch(/▌103 +4100/);
    rig.press('enter');
    expect(rig.state.views.at(-1)).toEqual({ name: 'container', ct: 103 });
    expect(rig.state.tab).toBe('processes');
  });

  test('are only looked at in read-only mode', async () => {
    open({ readOnly: true }).press('enter', '2', 'K');
    expect(rig.state.overlay).toBeNull();
    expect(rig.state.hint).toContain('Read-only');
    rig.press('n');
    expect(rig.state.overlay).toBeNull();
    expect(rig.engine.calls).toEqual([]);
  });
});

describe('the log', () => {
  test('is what is logged inside, by level, and follows; its reader goes when nobody looks', async () => {
    open().press('enter', '4');
    await expect.poll(() => rig.text()).toContain('error: it broke');
    expect(await rig.text()).toContain('journal');
    rig.press('v', 'v');
    expect(await rig.text()).toContain('errors and worse');
    expect(await rig.text()).not.toContain('hello');
    rig.press('v', 'L');
    await expect.poll(() => rig.text()).toContain('login:');
    rig.press('escape');
    await expect.poll(() => rig.engine.reads).toEqual(['log 101 inside', 'log 101 closed', 'log 101 console', 'log 101 closed']);
    expect(rig.state.log.lines).toEqual([]);
  });

  test('breaks long lines when asked, with the one under the cursor on the screen, and a click meets the right one', async () => {
    open();
    const line = (i: number) => ({ at: null, level: null, from: '', text: `line${i} ${'word '.repeat(i % 3 === 0 ? 40 : 1)}end${i}` });
    rig.engine.logs.set(
      '101 inside',
      Array.from({ length: 40 }, (_, i) => line(i)),
    );
    rig.press('enter', '4');
    await expect.poll(() => rig.text()).toContain('line39');
    expect(await rig.text()).not.toContain('end39');
    rig.press('w');
    expect(await rig.text()).toMatch(/line36.*end36.*line37.*line38.*line39.*end39/s);
    rig.press(...Array<string>(12).fill('up'));
    expect(await rig.text()).toMatch(/▌line27/);
    expect(await rig.text()).toContain('end27');
    const y = (await rig.screen()).findIndex((text) => text.includes('line26'));
    rig.click(3, y);
    expect(await rig.text()).toMatch(/▌line26/);
    for (let i = 0; i < 45; i++) rig.press('up');
    expect(await rig.text()).toMatch(/▌line0/);
    rig.press('w');
    expect(await rig.text()).toMatch(/▌line0 .*…/);
  });

  test('of a container that does not run says so, with what there is instead', async () => {
    open().press('j', 'enter', '4');
    await expect.poll(() => rig.text()).toContain('Container is not running');
    expect(await rig.text()).toContain('L shows what its console has printed');
  });

  test('sends no program in where nothing may be changed', async () => {
    open({ readOnly: true }).press('enter', '4');
    await expect.poll(() => rig.text()).toContain('Read-only: no program is sent in');
    expect(rig.engine.reads).toEqual([]);
  });
});

test('a click where a log has no line yet does nothing', async () => {
  rig = new ManagerRig(new FakeEngine([stoppedOf(101)]));
  rig.press('enter', '3');
  rig.press('w');
  for (let y = 5; y < 20; y++) rig.click(5, y);
  expect(rig.state.tab).toBe('console');
});

test('events are the deeds of the journal and what nobody did, the newest first', async () => {
  open();
  rig.engine.put(sampleOf(101, { name: 'web', numproc: { held: 60, limit: 60, failcnt: 9 } }));
  rig.look();
  rig.press('enter', '6');
  const text = await rig.text();
  expect(text).toMatch(/refused 9 forks.*stop by ada from 10\.0\.0\.7 failed: Unable to stop/s);
});

test('a container is frozen after a question, and thawed at once', async () => {
  open().press('enter', 'z');
  expect(await rig.text()).toContain('8 processes in it stand still');
  rig.press('enter');
  await rig.manager.tasks.settled();
  rig.press('Z');
  await rig.manager.tasks.settled();
  expect(rig.engine.calls).toEqual(['freeze 101', 'thaw 101']);
});

test.each([
  [80, 24],
  [60, 20],
  [200, 50],
  [40, 9],
  [20, 5],
  [20, 2],
])('every tab draws on %i×%i, and no line is wider', async (columns, rows) => {
  open({ columns, rows });
  rig.engine.consoles.set(101, new FakeLink());
  rig.press('enter');
  for (const key of ['1', '2', '3', '4', '5', '6']) {
    rig.press(key);
    const screen = await rig.screen();
    expect(screen.length).toBeLessThanOrEqual(rows);
    for (const line of screen) expect(line.length).toBeLessThanOrEqual(columns);
  }
});
