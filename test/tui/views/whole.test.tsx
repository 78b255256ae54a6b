// The whole manager over an engine in memory: what people see on the way through its screens.
import { afterEach, describe, expect, test } from 'vitest';
import { VzError } from '../../../src/engine/index.ts';
import { footerOf, helpOf } from '../../../src/tui/keys/legend.ts';
import { UNICODE_GLYPHS } from '../../../src/tui/screen/glyphs.ts';
import { width } from '../../../src/tui/screen/text.ts';
import { COLUMN_IDS } from '../../../src/tui/store/columns.ts';
import { FakeEngine, MIB, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

let rig: ManagerRig;
const open = (
  containers: ReturnType<typeof sampleOf>[] = [],
  options: RigOptions = {},
  engine = new FakeEngine(containers),
): ManagerRig => {
  rig = new ManagerRig(engine, options);
  return rig;
};
afterEach(() => rig.close());

const three = [
  sampleOf(101, { name: 'web', numproc: { held: 60, limit: 60, failcnt: 0 }, cpu: 12 }),
  sampleOf(102, { name: 'db', cpu: 80 }),
  stoppedOf(103, { name: 'old', trouble: 'Init exited with 127 one minute after its start' }),
];

describe('the table', () => {
  test('answers who needs somebody', async () => {
    const text = await open(three).text();
    expect(text).toMatch(/node7 .* 3 CTs, 2 up, 1 failed/);
    expect(text).toMatch(/▌101 +web +! running/);
    expect(text).toMatch(/103 +old +! failed +Init exited with 127/);
  });

  test('sorts by what is chosen while the cursor stays on its container', async () => {
    open(three).press('j', '>', '>', '>', '>', '>');
    const lines = await rig.screen();
    expect(lines.find((line) => line.includes('CPU▾'))).toBeDefined();
    expect(lines.findIndex((line) => line.includes(' db '))).toBeLessThan(lines.findIndex((line) => line.includes(' web ')));
    expect(lines.find((line) => line.includes(' db '))).toMatch(/^▌/);
    rig.press('R');
    expect(await rig.text()).toContain('CPU▴');
  });

  test('tells which part of it is on the screen, where not all of it is', async () => {
    open(Array.from({ length: 40 }, (_, i) => sampleOf(101 + i)));
    expect(await rig.text()).toMatch(/─ 1-18 of 40 ─$/m);
    rig.press('G');
    expect(await rig.text()).toMatch(/─ 23-40 of 40 ─$/m);
    rig.press('/', '1', '1', 'enter');
    expect(await rig.text()).toMatch(/^─ \/11 {2}\d+ of 40 shown ─+$/m);
  });

  test('filters as one types, tells how many are left, and Escape shows all again', async () => {
    open(three).press('/');
    rig.type('db');
    expect(await rig.text()).toMatch(/\/db.*1 of 3 shown/);
    expect(await rig.text()).not.toContain(' web ');
    rig.press('enter');
    expect(await rig.text()).toMatch(/─ \/db {2}1 of 3 shown ─/);
    rig.press('escape');
    expect(await rig.text()).toContain(' web ');
  });

  test('types every letter into the filter, also those that are keys', async () => {
    open(three).press('/');
    rig.type('q x?');
    expect(rig.state.filter.text).toBe('q x?');
    expect(await rig.text()).toContain('No container matches');
    expect(rig.asked).toEqual([]);
  });

  test('shows the container beside it where there is room', async () => {
    open(three, { columns: 200, rows: 50 });
    expect(await rig.text()).toMatch(/│ +101 web .*running/);
    expect(await rig.text()).toMatch(/│ +Processes .*60 of 60/);
  });
});

describe('beginnings have their screens', () => {
  test('no container yet', async () => {
    const text = await open().text();
    expect(text).toContain('No containers yet.');
    expect(text).toMatch(/c +make one from busybox/);
    expect(text).toContain('vzctl create 101 && vzctl start 101');
  });

  test('no template yet', async () => {
    const engine = new FakeEngine();
    engine.templateNames = [];
    const text = await open([], {}, engine).text();
    expect(text).toContain('No template yet.');
    expect(text).toMatch(/B +build one/);
    expect(text).toMatch(/^ +\/mnt\/vz\/template\/cache$/m);
    rig.press('c');
    expect(rig.state.hint).toMatch(/no template yet/);
  });

  test('a template that has been built is what a container can be made from', async () => {
    expect(await open([], {}, new FakeEngine()).text()).toMatch(/c +make one from busybox or debian-12\n *B +build another template/);
  });

  test('what is missing on the node takes the place of a next step that would fail', async () => {
    const engine = new FakeEngine();
    engine.obstacleList = [{ what: 'The memory controller is not mounted', remedy: 'Boot with cgroup_enable=memory', fatal: true }];
    const text = await open([], {}, engine).text();
    expect(text).toContain('! The memory controller is not mounted');
    expect(text).toContain('Boot with cgroup_enable=memory');
    expect(text).not.toContain('No containers yet');
  });

  test('what is missing for one thing only is told beside the next step', async () => {
    const engine = new FakeEngine();
    engine.obstacleList = [
      { what: 'Not installed: mmdebstrap, which builds templates', remedy: 'Type apt-get install mmdebstrap', fatal: false },
    ];
    const screen = await open([], {}, engine).screen();
    const at = (text: string): number => screen.findIndex((line) => line.includes(text));
    expect(at('No containers yet.')).toBeGreaterThan(0);
    expect(at('! Not installed: mmdebstrap')).toBeGreaterThan(at('No containers yet.'));
    expect(at('Type apt-get install mmdebstrap')).toBe(at('! Not installed: mmdebstrap') + 1);
  });

  test('nothing is known yet, or the node can not be looked at', async () => {
    expect(await open([], { blind: true }).text()).toContain('Looking at the node');
    rig.manager.store.setState({ sampleTrouble: 'Permission denied' });
    expect(await rig.text()).toContain('Permission denied');
    rig.look();
    expect(await rig.text()).not.toContain('Permission denied');
    rig.manager.store.setState({ sampleTrouble: 'Permission denied' });
    expect(await rig.text()).toContain("! The node can't be looked at: Permission denied");
  });

  test('the engine can not be loaded', async () => {
    open([], { blind: true });
    rig.manager.store.setState({
      engine: { failed: { code: 'system', message: 'vz.conf: EACCES', remedy: 'Start it as root', fields: {} } },
    });
    expect(await rig.text()).toContain('vz.conf: EACCES');
    expect(await rig.text()).toContain('Start it as root');
  });
});

describe('a failed start', () => {
  test('stays on the screen until it is dismissed, and is explained', async () => {
    open([stoppedOf(105, { name: 'lab' })]);
    rig.engine.fail(
      'start',
      new VzError('launch-failed', { stage: 'inside', index: 14, op: 'exec', syscall: 'execve', path: '/sbin/init', errno: 'ENOENT' }),
    );
    rig.press('s');
    await rig.manager.tasks.settled();
    expect(await rig.text()).toMatch(/! start 105 lab failed: execve \/sbin\/init: ENOENT .*e why {2}Esc dismiss/);
    rig.press('e');
    const why = await rig.text();
    expect(why).toContain('! start 105 lab failed');
    expect(why).toMatch(/The kernel said +ENOENT from execve for \/sbin\/init/);
    expect(why).toMatch(/look into the tree +vzctl mount 105/);
    rig.press('d', 'escape');
    expect(await rig.text()).not.toContain('! start 105');
    expect(await rig.text()).toMatch(/\d {2}start 105 lab failed: execve \/sbin\/init: ENOENT/);
  });

  test('is still among the tasks with its cause, when it has become moot and left the foot', async () => {
    open([stoppedOf(105, { name: 'lab' })]);
    rig.engine.fail('start', new VzError('locked', { ct: 105, pid: 7, verb: 'backup' }));
    rig.press('s');
    await rig.manager.tasks.settled();
    expect(await rig.text()).toContain('! start 105 lab failed: ');
    rig.press('s');
    await rig.manager.tasks.settled();
    expect(await rig.text()).not.toContain('! start 105');
    rig.press('t', 'j');
    const tasks = await rig.text();
    expect(tasks).toMatch(/^ \S+ +start 105 lab +done /m);
    expect(tasks).toMatch(/^▌\S+ +start 105 lab +failed /m);
    expect(tasks).toContain('Container 105 is locked by pid 7 (backup)');
    expect(tasks).toContain('Wait for it to end');
    rig.press('enter');
    expect(await rig.text()).toMatch(/What was said +Container 105 is locked/);
  });

  test('shows only keys that lead on from there', async () => {
    open([stoppedOf(105), stoppedOf(106, { trouble: 'Init exited with 127' })]);
    rig.engine.fail('start', new VzError('no-private', { path: '/vz/private/105' }));
    rig.press('s');
    await rig.manager.tasks.settled();
    const foot = async (): Promise<string> => (await rig.screen()).find((line) => line.startsWith(' ! start 105 failed')) ?? '';
    expect(await foot()).toMatch(/e why {2}Esc dismiss$/);
    rig.press('j');
    expect(await foot()).toMatch(/Esc dismiss {2}t tasks$/);
    rig.press('k', 'enter');
    expect(await foot()).toMatch(/e why {2}t tasks$/);
    rig.press('t');
    expect(await foot()).toMatch(/exist$/);
    rig.press('escape', 'escape', 'c');
    expect(await foot()).toMatch(/exist$/);
  });

  test('is also a shell or a console that could not be opened', async () => {
    open([sampleOf(101, { name: 'web' })]);
    rig.press('C');
    await expect.poll(() => rig.state.tasks.length).toBe(1);
    expect(await rig.text()).toMatch(/! console 101 web failed: Container is not running .*e why {2}Esc dismiss/);
    rig.press('j', 'k');
    expect(await rig.text()).toContain('! console 101 web failed');
    rig.press('e');
    expect(await rig.text()).toContain('! console 101 web failed');
    rig.press('d', 'escape');
    expect(await rig.text()).not.toContain('! console');
  });

  test('is scrolled where not all of it fits, and comes back at once from its end', async () => {
    open([stoppedOf(105, { trouble: 'Init exited with 127' })], { columns: 40, rows: 10 });
    rig.engine.setOutcome(105, { at: 0, trouble: 'Init exited with 127', lines: ['sh: /bin/app: not found'], reboots: 0 });
    rig.press('e');
    expect(await rig.text()).not.toContain('/bin/app');
    rig.press('G');
    expect(await rig.text()).toContain('sh: /bin/app: not found');
    const end = await rig.text();
    rig.press('k');
    expect(await rig.text()).not.toBe(end);
  });

  test('of a container that ended before the manager came tells its last lines', async () => {
    open([stoppedOf(105, { trouble: 'Init exited with 127' })]);
    rig.engine.setOutcome(105, { at: 0, trouble: 'Init exited with 127', lines: ['sh: /bin/app: not found'], reboots: 0 });
    rig.press('e');
    expect(await rig.text()).toContain('sh: /bin/app: not found');
  });
});

describe('a task', () => {
  test('shows how far it is, can be cancelled, and is remembered', async () => {
    open([stoppedOf(101, { name: 'web' })]);
    const gate = rig.engine.hold('start');
    rig.press('s');
    expect(await rig.text()).toMatch(/start 101 web {2}start begins .* t tasks/);
    rig.press('t');
    expect(await rig.text()).toMatch(/start 101 web .*runs/);
    expect(await rig.text()).toContain('the same as  vzctl start 101');
    rig.press('x');
    await rig.manager.tasks.settled();
    expect(await rig.text()).toMatch(/start 101 web .*cancelled/);
    gate.open();
  });
});

test('a shell that is being opened says so, and that keys are no longer those of the table', async () => {
  open([sampleOf(101, { name: 'web' })]);
  const gate = rig.engine.hold('enter');
  rig.press('i');
  expect((await rig.screen()).slice(-2)).toEqual([' Opening a shell in 101 web', ' Ctrl-] gives up  every other key is kept for it']);
  gate.open();
  await expect.poll(() => rig.state.typing).toBe(true);
  expect((await rig.screen()).slice(-2)).toEqual(['', ' Ctrl-] leaves the pane  every other key is for the program in it']);
  rig.manager.panes.closeAll();
});

test('what a task says again and again with other figures is one line of it', async () => {
  open(three).press('t');
  const order = { title: 'build template x', verb: 'template', ct: null, command: '', done: '' };
  await rig.manager.tasks.run(order, async ({ report }) => {
    for (const text of [
      'Fetching (1.0 MB, 1 s)',
      'Fetching (2.0 of 3.0 MB, 2 s)',
      'Fetching (2.5 of 3.0 MB, 3 s)',
      'Packing (3.0 MB, 4 s)',
    ])
      report?.({ level: 1, text });
  });
  const text = await rig.text();
  expect(text).toContain('Fetching (1.0 MB, 1 s)');
  expect(text).not.toContain('Fetching (2.0 of');
  expect(text).toContain('Fetching (2.5 of 3.0 MB, 3 s)');
  expect(text).toContain('Packing (3.0 MB, 4 s)');
});

describe('a limit that is reached', () => {
  const full = (failcnt: number) => sampleOf(104, { name: 'forks', numproc: { held: 24, limit: 24, failcnt } });

  test('is told in the foot, and explained on its row with the line that would help', async () => {
    open([full(1000)]);
    rig.engine.put(full(1038));
    rig.look();
    expect(await rig.text()).toContain('104 forks refused 38 forks at numproc 24 in the last');
    expect(await rig.text()).toContain('e explain');
    rig.press('e');
    await expect.poll(() => rig.text()).toMatch(/▌numproc +! .* 24 .*1038/);
    const page = await rig.text();
    expect(page.replace(/\s+/g, ' ')).toMatch(/numproc counts processes and threads. At the limit fork\(\) fails with EAGAIN/);
    expect(page.replace(/\s+/g, ' ')).toMatch(/24 of 24 held, 24 at most; refused 1.04k times/);
    expect(page).toContain('vzctl set 104 --numproc 36 --save');
    // what was opened last is closed first
    rig.press('escape');
    const closed = await rig.text();
    expect(closed).toMatch(/▌numproc +! .* 24 .*1038/);
    expect(closed).not.toContain('EAGAIN');
    rig.press('escape');
    expect(await rig.text()).toMatch(/▌104 +forks/);
  });

  test('of memory names the option in megabytes', async () => {
    open([sampleOf(103, { memory: { held: 32 * MIB, limit: 32 * MIB, failcnt: 7 } })]).press('e');
    await expect.poll(() => rig.text()).toContain('vzctl set 103 --ram 48M --save');
  });

  test('is explained from the last event where nothing is wrong with the container under the cursor', async () => {
    open([sampleOf(101), full(1000)]);
    rig.engine.put(full(1038));
    rig.look();
    rig.press('e');
    await expect.poll(() => rig.text()).toMatch(/104 forks .*\n.* beans/);
  });

  test('is nothing to explain where none is', () => {
    open([sampleOf(101)]).press('e');
    expect(rig.state.hint).toBe('Nothing has failed here');
  });
});

describe('the foot', () => {
  test('names what can be done before what cannot, also where little fits', async () => {
    open(three, { columns: 40, rows: 8 });
    expect((await rig.screen()).at(-1)).toMatch(/^ ↵ open {2}e why {2}x stop/);
    rig.press('enter');
    expect((await rig.screen()).at(-1)).toMatch(/x stop/);
    expect((await rig.screen()).at(-1)).not.toMatch(/s start/);
  });

  test('has room for all of them on a wide screen', async () => {
    open(three, { columns: 200, rows: 50 });
    for (const key of ['r restart', 'C console', 'D destroy', 't tasks', 'p panes', 'q quit'])
      expect((await rig.screen()).at(-1)).toContain(key);
  });

  test('tells how many panes are open', async () => {
    open(three).press('i');
    await expect.poll(() => rig.state.panes.length).toBe(1);
    expect(footerOf(rig.state, UNICODE_GLYPHS, 'table').map(({ key, label }) => `${key} ${label}`)).toContain('p panes (1)');
  });
});

test('a wide screen keeps the columns of a task together', async () => {
  open(three, { columns: 200, rows: 50 }).press('r', 'enter');
  await rig.manager.tasks.settled();
  rig.press('t');
  const line = (await rig.screen()).find((one) => one.includes('restart 101')) ?? '';
  expect(line.length).toBeGreaterThan(80);
  expect(line.length).toBeLessThanOrEqual(110);
});

test('a container that waits for its next start says when, on both screens', async () => {
  open([]);
  rig.engine.put(stoppedOf(101, { name: 'web', restartAt: rig.engine.tick().at + 8000 }));
  rig.look();
  expect(await rig.text()).toMatch(/▌101 +web +stopped +restarts in 8s/);
  rig.press('enter');
  expect(await rig.text()).toMatch(/101 web +stopped {2}restarts in 8s/);
});

test('a container that does not run shows what it may have when it does', async () => {
  open([stoppedOf(101), stoppedOf(102)]);
  rig.engine.configs.set(
    101,
    new Map([
      ['NUMPROC', '300:300'],
      ['PHYSPAGES', '0:65536'],
    ]),
  );
  rig.press('enter');
  await expect.poll(async () => rig.text()).toMatch(/Processes +at most 300\n Memory +at most 256M/);
  rig.press('j');
  await expect.poll(async () => rig.text()).toMatch(/\n\n Memory +no limit/);
});

describe('the create form', () => {
  test('says beside the field what is wrong while one types', async () => {
    open(three).press('c');
    rig.type('web');
    expect(await rig.text()).toMatch(/Name +web +! web is the name of 101/);
    rig.press('enter');
    expect(rig.state.plan).toBeNull();
    expect(rig.state.hint).toBe('Name: web is the name of 101');
  });

  test('shows what will be done, does it, starts it and goes to it', async () => {
    open(three).press('c');
    rig.type('new');
    rig.press('tab', 'tab', 'tab');
    rig.type('120');
    expect(await rig.text()).toContain('vzctl set 104 --numproc 120 --save');
    rig.press('enter');
    await expect.poll(() => rig.state.plan).not.toBeNull();
    expect(await rig.text()).toContain('This will be done for 104 new');
    expect(await rig.text()).toMatch(/mkdir +\/vz\/private\/104/);
    expect(await rig.text()).toMatch(/clone +init of 104/);
    rig.press('enter');
    await expect.poll(() => rig.engine.calls).toContain('start 104');
    await rig.manager.tasks.settled();
    expect(rig.engine.calls[0]).toBe('create 104 {"ostemplate":"busybox","layout":"simfs","values":{"NAME":"new","NUMPROC":"120"}}');
    expect(await rig.text()).toMatch(/▌104 +new +running/);
  });

  test('plans no start that it will not do', async () => {
    open(three).press('c');
    // from the name over template and CTID to the last field
    rig.press('up', 'up', 'up', 'right', 'enter');
    await expect.poll(() => rig.state.plan).not.toBeNull();
    expect(await rig.text()).toMatch(/mkdir +\/vz\/private\/104/);
    expect(await rig.text()).not.toContain('init of 104');
    rig.press('enter');
    await rig.manager.tasks.settled();
    expect(rig.engine.calls.filter((call) => call.startsWith('start'))).toEqual([]);
  });

  test('takes a paste as one line, and letters that are keys elsewhere', async () => {
    open(three).press('c');
    rig.paste('one\ntwo');
    expect(rig.state.form?.inputs.name.text).toBe('one two');
    rig.type('q?T');
    expect(rig.state.form?.inputs.name.text).toBe('one twoq?T');
    rig.press('escape');
    expect(rig.state.form).toBeNull();
  });

  test.each([19, 24, 40])('does not move while one types, whatever is said below, in %i lines', async (rows) => {
    open(three, { rows }).press('c');
    const places = async (): Promise<readonly number[]> => {
      const lines = await rig.screen();
      return ['New container', 'Template', 'Name', 'CPU units', 'Start it'].map((text) => lines.findIndex((line) => line.includes(text)));
    };
    const before = await places();
    rig.type('a name that is no name/');
    expect(await places()).toEqual(before);
    rig.press('tab');
    rig.type('-');
    expect(await places()).toEqual(before);
    if (rows > 19) expect((await rig.text()).match(/! (Name|Host name): /g)).toHaveLength(2);
  });

  test('offers no choice among one', async () => {
    open(three);
    rig.engine.templateNames = ['busybox'];
    rig.press('c', 'up', 'up');
    const line = (await rig.screen()).find((one) => one.includes('Template'));
    expect(line).toMatch(/^▌Template +busybox +1 of 1$/);
  });

  test('keeps the focused field in sight on a low screen', async () => {
    open(three, { rows: 14 }).press('c');
    for (let i = 0; i < 12; i++) {
      const label = rig.state.form?.focus;
      expect(
        (await rig.screen()).some((line) => line.startsWith('▌')),
        label,
      ).toBe(true);
      rig.press('tab');
    }
  });
});

describe('help', () => {
  test('begins with what is wrong in files of the person, each whole', async () => {
    const fault = 'keys.json, line 4: f7 is taken by "why" in table; it has no key now, : finds it';
    open(three).manager.store.setState({ faults: [fault, 'keys.json, line 5: it is no key'] });
    rig.press('?');
    const text = (await rig.text()).replace(/[│\s]+/g, ' ');
    expect(text).toContain(`Wrong in files of your own ! ${fault} ! keys.json, line 5: it is no key`);
  });

  test.each([
    ['panes', 'Shift-← '],
    ['panes', 'H Ctrl-← '],
    ['create', 'Shift-Tab ↑ '],
    ['table', ' Ctrl-P '],
  ] as const)('of %s writes keys as people read them: %s', (mode, keys) => {
    open(three);
    expect(helpOf(rig.state, UNICODE_GLYPHS, mode).some((line) => ` ${line.keys} `.includes(keys))).toBe(true);
    expect(helpOf(rig.state, UNICODE_GLYPHS, mode).filter((line) => /(ctrl|shift|alt)-/.test(line.keys))).toEqual([]);
  });

  test('lists the keys of the screen below; what does nothing now is dim, and its key says why', async () => {
    open(three, { rows: 60, columns: 120 }).press('?');
    expect(await rig.text()).toContain('Keys of the table');
    expect(await rig.text()).toContain('dim: not now, its key says why');
    const possible = new Map(helpOf(rig.state, UNICODE_GLYPHS, 'table').map((line) => [line.text, line.possible]));
    expect(possible.get('Starts the container')).toBe(false);
    expect(possible.get('Shuts the container down')).toBe(true);
    rig.resize(80, 24);
    await expect.poll(() => rig.state.size.rows).toBe(24);
    rig.press('G');
    expect(await rig.text()).toContain('│ here.');
    rig.press('k');
    expect(await rig.text()).not.toContain('│ here.');
    rig.press('escape', 's');
    expect(await rig.text()).toContain('101: Container is already running');
    rig.press('enter', '?');
    expect(await rig.text()).toContain('Keys of a container');
  });
});

describe('every screen', () => {
  const ways: Readonly<Record<string, (r: ManagerRig) => void>> = {
    table: () => {},
    filter: (r) => r.press('/', 'w'),
    empty: (r) => r.press('/', 'z', 'z'),
    container: (r) => r.press('enter'),
    stopped: (r) => r.press('G', 'enter'),
    why: (r) => r.press('G', 'e'),
    tasks: (r) => r.press('t'),
    create: (r) => r.press('c'),
    help: (r) => r.press('?'),
    confirm: (r) => r.press('x'),
    template: (r) => r.press('B'),
    mouse: (r) => r.press('M'),
    columns: (r) => r.press('|', 'down', 'down'),
    'columns found': (r) => {
      r.press('|');
      r.type('limit memory');
    },
    'no column': (r) => {
      r.press('|');
      r.type('zzz');
    },
    'a filter not understood': (r) => {
      r.press('/');
      r.type('mem>much 漢:');
    },
    'help of the filter': (r) => r.press('/', 'f1', 'end'),
    marked: (r) => r.press('space', 'A', 'H', '-', '>'),
    'marked, asked': (r) => r.press('A', 'D'),
    'marked, at work': (r) => r.press('A', 'X', 'y', 'down'),
    'no result yet': (r) => r.manager.store.setState({ views: [{ name: 'table' }, { name: 'bulk', chosen: 0 }] }),
    'every column': (r) => {
      r.manager.store.setState({ columns: COLUMN_IDS.toReversed() });
      r.look();
    },
  };
  const hostile = [
    ...three,
    sampleOf(2_147_483_644, {
      name: '\x1b[2J\u202e漢字'.repeat(60),
      hostname: 'h'.repeat(255),
      description: '漢'.repeat(255),
      ips: Array(40).fill('10.0.0.1'),
    }),
    stoppedOf(200, { name: '\n\n', trouble: 'x'.repeat(255) }),
  ];

  /** What configs say is as foreign as names are. */
  const hostileConfigs = ({ engine }: ManagerRig): void => {
    for (const { id } of hostile)
      engine.configs.set(
        id,
        new Map(['MOUNT_OPTS', 'NAMESERVER', 'NETFILTER', 'ORIGIN_SAMPLE'].map((key) => [key, '\x1b[2J\u202e漢字\x07'])),
      );
  };

  for (const [columns, rows] of [
    [60, 20],
    [80, 24],
    [120, 40],
    [200, 50],
    [40, 8],
    [41, 13],
  ] as const)
    for (const ascii of [false, true])
      test.each(Object.keys(ways))(`at ${columns}x${rows} ${ascii ? 'in ASCII' : 'in UTF-8'}: %s stays on it`, async (name) => {
        open(hostile, { columns, rows, ascii });
        hostileConfigs(rig);
        ways[name]?.(rig);
        const lines = await rig.screen();
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(width(line), line).toBeLessThanOrEqual(columns);
        expect(lines.join('').trim()).not.toBe('');
        if (ascii) expect(lines.join('\n').replace(/[漢字]/g, '')).toMatch(/^[\x20-\x7e\n]*$/);
        expect(lines.join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
      });

  for (const [columns, rows] of [
    [39, 24],
    [80, 7],
    [20, 4],
    [10, 3],
    [3, 2],
    [1, 1],
  ] as const)
    test.each(Object.keys(ways))(`is drawn as far as it fits at ${columns}x${rows}: %s`, async (name) => {
      open(hostile, { columns, rows });
      ways[name]?.(rig);
      const lines = await rig.screen();
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect(width(line), line).toBeLessThanOrEqual(columns);
      rig.press('escape', 'j', 'k');
    });

  test.each([
    [20, 4],
    [12, 3],
    [30, 1],
  ])('at %ix%i is the container under the cursor with its state', async (columns, rows) => {
    open(three, { columns, rows });
    expect(await rig.text()).toMatch(/▌101 .*ru/);
    rig.press('j');
    expect(await rig.text()).toMatch(/▌102 .*ru/);
  });

  test.each([
    [39, 24],
    [80, 7],
    [1, 1],
    [10, 3],
  ])('is whole again after %ix%i', async (columns, rows) => {
    open(three, { columns, rows });
    rig.press('j');
    rig.resize(80, 24);
    await expect.poll(() => rig.state.size).toEqual({ columns: 80, rows: 24 });
    expect(await rig.text()).toMatch(/▌102 +db/);
  });
});

test('a theme is another look of the same words', async () => {
  open(three, { depth: 'true' });
  const before = await rig.text();
  rig.press('T');
  expect(rig.state.theme).toBe('light');
  rig.press('T', 'T', 'T', 'k');
  expect(rig.state.theme).toBe('default');
  expect(await rig.text()).toBe(before);
});

test('the mouse moves the cursor by wheel and click, and a click on the row opens it', async () => {
  const { handleInput } = await import('../../../src/tui/app/input.ts');
  open(three);
  const mouse = { type: 'mouse', button: 'left', x: 10 } as const;
  handleInput(rig.manager, { ...mouse, action: 'wheel-down', button: 'none', y: 3 });
  expect(rig.state.cursor.ct).toBe(102);
  handleInput(rig.manager, { ...mouse, action: 'press', y: 5 });
  expect(rig.state.cursor.ct).toBe(103);
  handleInput(rig.manager, { ...mouse, action: 'press', y: 20 });
  expect(rig.state.cursor.ct).toBe(103);
  handleInput(rig.manager, { ...mouse, action: 'press', y: 5 });
  expect(rig.state.views.at(-1)).toEqual({ name: 'container', ct: 103 });
});
