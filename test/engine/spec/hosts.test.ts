// The hosts file of containers: their names for the node's resolver, and none that would lead somewhere else.
import { expect, test } from 'vitest';
import { hostNames, withHost } from '../../../src/engine/spec/hosts.ts';

const NODE = 'Node1.example.org';
const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('a container has its lines once, by address, and they go with it', () => {
  const web = { id: 101, addresses: ['10.0.0.101', '2001:db8::101'], names: ['Web', 'web.example.org'] };
  const one = withHost('', web, NODE);
  expect(lines(one)).toEqual(['10.0.0.101 web web.example.org ct101', '2001:db8::101 web web.example.org ct101']);
  expect(withHost(one, web, NODE)).toBe(one);
  const two = withHost(one, { id: 10, addresses: ['10.0.0.10'], names: [] }, NODE);
  expect(lines(two)).toHaveLength(3);
  expect(lines(withHost(two, { ...web, addresses: [] }, NODE))).toEqual(['10.0.0.10 ct10']);
  expect(withHost(one, { ...web, addresses: [] }, NODE)).toBe('');
});

test('of two with one name the first keeps it', () => {
  const one = withHost('', { id: 101, addresses: ['10.0.0.101'], names: ['web'] }, NODE);
  const two = withHost(one, { id: 102, addresses: ['10.0.0.102'], names: ['WEB', 'other'] }, NODE);
  expect(lines(two)).toEqual(['10.0.0.101 web ct101', '10.0.0.102 other ct102']);
});

test('names that are none, or somebody else’s, are left out', () => {
  const hostile = [
    ...[
      'localhost',
      'x.localhost',
      'localhost.localdomain',
      'ip6-localhost',
      'node1',
      'node1.example.org',
      'NODE1',
      'ct102',
      'printer.local',
    ],
    ...[
      '10.0.0.1',
      '1',
      '0x7f000001',
      '',
      '.',
      'a b',
      'a\tb',
      'a\n127.0.0.1 bank',
      'a#b',
      'ü',
      '-a',
      'a-',
      'a..b',
      '*',
      '$(x)',
      'a'.repeat(64),
      'a.'.repeat(128),
    ],
  ];
  for (const name of hostile) expect({ name, names: hostNames([name], NODE) }).toEqual({ name, names: [] });
  expect(hostNames(['a.', 'A', 'x1-y.z', 'xn--bcher-kva.example'], NODE)).toEqual(['a', 'x1-y.z', 'xn--bcher-kva.example']);
});
