// The list of templates over an engine in memory: what it says, what it refuses and why, what it asks before.
import { afterEach, describe, expect, test } from 'vitest';
import { VzError } from '../../../src/engine/index.ts';
import { buildOrder, recipesFor } from '../../../src/tui/forms/build-words.ts';
import { width } from '../../../src/tui/screen/text.ts';
import { FakeEngine, sampleOf, stoppedOf, templateOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

let rig: ManagerRig;
afterEach(() => rig.close());

/** The list, open, with a broken one whose name does its worst. */
async function open(options: RigOptions = {}, keys: readonly string[] = []): Promise<ManagerRig> {
  const engine = new FakeEngine([
    sampleOf(101, { ostemplate: 'debian-12' }),
    stoppedOf(102, { ostemplate: 'debian-12', layout: 'overlay' }),
    stoppedOf(103, { ostemplate: 'slack' }),
  ]);
  engine.templateNames = ['busybox', 'debian-12', 'slack'];
  engine.brokenTemplates = [templateOf('z\x1b[2J\u202e漢字', { fault: 'is empty', size: 0, origin: { kind: 'archive' } })];
  rig = new ManagerRig(engine, options);
  rig.press('O');
  await expect.poll(() => rig.state.templateRows?.length).toBe(4);
  rig.press(...keys);
  return rig;
}
const settled = async (): Promise<void> => {
  await rig.manager.tasks.settled();
  await new Promise((done) => setImmediate(done));
};

describe('the list of templates', () => {
  test('tells size, age, use and origin, and what is wrong', async () => {
    const text = await (await open()).text();
    expect(text).toMatch(/TEMPLATE +SIZE +AGE +USED +SHARED +FROM/);
    expect(text).toMatch(/^▌busybox +1M +3d +0 +0 +came with vzdeck$/m);
    expect(text).toMatch(/^ debian-12 +1M +3d +2 +1 +built by debian-12$/m);
    expect(text).toMatch(/^ z\?\[2J漢字 +- +3d +0 +0 +! is empty$/m);
  });

  test('tells of the chosen one who uses it and where its packages came from', async () => {
    const text = await (await open({}, ['j'])).text();
    expect(text).toContain('Made from it: 101 102');
    expect(text).toContain('They stand on its tree, which stays as long as they do: 102');
    expect(text).toContain('deb http://b.example/debian bookworm main');
  });

  test('keeps what a check has found, whatever it was', async () => {
    await open({}, ['j', 'v']);
    await settled();
    expect(await rig.text()).toContain('Read to its end: whole');
    rig.engine.fail('check', new VzError('bad-template', { template: 'slack', cause: 'is truncated' }));
    rig.press('j', 'v');
    await settled();
    expect(rig.engine.calls).toEqual(['check debian-12', 'check slack']);
    expect(await rig.text()).toMatch(/slack .*! is truncated/);
    rig.press('escape', 'O');
    await expect.poll(async () => await rig.text()).toMatch(/slack .*! is truncated/);
    expect(rig.state.tasks.map((task) => task.state)).toEqual(['done', 'done']);
  });

  test('removes nothing that containers stand on, nothing that came with the program, and the rest after a question', async () => {
    await open({}, ['D']);
    expect(rig.state.hint).toBe('busybox came with the program and stays');
    rig.press('j', 'D');
    expect(rig.state.hint).toBe('debian-12 is the lower layer of 102; destroy these first');
    rig.press('j', 'D');
    expect(await rig.text()).toContain('1 container made from it (103) has its own copy and goes on.');
    expect(await rig.text()).toContain('the same as  vzdeck template remove slack');
    rig.press('enter');
    expect(rig.engine.calls).toEqual([]);
    rig.press('y');
    await settled();
    expect(rig.engine.calls).toEqual(['remove template slack']);
    await expect.poll(() => rig.state.templateRows?.map((row) => row.name)).not.toContain('slack');
  });

  test('the answer is void when the template has gone meanwhile: no other one is removed instead', async () => {
    await open({}, ['j', 'j', 'D']);
    rig.manager.store.setState(({ templateRows }) => ({ templateRows: (templateRows ?? []).filter((row) => row.name !== 'slack') }));
    rig.press('y');
    await settled();
    expect(rig.engine.calls).toEqual([]);
    expect(rig.state.hint).toBe('It is gone');
  });

  test('leads to the form with the template in it, unless it is broken', async () => {
    await open({}, ['j', 'enter']);
    expect(rig.state.form?.inputs.template.text).toBe('debian-12');
    rig.press('escape');
    expect(await rig.text()).toContain('FROM');
    rig.press('G', 'c');
    expect(rig.state.hint).toContain('is empty');
  });

  test('keeps what is known to be broken out of the form', async () => {
    await open({}, ['j', 'v']);
    await settled();
    rig.engine.fail('check', new VzError('bad-template', { template: 'slack', cause: 'is truncated' }));
    rig.press('j', 'v');
    await settled();
    rig.press('g', 'c');
    expect(rig.state.form?.around.templates).toEqual(['busybox', 'debian-12']);
  });

  test('looks only, in read-only mode', async () => {
    await open({ readOnly: true }, ['j', 'j', 'D', 'b', 'c']);
    expect(rig.state.hint).toMatch(/^Read-only/);
    expect(rig.state.overlay).toBeNull();
    expect(rig.engine.calls).toEqual([]);
  });

  test.each([
    [40, 8],
    [60, 20],
    [80, 24],
    [200, 50],
  ])('fits %i×%i, in ASCII as well', async (columns, rows) => {
    for (const ascii of [false, true]) {
      await open({ columns, rows, ascii }, ['G']);
      for (const way of [[], ['b'], ['D']]) {
        rig.press(...way);
        const lines = await rig.screen();
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
        rig.press('escape');
      }
      if (!ascii) rig.close();
    }
  });
});

describe('a build', () => {
  test('is chosen from the recipes, or typed; its bar is in the list, and it is cancelled there', async () => {
    await open({}, ['b']);
    expect(await rig.text()).toMatch(/▌debian-12 +Debian bookworm +is there: builds it anew/);
    rig.type('sysv');
    rig.press('down', 'enter');
    await settled();
    expect(rig.engine.calls).toEqual(['template debian-12-sysvinit']);
    expect(rig.state.templateRows?.map((row) => row.name)).toContain('debian-12-sysvinit');
    const gate = rig.engine.hold('template');
    rig.press('b');
    rig.type('debian-trixie --as mine');
    expect(await rig.text()).toContain('No known recipe; the name is tried as it is');
    rig.press('enter');
    await expect.poll(() => rig.engine.calls.at(-1)).toBe('template debian-trixie');
    expect(await rig.text()).toContain('build template mine');
    rig.press('x');
    await settled();
    gate.open();
    expect(rig.state.tasks.at(-1)).toMatchObject({ state: 'cancelled', command: 'vzdeck template build debian-trixie --as mine' });
    rig.press('x');
    expect(rig.state.hint).toBe('No template is being built');
  });

  test('says what is wrong with what was typed, and goes on', async () => {
    await open({}, ['b']);
    rig.type('Debian!');
    rig.press('enter');
    expect(await rig.text()).toContain('Expected a name such as debian-12');
    rig.press('escape');
    expect(rig.engine.calls).toEqual([]);
  });

  test.each([
    ['', 0, { recipe: 'debian-11' }],
    ['ubu', 1, { recipe: 'ubuntu-22.04' }],
    ['debian-12', 0, { recipe: 'debian-12', command: 'vzdeck template build debian-12' }],
    ['debian-12 --include nginx-light,postfix --as web', 0, { name: 'web', options: { include: ['nginx-light', 'postfix'], as: 'web' } }],
    ['devuan-daedalus --mirror http://d.example/x', 0, { recipe: 'devuan-daedalus', options: { mirror: 'http://d.example/x' } }],
  ])('"%s" and choice %i mean %j', (text, chosen, order) => {
    expect(buildOrder(text, chosen)).toMatchObject(order);
  });

  test.each([
    ['debian-12 --as', '--as needs a value without blanks'],
    ['debian-12 --as $(id)', '--as needs a value without blanks'],
    ['debian-12 --root x', 'Expected --include, --as or --mirror instead of --root'],
    ['../x', 'Expected a name such as debian-12: small letters, digits and . + _ -'],
  ])('"%s" is refused', (text, why) => {
    expect(buildOrder(text, 0)).toBe(why);
  });

  test('words narrow the recipes by name and by what they are', () => {
    expect(recipesFor('noble').map(({ name }) => name)).toEqual(['ubuntu-24.04']);
    expect(recipesFor('debian-12').map(({ name }) => name)).toEqual(['debian-12', 'debian-12-sysvinit']);
  });
});
