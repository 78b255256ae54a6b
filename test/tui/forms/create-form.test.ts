import { describe, expect, test } from 'vitest';
import { FIELD_IDS, type FieldId, type FormAround, fieldFault } from '../../../src/tui/forms/create-fields.ts';
import {
  type CreateForm,
  createCommands,
  createRequest,
  editForm,
  formFaults,
  moveFocus,
  newCreateForm,
  shellWord,
  typeIntoForm,
} from '../../../src/tui/forms/create-form.ts';
import { lineInput } from '../../../src/tui/forms/line-input.ts';
import { FakeEngine } from '../fake-engine.ts';

const around: FormAround = {
  params: new FakeEngine().asEngine().node.around,
  templates: ['busybox', 'debian-12'],
  containers: [
    { id: 101, name: 'web' },
    { id: 102, name: '' },
  ],
};

function filled(values: Partial<Record<FieldId, string>>): CreateForm {
  const form = newCreateForm(around, 103);
  const inputs = { ...form.inputs };
  for (const [id, text] of Object.entries(values)) inputs[id as FieldId] = lineInput(text);
  return { ...form, inputs };
}

describe('a field says what is wrong', () => {
  test.each<[FieldId, string, RegExp]>([
    ['id', '', /Expected a number/],
    ['id', 'x1', /Expected a number/],
    ['id', '-5', /Expected a number/],
    ['id', '0', /the node itself/],
    ['id', '101', /taken by web/],
    ['id', '102', /^102 is taken$/],
    ['id', '99999999999', /Too large/],
    ['name', 'web', /the name of 101/],
    ['name', 'a/b', /Expected letters/],
    ['name', '..', /can't be a name/],
    ['name', '107', /read as a CTID/],
    ['hostname', '_x', /Letters, digits/],
    ['hostname', 'a..b', /empty part/],
    ['hostname', 'a'.repeat(65), /64/],
    ['hostname', '-a', /Letters/],
    ['template', 'gone', /no template gone/],
    ['numproc', '9x', /Expected N/],
    ['ram', 'lots', /Expected an amount/],
    ['ram', '-1', /Expected/],
    ['ram', '0', /not even its init/],
    ['ram', '512', /512 bytes; did you mean 512M/],
    ['swap', '64', /64 bytes; did you mean 64M/],
    ['numproc', '0', /not even its init/],
    ['numproc', '0:120', /not even its init/],
    ['swap', '1Q', /Expected/],
    ['cpulimit', 'half', /Expected/],
    ['cpus', '5', /The node has 4/],
    ['cpus', 'all', /Expected/],
    ['cpuunits', '7', /Expected 8/],
    ['cpuunits', '500001', /Expected 8/],
  ])('%s %j', (id, text, fault) => {
    expect(fieldFault(id, text, around)).toMatch(fault);
  });

  test.each<[FieldId, string]>([
    ['id', '103'],
    ['id', '5'],
    ['name', 'db-1'],
    ['hostname', 'db.example.org'],
    ['hostname', ''],
    ['numproc', '120'],
    ['numproc', '100:120'],
    ['ram', '512M'],
    ['ram', '1.5G'],
    ['swap', '0'],
    ['cpulimit', '50'],
    ['cpus', '2'],
    ['cpuunits', '1000'],
    ['cpuunits', ''],
  ])('%s %j is right', (id, text) => {
    expect(fieldFault(id, text, around)).toBe('');
  });

  test('where there is no template the form leads to one', () => {
    expect(fieldFault('template', '', { ...around, templates: [] })).toMatch(/B builds one/);
  });
});

describe('the form', () => {
  test('is right from the beginning and asks for what vzctl would ask for', () => {
    const form = filled({});
    expect(formFaults(form).size).toBe(0);
    expect(createRequest(form)).toEqual({
      orders: [{ id: 103, options: { ostemplate: 'busybox', layout: 'simfs', values: {} } }],
      start: true,
      passwords: false,
    });
    expect(createCommands(form)).toEqual(['vzctl create 103 --ostemplate busybox --layout simfs', 'vzctl start 103']);
  });

  test('hands values over as the config keeps them', () => {
    const form = filled({
      name: 'my web',
      hostname: 'web.example.org',
      layout: 'overlay',
      numproc: '120',
      ram: '512M',
      cpulimit: '50',
      start: 'no',
    });
    expect(createRequest(form)).toEqual({
      orders: [
        {
          id: 103,
          options: {
            ostemplate: 'busybox',
            layout: 'overlay',
            values: { NAME: 'my web', HOSTNAME: 'web.example.org', NUMPROC: '120', PHYSPAGES: '0:131072', CPULIMIT: '50' },
          },
        },
      ],
      start: false,
      passwords: false,
    });
    expect(createCommands(form)).toEqual([
      "vzctl create 103 --ostemplate busybox --layout overlay --name 'my web' --hostname web.example.org",
      'vzctl set 103 --numproc 120 --ram 512M --cpulimit 50 --save',
    ]);
  });

  test('asks for nothing while something is wrong', () => {
    expect(createRequest(filled({ numproc: 'x' }))).toBeNull();
  });

  test('goes around its fields in both directions', () => {
    let form = newCreateForm(around, 103);
    for (const _ of FIELD_IDS) form = moveFocus(form, 1);
    expect(form.focus).toBe('name');
    expect(moveFocus({ ...form, focus: 'template' }, -1).focus).toBe('start');
  });

  test('turns choices by arrows, space and first letter', () => {
    const form = { ...newCreateForm(around, 103), focus: 'template' as const };
    expect(editForm(form, 'right')?.inputs.template.text).toBe('debian-12');
    expect(editForm(form, 'left')?.inputs.template.text).toBe('debian-12');
    expect(editForm(form, 'space')?.inputs.template.text).toBe('debian-12');
    expect(typeIntoForm(form, 'd').inputs.template.text).toBe('debian-12');
    expect(typeIntoForm(form, 'z').inputs.template.text).toBe('busybox');
    expect(editForm(form, 'backspace')).toBeNull();
  });
});

test.each([
  ['web', 'web'],
  ['two words', "'two words'"],
  ["it's", "'it'\\''s'"],
  ['$(reboot)', "'$(reboot)'"],
  ['', "''"],
])('%j is written for a shell as %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});
