// The fields of vzlist as a table.
import { expect, test } from 'vitest';
import { CLASSIC_FIELDS, LIST_FIELDS, type ListRow, listField } from '../../src/engine/spec/list-fields.ts';

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

test('there are 144 of the original, each name once', () => {
  expect(CLASSIC_FIELDS.length).toBe(144);
  expect(new Set(LIST_FIELDS.map((field) => field.name)).size).toBe(LIST_FIELDS.length);
  expect(listField('nosuch')).toBeUndefined();
});

test('the order is that of the original where a reader sees it', () => {
  const names = CLASSIC_FIELDS.map((field) => field.name);
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

test('fields of bridged devices have a place for each of them, also for what the config leaves open', () => {
  const values = new Map([
    ['NETIF', 'ifname=eth0,bridge=br0,mac=00:18:51:00:00:0A,host_ifname=veth101.0;ifname=eth1,host_ifname=veth101.1'],
    ['VZDECK_FORWARD', 'tcp:8080:80 udp:53:53'],
  ]);
  const row = { ...EMPTY, entry: { ...EMPTY.entry, values } };
  const cell = (name: string): unknown => listField(name)?.cell(row);
  expect([cell('ifname'), cell('host_ifname'), cell('bridge'), cell('forward'), cell('netdev')]).toEqual([
    ['eth0', 'eth1'],
    ['veth101.0', 'veth101.1'],
    ['br0', '-'],
    ['tcp:8080:80', 'udp:53:53'],
    null,
  ]);
  expect(listField('mac')?.json?.(row)).toBe('["00:18:51:00:00:0A", "-"]');
  expect(listField('mac')?.own).toBe(true);
});
