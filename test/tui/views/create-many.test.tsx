// Many containers by one form, over an engine in memory: what a range and a pattern come to, the list of results, and the passwords' way out.
import { afterEach, describe, expect, test } from 'vitest';
import { VzError } from '../../../src/engine/index.ts';
import type { FieldId } from '../../../src/tui/forms/create-fields.ts';
import { type CreateForm, createCommands, createRequest, formFaults, newCreateForm } from '../../../src/tui/forms/create-form.ts';
import { lineInput } from '../../../src/tui/forms/line-input.ts';
import { seatsIn } from '../../../src/tui/forms/seats.ts';
import { width } from '../../../src/tui/screen/text.ts';
import { FakeEngine, sampleOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

const around = {
  params: new FakeEngine().asEngine().node.around,
  templates: ['busybox'],
  containers: [
    { id: 101, name: 'web' },
    { id: 102, name: 'seat-03' },
  ],
};
function filled(values: Partial<Record<FieldId, string>>): CreateForm {
  const form = newCreateForm(around, 103);
  const inputs = { ...form.inputs };
  for (const [id, text] of Object.entries(values)) inputs[id as FieldId] = lineInput(text);
  return { ...form, inputs };
}

test.each([
  ['101', [101]],
  ['101-103', [101, 102, 103]],
  ['101-102, 110 102,7', [101, 102, 110, 7]],
  ['', null],
  ['103-101', null],
  ['0', null],
  ['1-600', null],
  ['a', null],
  ['101-', null],
])('"%s" means %j', (text, ids) => {
  expect(seatsIn(text)?.map(({ id }) => id) ?? null).toEqual(ids);
  expect(seatsIn(text)?.map(({ n }) => n) ?? null).toEqual(ids?.map((_, i) => i + 1) ?? null);
});

describe('a form for many', () => {
  test.each<[Partial<Record<FieldId, string>>, FieldId, RegExp]>([
    [{ id: '101-110' }, 'id', /^101 by web and 1 more are taken$/],
    [{ id: '102-110' }, 'id', /^102 is taken by seat-03$/],
    [{ id: '110-120', name: 'web' }, 'name', /^The same for all 11: write \{n\}/],
    [{ id: '110-120', name: 'seat-{nn}' }, 'name', /^seat-03 is the name of 102$/],
    [{ id: '110-120', hostname: '-{n}' }, 'hostname', /Letters, digits/],
    [{ id: '1-9999' }, 'id', /500 at once at most/],
  ])('with %j tells what is wrong with its %s', (values, field, fault) => {
    expect(formFaults(filled(values)).get(field)).toMatch(fault);
  });

  test('fills the places for each, and says the line that does the same', () => {
    const form = filled({ id: '111-113', name: 's{nn}', hostname: 's{id}.lab', ram: '64M', password: 'generate', start: 'no' });
    expect(createRequest(form)).toMatchObject({
      orders: [1, 2, 3].map((n) => ({
        id: 110 + n,
        options: { values: { NAME: `s0${n}`, HOSTNAME: `s11${n}.lab`, PHYSPAGES: '0:16384' } },
      })),
      start: false,
      passwords: true,
    });
    expect(createCommands(form)).toEqual([
      "vzdeck create 111-113 --ostemplate busybox --layout simfs --name 's{nn}' --hostname 's{id}.lab' --ram 64M --generate-password",
    ]);
  });

  test('of one alone with a password says so, too: vzctl has none', () => {
    expect(createCommands(filled({ password: 'generate' }))).toEqual([
      'vzdeck create 103 --ostemplate busybox --layout simfs --generate-password --start',
    ]);
  });
});

describe('many by the manager', () => {
  let rig: ManagerRig;
  afterEach(() => rig.close());
  const settled = async (): Promise<void> => {
    await rig.manager.tasks.settled();
    await new Promise((done) => setImmediate(done));
  };
  /** Ten of them, up to the plan. */
  async function planned(options: RigOptions = {}, engine = new FakeEngine([sampleOf(101)])): Promise<ManagerRig> {
    rig = new ManagerRig(engine, options);
    rig.press('ctrl-n');
    const form = await rig.text();
    expect(form).toContain('10 new containers');
    expect(form).toContain('102 seat-01 seat-01  …  111 seat-10 seat-10');
    rig.press('enter');
    await expect.poll(() => rig.state.plan?.lines.length).toBe(10);
    return rig;
  }
  const passwords = (): readonly string[] => [...rig.engine.passwords.values()];

  test('are made as one task, each with a password of its own that the list shows', async () => {
    await planned();
    rig.press('enter');
    await settled();
    expect(rig.engine.calls).toEqual(['create many 102 103 104 105 106 107 108 109 110 111 and start']);
    expect(new Set(passwords()).size).toBe(10);
    const text = await rig.text();
    expect(text).toMatch(/create 102-111 +10 of 10 made/);
    expect(text).toMatch(new RegExp(`102 +seat-01 +seat-01 +${passwords()[0]} +made and started`));
    expect(text).toContain('! The passwords stand nowhere else');
  });

  test('have their steps summed up where not all fit, and the last one can be come to', async () => {
    await planned();
    expect(await rig.text()).not.toContain('in all:');
    const lines = Array.from({ length: 2270 }, (_, i) => ({ what: i < 2000 ? 'file' : 'config', detail: `step ${i}` }));
    rig.manager.store.setState((state) => ({ plan: state.plan && { ...state.plan, lines } }));
    expect(await rig.text()).toMatch(/of 2270 steps[\s\S]* in all: file 2000, config 270\n\n file +step 0\n/);
    rig.press('end');
    expect(await rig.text()).toContain('step 2269');
  });

  test('tell of each that failed why, and the task says how many', async () => {
    await planned();
    rig.engine.brokenSeats.set(104, new VzError('bad-template', { template: 'busybox', cause: 'is truncated' }));
    rig.press('enter');
    await settled();
    const text = await rig.text();
    expect(text).toMatch(/create 102-111 +9 of 10 made, 1 failed/);
    expect(text).toMatch(/104 +seat-03 +seat-03 +! Template busybox: is truncated/);
    expect(text).not.toContain(rig.engine.passwords.get(104));
    expect(rig.state.tasks.at(-1)?.failure?.message).toBe(
      '1 of 10 containers were not made; the first is 104: Template busybox: is truncated',
    );
  });

  test('give their passwords to the clipboard or a file, and to nothing else; leaving asks before they are gone', async () => {
    await planned();
    rig.press('enter');
    await settled();
    rig.press('escape');
    expect(await rig.text()).toContain('10 passwords of root stand here and nowhere else.');
    rig.press('enter');
    expect(rig.state.hint).toMatch(/^Only y does that/);
    rig.press('n', 'q');
    expect(await rig.text()).toContain('10 passwords that nobody has copied or saved are forgotten.');
    rig.press('n', 'S', 'ctrl-u');
    rig.type('secret.tsv');
    rig.press('enter');
    expect(await rig.text()).toContain('Expected a whole path, from / on');
    rig.press('ctrl-u');
    rig.type('/tmp/seats.tsv');
    rig.press('enter');
    const lines = rig.engine.secrets.get('/tmp/seats.tsv')?.split('\n') ?? [];
    expect(lines[0]).toBe('CTID\tNAME\tHOSTNAME\tUSER\tPASSWORD');
    expect(lines[1]).toBe(`102\tseat-01\tseat-01\troot\t${passwords()[0]}`);
    expect(lines).toHaveLength(11);
    const { tasks, notices, form, plan } = rig.state;
    for (const password of passwords()) expect(JSON.stringify([tasks, notices, form, plan])).not.toContain(password);
    rig.press('escape');
    expect(rig.state.made).toEqual([]);
    expect(rig.state.views.map(({ name }) => name)).toEqual(['table']);
  });

  test('go on when their list is left, and their task leads back to it', async () => {
    await planned();
    const gate = rig.engine.hold('create-many');
    rig.press('enter', 'escape');
    expect(rig.state.views.at(-1)?.name).toBe('table');
    rig.press('t', 'enter');
    expect(await rig.text()).toMatch(/create 102-111 .*0 of 10 made/);
    gate.open();
    await settled();
    expect(await rig.text()).toContain('10 of 10 made');
    rig.press('y');
    expect(rig.state.made[0]?.kept).toBe('copied');
    rig.press('escape');
    expect(rig.state.overlay).toBeNull();
  });

  test('are cancelled from their list: what was not begun is left alone', async () => {
    await planned();
    rig.engine.hold('create-many');
    rig.press('enter');
    await Promise.resolve();
    rig.press('x');
    await settled();
    expect(await rig.text()).toContain('0 of 10 made, 10 left alone');
    expect(rig.state.tasks.at(-1)?.state).toBe('cancelled');
    rig.press('escape');
    expect(rig.state.made).toEqual([]);
  });

  test.each([
    [40, 8],
    [60, 20],
    [80, 24],
    [200, 50],
  ])('fit %i×%i, in ASCII as well: form, plan, list and the question where to save it', async (columns, rows) => {
    for (const ascii of [false, true]) {
      rig = new ManagerRig(new FakeEngine([sampleOf(101)]), { columns, rows, ascii });
      const fits = async (): Promise<void> => {
        const lines = await rig.screen();
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(width(line), line).toBeLessThanOrEqual(columns);
        if (ascii) expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
      };
      rig.press('ctrl-n');
      await fits();
      rig.press('enter');
      await expect.poll(() => rig.state.plan?.lines.length).toBe(10);
      await fits();
      rig.press('enter');
      await settled();
      await fits();
      rig.press('G', 'k', 'S');
      await fits();
      if (!ascii) rig.close();
    }
  });

  test('are only looked at in read-only mode', () => {
    rig = new ManagerRig(new FakeEngine([sampleOf(101)]), { readOnly: true });
    rig.press('ctrl-n');
    expect(rig.state.hint).toMatch(/^Read-only/);
    expect(rig.state.form).toBeNull();
  });
});
