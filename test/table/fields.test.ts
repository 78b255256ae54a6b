// The fields of vzlist as a table.
import { expect, test } from 'vitest';
import { LIST_FIELDS, type ListRow, listField } from '../../src/engine/spec/list-fields.ts';

const EMPTY: ListRow = {
  entry: {
    id: 101,
    name: '',
    values: new Map(),
    layout: 'simfs',
    private: '',
    root: '',
    state: 'stopped',
    init: null,
    uptime: 0,
  },
  usage: null,
};

test('there are 144, each name once', () => {
  expect(LIST_FIELDS.length).toBe(144);
  expect(new Set(LIST_FIELDS.map((field) => field.name)).size).toBe(144);
  expect(listField('nosuch')).toBeUndefined();
});

test('the order is that of the original where a reader sees it', () => {
  const names = LIST_FIELDS.map((field) => field.name);
  expect(names.slice(0, 17)).toEqual(
    'ctid veid vpsid private root mount_opts origin_sample hostname name smart_name description ostemplate ip nameserver searchdomain status kmemsize'.split(
      ' ',
    ),
  );
  expect(names.slice(-18)).toEqual(
    'laverage uptime cpulimit cpuunits cpus ioprio iolimit iopslimit onboot bootorder layout features vswap disabled vm_overcommit netfilter capability'
      .split(' ')
      .toSpliced(0, 0, 'diskinodes.h'),
  );
});

test('every field has something to say about a container of which nothing is known', () => {
  for (const field of LIST_FIELDS) {
    expect(field.head.length, field.name).toBeLessThanOrEqual(13);
    expect(() => field.cell(EMPTY), field.name).not.toThrow();
    if (field.json) expect(() => JSON.parse(field.json!(EMPTY)), field.name).not.toThrow();
    if (field.sort) expect(field.sort(EMPTY, EMPTY), field.name).toBe(0);
  }
});
