// The level of the packet filter that old and new values of a config come to.
import { expect, test } from 'vitest';
import { netfilterLevel } from '../../../src/engine/spec/netfilter.ts';
import { IPTABLES } from '../../../src/engine/spec/params/rights.ts';

test('NETFILTER beats IPTABLES; without both all is there', () => {
  expect([netfilterLevel(undefined, undefined), netfilterLevel(undefined, ''), netfilterLevel('disabled', 'iptable_nat')]).toEqual([
    'full',
    'full',
    'disabled',
  ]);
});

test.each([
  ['ip_tables iptable_filter iptable_mangle ipt_limit ipt_REJECT', 'stateless'],
  ['ip_tables iptable_filter ipt_state', 'stateful'],
  ['ip_tables ip_conntrack_ftp', 'stateful'],
  ['ip_tables iptable_nat', 'full'],
  ['ip_tables ip_conntrack ipt_REDIRECT', 'full'],
  [IPTABLES.join(' '), 'full'],
] as const)('%s is %s', (modules, level) => expect(netfilterLevel(undefined, modules)).toBe(level));
