// What a change makes of what is stored, for the parameters that are more than a value.
import { describe, expect, test } from 'vitest';
import { applyChanges, changesOf, faultOf } from '../../../src/engine/spec/params/read.ts';
import type { Change } from '../../../src/engine/spec/params/types.ts';
import { AROUND } from './around.ts';

function merge(key: string, stored: string | undefined, change: Change): string | undefined {
  const own = new Map(stored === undefined ? [] : [[key, stored]]);
  return applyChanges(own, new Map([[key, change]]), 101, AROUND).values.get(key);
}

describe('addresses', () => {
  const stored = '10.0.0.101 10.0.0.102/24 2001:db8::1';
  test.each<[string, Change, string | undefined]>([
    ['a new one comes last', { add: '10.9.9.9' }, `${stored} 10.9.9.9`],
    ['one that is there moves to the end, with its new mask', { add: '10.0.0.102' }, '10.0.0.101 2001:db8::1 10.0.0.102'],
    ['deleting ignores masks', { del: '10.0.0.102/16' }, '10.0.0.101 2001:db8::1'],
    ['all goes before the new one comes', { add: '10.1.1.1', del: 'all' }, '10.1.1.1'],
    ['added and deleted in one call is added', { add: '10.9.9.9', del: '10.9.9.9' }, `${stored} 10.9.9.9`],
    ['all leaves an empty list', { del: 'all' }, ''],
    ['nothing asked is nothing stored', { add: '' }, undefined],
  ])('%s', (_, change, result) => expect(merge('IP_ADDRESS', stored, change)).toBe(result));
  test('deleting all of none leaves an empty line', () => expect(merge('IP_ADDRESS', undefined, { del: 'all' })).toBe(''));
});

describe('switches', () => {
  test('stored ones stay, given ones win', () =>
    expect(merge('FEATURES', 'nfs:on sit:off', { set: 'nfs:off ppp:on' })).toBe('nfs:off sit:off ppp:on'));
  test('an empty list changes nothing', () => expect(merge('CAPABILITY', 'NET_ADMIN:on', { set: '' })).toBeUndefined());
});

describe('devices', () => {
  test('the last word about a device counts, none removes it', () => {
    expect(merge('DEVICES', 'c:10:200:rw', { set: 'c:10:200:r c:1:3:r' })).toBe('c:10:200:r c:1:3:r');
    expect(merge('DEVICES', 'c:10:200:rw', { set: 'c:10:200:none' })).toBe('');
    expect(merge('DEVICES', undefined, { set: 'c:10:200:none' })).toBeUndefined();
  });
});

describe('bridged devices', () => {
  const stored = 'ifname=eth0,mac=00:18:51:AA:BB:01,host_ifname=veth101.0,host_mac=FE:FF:FF:FF:FF:FF,bridge=br0';
  test('a name alone gets two addresses and a name on the node', () => {
    expect(merge('NETIF', undefined, { add: 'ifname=eth3' })).toMatch(
      /^ifname=eth3,mac=00:18:51:([0-9A-F]{2}:){2}[0-9A-F]{2},host_ifname=veth101\.3,host_mac=00:18:51:([0-9A-F]{2}:){2}[0-9A-F]{2}$/,
    );
  });
  test('the address is the same every time, and another one for another container', () => {
    const at = (id: number): string | undefined =>
      applyChanges(new Map(), new Map([['NETIF', { add: 'ifname=eth0' }]]), id, AROUND).values.get('NETIF');
    expect(at(101)).toBe(at(101));
    expect(at(101)?.replace('101', '')).not.toBe(at(102)?.replace('102', ''));
  });
  test('a given address is that of both ends', () =>
    expect(merge('NETIF', undefined, { add: 'ifname=eth0,mac=00:18:51:11:22:33' })).toBe(
      'ifname=eth0,mac=00:18:51:11:22:33,host_ifname=veth101.0,host_mac=00:18:51:11:22:33',
    ));
  test('editing changes one field of one device', () =>
    expect(merge('NETIF', stored, { edit: 'ifname=eth0,bridge=br7' })).toBe(
      'ifname=eth0,bridge=br7,mac=00:18:51:AA:BB:01,host_ifname=veth101.0,host_mac=FE:FF:FF:FF:FF:FF',
    ));
  test.each([
    ['bridge=br7', 'Invalid usage.  Option --ifname not specified'],
    ['ifname=eth9,bridge=br7', 'Invalid usage: veth device eth9 is not configured, use --netif_add option first'],
  ])('editing %o is refused', (edit, text) =>
    expect(applyChanges(new Map([['NETIF', stored]]), new Map([['NETIF', { edit }]]), 101, AROUND).refusal).toBe(text),
  );
  test('all goes, and what is added stays', () => {
    expect(merge('NETIF', stored, { del: 'all' })).toBe('');
    expect(merge('NETIF', stored, { del: 'all', add: 'ifname=eth7,mac=00:18:51:11:22:33' })).toMatch(/^ifname=eth7,/);
  });
});

test('values of forms are read as their options are, and refused with what is expected', () => {
  expect(changesOf({ PHYSPAGES: '0:256M', HOSTNAME: 'h' }, AROUND)).toEqual(
    new Map([
      ['PHYSPAGES', { set: '0:65536' }],
      ['HOSTNAME', { set: 'h' }],
    ]),
  );
  expect(() => changesOf({ CPUUNITS: 'abc' }, AROUND)).toThrow(/^Bad parameter for CPUUNITS: abc$/);
  expect(() => changesOf({ NOSUCH: '1' }, AROUND)).toThrow(/NOSUCH/);
  expect(faultOf('CPUUNITS', '7', AROUND)).toBe('Expected 8…500000');
  expect(faultOf('CPUUNITS', '8', AROUND)).toBe('');
});
