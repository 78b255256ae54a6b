// The form of a container's parameters over an engine in memory: what is typed, offered, kept, looked at, saved and taken back.
import { afterEach, describe, expect, test } from 'vitest';
import { type Vitals, VzError } from '../../../src/engine/index.ts';
import { formRows } from '../../../src/tui/store/parameters.ts';
import { FakeEngine, MIB, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

const VITALS: Vitals = {
  numproc: { held: 8, limit: 60, peak: 20, failcnt: 0 },
  memory: { held: 20 * MIB, limit: 256 * MIB, peak: 21 * MIB, failcnt: 0 },
  swap: { held: MIB, limit: 512 * MIB, peak: 0, failcnt: 0 },
  oomKills: 0,
  cpu: { limit: 50, units: 1000, throttled: 0 },
  pressure: { cpu: null, memory: null, io: null },
};

let rig: ManagerRig;
afterEach(() => rig.close());

async function open(options: RigOptions = {}): Promise<ManagerRig> {
  const engine = new FakeEngine([sampleOf(101, { name: 'web' }), stoppedOf(102), sampleOf(103)]);
  engine.vitals.set(101, VITALS);
  engine.configs.set(
    101,
    new Map([
      ['NUMPROC', '120'],
      ['PHYSPAGES', '0:65536'],
      ['SWAPPAGES', '0:131072'],
      ['CPULIMIT', '50'],
      ['ORIGIN_SAMPLE', 'big'],
    ]),
  );
  engine.configs.set(102, new Map([['NUMPROC', '80']]));
  engine.configs.set(103, new Map([['NUMPROC', '90']]));
  engine.samples.set(
    'big',
    new Map([
      ['NUMPROC', '500'],
      ['CPUUNITS', '2000'],
    ]),
  );
  rig = new ManagerRig(engine, options);
  rig.press('f');
  await expect.poll(() => rig.text()).toContain('NUMPROC');
  return rig;
}

/** The cursor on a parameter, nothing narrowed. */
function to(key: string): void {
  const at = formRows(rig.state).findIndex((row) => row.key === key);
  rig.press('home', ...Array<string>(at).fill('down'));
}

function edit(key: string, text: string): void {
  to(key);
  rig.press('enter', 'ctrl-u');
  rig.type(text);
}

const draft = (ct = 101): Readonly<Record<string, string>> =>
  Object.fromEntries([...(rig.state.drafts.get(ct) ?? [])].map(([key, { value }]) => [key, value]));

async function reviewed(): Promise<string> {
  rig.press('w');
  await expect.poll(() => rig.state.review?.lines).not.toBeNull();
  return rig.text();
}

async function settled(): Promise<void> {
  await rig.manager.tasks.settled();
  await new Promise((resume) => setImmediate(resume));
  await rig.manager.tasks.settled();
}

describe('the list', () => {
  test('shows the file beside the kernel, what is held, when it acts, and who enforces it', async () => {
    const text = await (await open()).text();
    expect(text).toMatch(/NUMPROC +120 +60 ! +8 live +cgroup/);
    expect(text).toMatch(/PHYSPAGES +256M +256M +20M live/);
    to('NUMPROC');
    expect((await rig.text()).replace(/\s+/g, ' ')).toContain("File and kernel differ: < takes the kernel's value, > the file's");
  });

  test('a look that ends after a newer one takes nothing back', async () => {
    await open();
    const ends: (() => void)[] = [];
    rig.engine.reading = () => new Promise((resolve) => ends.push(resolve));
    rig.look();
    rig.engine.vitals.set(101, { ...VITALS, numproc: { ...VITALS.numproc, limit: 90 } });
    rig.look();
    expect(ends).toHaveLength(2);
    const [older, newer] = ends;
    newer?.();
    await expect.poll(() => rig.text()).toMatch(/NUMPROC +120 +90 !/);
    older?.();
    await new Promise((resume) => setImmediate(resume));
    expect(await rig.text()).toMatch(/NUMPROC +120 +90 !/);
  });

  test('is searched by name, option and sentence', async () => {
    await open();
    for (const [words, found] of [
      ['numproc', ['NUMPROC', 'AVNUMPROC']],
      ['--ram', ['PHYSPAGES']],
      ['weight scheduler', ['CPUUWEIGHT']],
      ['processors --cpul', ['CPULIMIT']],
    ] as const) {
      rig.press('/', 'ctrl-u');
      rig.type(words);
      rig.press('enter');
      expect(formRows(rig.state).flatMap((row) => (row.kind === 'parameter' ? [row.key] : []))).toEqual(found);
      expect(await rig.text()).toContain(`${found.length} shown`);
    }
  });

  test('what was looked for is under the cursor then: Enter twice is its form', async () => {
    await open();
    rig.press('/');
    rig.type('cpulimit');
    rig.press('enter', 'enter');
    expect(rig.state.overlay).toMatchObject({ kind: 'parameter', form: { param: { key: 'CPULIMIT' } } });
  });

  test('folds a section away and shows it again; what is looked for is never hidden', async () => {
    await open();
    to('NUMPROC');
    rig.press('space');
    expect(formRows(rig.state).some(({ key }) => key === 'NUMPROC')).toBe(false);
    rig.press('enter');
    expect(formRows(rig.state).some(({ key }) => key === 'NUMPROC')).toBe(true);
    rig.press('space', '/');
    rig.type('numproc');
    expect(await rig.text()).toMatch(/NUMPROC +120/);
  });
});

describe('a value', () => {
  test('is typed with units, kept in the form, and nothing is saved by that', async () => {
    await open();
    edit('PHYSPAGES', '1.5G');
    expect(await rig.text()).toContain('vzctl   set 101 --ram 1536M --save');
    expect(await rig.text()).toContain('256M → 1.5G at once');
    rig.press('enter');
    expect(draft()).toEqual({ PHYSPAGES: '0:393216' });
    expect(await rig.text()).toMatch(/● PHYSPAGES +1\.5G/);
    expect(rig.engine.calls).toEqual([]);
    rig.press('backspace');
    expect(draft()).toEqual({});
  });

  test('that is the one of the file is no change', async () => {
    await open();
    edit('PHYSPAGES', '256M');
    rig.press('enter');
    expect(draft()).toEqual({});
  });

  test.each([
    ['NUMPROC', '12x', 'Expected N[:N] or unlimited'],
    ['NUMPROC', '0', 'not even its init can run'],
    ['NUMPROC', '', 'Expected N[:N] or unlimited'],
    ['PHYSPAGES', '512', 'did you mean 512M?'],
    ['HOSTNAME', 'a_b', 'Letters, digits and - between dots'],
    ['CPUUNITS', '3', 'Expected 8…500000'],
    ['ONBOOT', 'maybe', 'Expected yes, no'],
  ])('%s=%s is not kept: %s', async (key, value, why) => {
    await open();
    edit(key, value);
    expect((await rig.text()).replace(/\s+/g, ' ')).toContain(why);
    rig.press('enter');
    expect(rig.state.overlay?.kind).toBe('parameter');
    expect(draft()).toEqual({});
    rig.press('escape');
    expect(rig.state.overlay).toBeNull();
  });

  test('is moved by steps, twice and half, with signs that no amount has', async () => {
    await open();
    to('NUMPROC');
    rig.press('enter', '*', '+', '/', '-');
    expect(await rig.text()).toContain('--numproc 120 ');
    rig.press('+', '+');
    expect(await rig.text()).toContain('--numproc 140 ');
    rig.press('escape');
    to('PHYSPAGES');
    rig.press('enter', '+', '*');
    expect(await rig.text()).toContain('--ram 576M ');
    rig.press('escape');
    edit('CPUMASK', '0-3');
    expect(await rig.text()).toContain('--cpumask 0-3 ');
  });

  test('is barrier and limit together, until one of them is typed alone', async () => {
    await open();
    edit('NUMPROC', '200');
    expect(await rig.text()).toContain('--numproc 200 ');
    rig.press('tab', 'ctrl-u');
    rig.type('300');
    expect(await rig.text()).toContain('--numproc 200:300 ');
    rig.press('=');
    expect(await rig.text()).toContain('--numproc 300 ');
    rig.press('enter');
    expect(draft()).toEqual({ NUMPROC: '300' });
  });

  test('is offered: from the sample, from others, from what is held, from the kernel, from the file', async () => {
    await open();
    to('NUMPROC');
    rig.press('enter');
    const text = await rig.text();
    expect(text).toMatch(/500 +sample big/);
    expect(text).toMatch(/80 +median of 2 others/);
    expect(text).toMatch(/30 +most ever held × 1\.5/);
    expect(text).toMatch(/60 +the kernel now/);
    rig.press('down', 'down', 'up', 'enter');
    expect(draft()).toEqual({ NUMPROC: '500' });
    to('ONBOOT');
    rig.press('enter', 'down');
    expect(await rig.text()).toContain('--onboot yes');
  });

  test('below what is held says what happens, and a rule that is broken is told', async () => {
    await open();
    edit('NUMPROC', '5');
    expect(await rig.text()).toContain('8 are held: none ends, and new ones are refused until there are fewer');
    rig.press('escape');
    edit('PHYSPAGES', '100G');
    expect(await rig.text()).toContain('Warning: physpages.lim should be <= 6000000');
  });

  test.each([
    ['VE_PRIVATE', 'Where its files lie'],
    ['ORIGIN_SAMPLE', 'written by the engine itself'],
  ])('of %s is not changed by a form: %s', async (key, why) => {
    await open();
    to(key);
    rig.press('enter');
    expect(rig.state.overlay).toBeNull();
    expect(rig.state.hint).toContain(why);
  });
});

describe('file and kernel that differ', () => {
  test('are made the same either way', async () => {
    await open();
    to('NUMPROC');
    rig.press('<');
    expect(draft()).toEqual({ NUMPROC: '60' });
    rig.press('>');
    expect(draft()).toEqual({ NUMPROC: '120' });
    const text = await reviewed();
    expect(text).toContain('pids.max  60 → 120');
    expect(text).not.toContain('+ NUMPROC');
    rig.press('enter');
    await settled();
    expect(rig.engine.calls).toEqual(['set 101 {"NUMPROC":{"set":"120"}}']);
    to('PHYSPAGES');
    rig.press('<');
    expect(rig.state.hint).toBe('File and kernel say the same');
  });
});

describe('saving', () => {
  test('is shown before as a diff of file and kernel, with the line that does the same, which is copied by one key', async () => {
    await open();
    edit('NUMPROC', '200');
    rig.press('enter');
    edit('DESCRIPTION', 'it is mine');
    rig.press('enter');
    expect(rig.engine.calls).toEqual([]);
    const text = await reviewed();
    expect(text).toContain('- NUMPROC="120"');
    expect(text).toContain('+ NUMPROC="200"');
    expect(text).toContain('+ DESCRIPTION="it is mine"');
    expect(text).toContain('pids.max  60 → 200');
    rig.press('Y');
    expect(rig.asked.at(-1)).toBe("copy vzctl set 101 --numproc 200 --description 'it is mine' --save");
    rig.press('enter');
    await settled();
    expect(rig.engine.calls).toEqual(['set 101 {"NUMPROC":{"set":"200"},"DESCRIPTION":{"set":"it is mine"}}']);
    expect(draft()).toEqual({});
    expect(await rig.text()).toContain('101 web is set: NUMPROC, DESCRIPTION');
    expect(await rig.text()).toContain('vzctl set 101');
    to('NUMPROC');
    await expect.poll(() => rig.text()).toMatch(/NUMPROC +200 +200 +8/);
  });

  test('is refused before anything is done where it would be, and the draft stays', async () => {
    await open();
    edit('NUMPROC', '200');
    rig.engine.fail('plan set', new VzError('memory-in-use', { ct: 101, limit: MIB }));
    rig.press('enter');
    expect(await reviewed()).toContain('cannot be saved so');
    rig.press('enter');
    expect(rig.state.hint).toContain('cannot be saved so');
    rig.press('escape');
    expect(draft()).toEqual({ NUMPROC: '200' });
    expect(rig.engine.calls).toEqual([]);
  });

  test('that fails keeps the draft, and says why', async () => {
    await open();
    edit('NUMPROC', '200');
    rig.engine.fail('set', new VzError('memory-in-use', { ct: 101, limit: MIB }));
    rig.press('f2');
    await expect.poll(() => rig.state.review?.lines).not.toBeNull();
    rig.press('enter');
    await settled();
    expect(draft()).toEqual({ NUMPROC: '200' });
    expect(await rig.text()).toContain('set 101 web failed');
    rig.press('ctrl-u');
    expect(rig.state.overlay).toBeNull();
  });

  test('is taken back, also what the file had not said', async () => {
    await open();
    edit('NUMPROC', '200');
    rig.press('enter');
    edit('CPUUNITS', '500');
    rig.press('enter');
    await reviewed();
    rig.press('y');
    await settled();
    await expect.poll(() => rig.state.saved?.before.size).toBe(1);
    rig.press('ctrl-u');
    expect((await rig.text()).replace(/[│\s]+/g, ' ')).toContain('NUMPROC 120, CPUUNITS not set');
    rig.press('y');
    await settled();
    expect(rig.engine.calls.slice(1)).toEqual([
      'set 101 {"NUMPROC":{"set":"120"},"CPUUNITS":{"set":"1000"}}',
      'config 101 {"set":{},"unset":["CPUUNITS"]}',
    ]);
    await expect.poll(() => rig.state.saved?.before.size).toBe(0);
    rig.press('ctrl-u');
    expect(rig.state.hint).toContain('taken back already');
  });

  test('is taken back where a list has a word more, which no option takes away', async () => {
    await open();
    rig.engine.configs.set(101, new Map([['FEATURES', 'sit:on']]));
    rig.look();
    await expect.poll(() => formRows(rig.state).find(({ key }) => key === 'FEATURES')).toMatchObject({ own: 'sit:on' });
    edit('FEATURES', 'ipgre:on');
    expect(await rig.text()).toContain("sit:on can't be left out: sit:off turns it off");
    rig.press('ctrl-u');
    rig.type('sit:on ipgre:on');
    rig.press('enter');
    await reviewed();
    rig.press('y');
    await settled();
    await expect.poll(() => rig.state.saved?.before.size).toBe(1);
    rig.press('ctrl-u', 'y');
    await settled();
    await expect.poll(() => rig.state.saved?.before.size).toBe(0);
    expect(rig.engine.calls.slice(1)).toEqual([
      'set 101 {"FEATURES":{"set":"sit:on ipgre:off"}}',
      'config 101 {"set":{"FEATURES":"sit:on"},"unset":[]}',
    ]);
  });

  test('to all that is marked asks first, leaves out names, tells of each, and can be tried again and taken back', async () => {
    await open();
    rig.press('escape', 'A', 'f');
    await expect.poll(() => rig.text()).toContain('NUMPROC');
    edit('NUMPROC', '200');
    rig.press('enter');
    edit('HOSTNAME', 'all-of-them');
    rig.press('enter');
    await reviewed();
    rig.engine.fail('set', new VzError('memory-in-use', { ct: 101, limit: MIB }));
    rig.press('A');
    const text = await rig.text();
    expect(text).toContain('Set NUMPROC of 3 containers?');
    expect(text).toContain('Left out: HOSTNAME');
    expect(text).toContain('vzctl set CTID --numproc 200 --save');
    rig.press('y');
    await settled();
    await expect.poll(() => rig.state.bulk?.endedAt).not.toBeNull();
    expect(await rig.text()).toContain('2 of 3 done, 1 failed');
    expect([...(rig.state.saved?.before.keys() ?? [])]).toHaveLength(2);
    rig.press('r');
    expect(await rig.text()).toContain('Set NUMPROC of 1 container?');
    rig.press('y');
    await settled();
    await expect.poll(() => rig.state.saved?.before.size).toBe(3);
    rig.press('escape');
    await expect.poll(() => rig.state.bulk?.endedAt).not.toBeNull();
    rig.press('ctrl-u', 'y');
    await settled();
    await expect.poll(() => rig.state.saved?.before.size).toBe(0);
    expect([101, 102, 103].map((id) => rig.engine.configs.get(id)?.get('NUMPROC'))).toEqual(['120', '80', '90']);
  });

  test('what is not saved is said before the manager is left', async () => {
    await open();
    edit('NUMPROC', '200');
    rig.press('enter', 'q');
    expect(await rig.text()).toContain('1 change of parameters that is not saved is forgotten');
  });
});

describe('samples', () => {
  test('are compared with the container, and what they say is taken', async () => {
    await open();
    rig.press('c', 'enter');
    const text = await rig.text();
    expect(text).toContain('SAMPLE big');
    expect(text).toMatch(/NUMPROC +120 +500/);
    expect(text).toMatch(/CPUUNITS +1000 +2000/);
    expect(text).not.toContain('ORIGIN_SAMPLE');
    to('NUMPROC');
    rig.press('>');
    expect(rig.state.hint).toContain('A sample is not changed from here');
    rig.press('<');
    expect(draft()).toEqual({ NUMPROC: '500' });
    rig.press('escape');
    expect(rig.state.compare).toBeNull();
    expect(rig.state.views.at(-1)?.name).toBe('container');
  });

  test('are made of a container, under a name that is free', async () => {
    await open();
    rig.press('S', 'ctrl-u');
    rig.type('../x');
    rig.press('enter');
    expect(await rig.text()).toContain('Letters, digits');
    rig.press('ctrl-u');
    rig.type('big');
    rig.press('enter');
    await expect.poll(() => rig.text()).toContain('exists already');
    rig.press('ctrl-u');
    rig.type('mine');
    rig.press('enter');
    await expect.poll(() => rig.engine.calls).toEqual(['sample 101 mine']);
    await expect.poll(() => rig.text()).toContain('The sample mine is made of 101');
  });
});

describe('read-only', () => {
  test('everything is looked at and nothing changed', async () => {
    await open({ readOnly: true });
    to('NUMPROC');
    for (const key of ['<', '>', 'w', 'S', 'ctrl-u']) {
      rig.press(key);
      expect(rig.state.hint, key).toContain('Read-only');
      expect(rig.state.overlay).toBeNull();
    }
    rig.press('enter', '*', 'enter');
    expect(rig.state.hint).toContain('Read-only');
    rig.press('f2', 'escape', 'c', 'enter');
    expect(await rig.text()).toContain('SAMPLE big');
    expect(draft()).toEqual({});
    expect(rig.engine.calls).toEqual([]);
  });
});

test.each([
  [80, 24],
  [60, 20],
  [200, 50],
  [40, 9],
  [20, 5],
  [20, 2],
])('its faces draw on %i×%i, and no line is wider', async (columns, rows) => {
  await open();
  rig.resize(columns, rows);
  const whole = async (): Promise<void> => {
    const screen = await rig.screen();
    expect(screen.length).toBeLessThanOrEqual(rows);
    for (const line of screen) expect(line.length).toBeLessThanOrEqual(columns);
  };
  await whole();
  edit('NUMPROC', '200');
  await whole();
  rig.press('f2');
  await expect.poll(() => rig.state.review?.lines).not.toBeNull();
  await whole();
  rig.press('escape', 'c');
  await whole();
  rig.press('escape', 'S');
  await whole();
});
