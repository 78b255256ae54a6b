// What a ruleset does with a packet, from texts as `nft -j list ruleset` of nftables 1.0.6 prints them.
import { expect, test } from 'vitest';
import { judge } from '../../../src/engine/net/verdict/judge.ts';
import { known } from '../../../src/engine/net/verdict/known.ts';
import type { Packet } from '../../../src/engine/net/verdict/packet.ts';
import { type Json, parseRuleset, type Ruleset } from '../../../src/engine/net/verdict/ruleset.ts';

const PACKET: Packet = {
  family: 4,
  from: '10.0.0.101',
  to: '203.0.113.1',
  protocol: 'tcp',
  port: 80,
  in: 'venet101',
  out: 'eth0',
  local: false,
  translated: false,
  mark: 0,
  macFrom: '',
  macTo: '',
};

const meta = (key: string): Json => ({ meta: { key } });
const payload = (protocol: string, field: string): Json => ({ payload: { protocol, field } });
const is = (left: Json, right: Json, op = '=='): Json => ({ match: { op, left, right } });
const ACCEPT: Json = { accept: null };
const DROP: Json = { drop: null };
const UNKNOWN: Json = { xt: null };

/** Chains of table ip filter: FORWARD hangs on the hook. */
function rules(chains: Readonly<Record<string, readonly (readonly Json[])[]>>, policy = 'accept', sets: readonly Json[] = []): Ruleset {
  const place = { family: 'ip', table: 'filter' };
  let handle = 0;
  const list = Object.entries(chains).flatMap(([name, exprs]): Json[] => [
    { chain: { ...place, name, ...(name === 'FORWARD' ? { type: 'filter', hook: 'forward', prio: 0, policy } : {}) } },
    ...exprs.map((expr): Json => ({ rule: { ...place, chain: name, handle: ++handle, expr } })),
  ]);
  return parseRuleset(JSON.stringify({ nftables: [{ metainfo: {} }, { table: { family: 'ip', name: 'filter' } }, ...sets, ...list] }));
}
const forward = (ruleset: Ruleset, packet: Partial<Packet> = {}) => judge(ruleset, { ...PACKET, ...packet }, { hook: 'forward' });

test.each([
  ['an interface', is(meta('iifname'), 'venet101')],
  ['the beginning of its name', is(meta('iifname'), 'venet*')],
  ['another one not', is(meta('iifname'), 'eth0', '!=')],
  ['a prefix', is(payload('ip', 'saddr'), { prefix: { addr: '10.0.0.0', len: 8 } })],
  ['a range of ports', is(payload('tcp', 'dport'), { range: [79, 81] })],
  ['a range of addresses', is(payload('ip', 'daddr'), { range: ['203.0.113.0', '203.0.113.9'] })],
  ['one of a list', is(payload('th', 'dport'), { set: [22, { range: [80, 90] }] })],
  ['a state', is({ ct: { key: 'state' } }, ['established', 'new'], 'in')],
  ['bits of the mark', is({ '&': [meta('mark'), 1] }, 0)],
])('a condition about %s holds', (_, condition) => {
  expect(forward(rules({ FORWARD: [[condition, DROP]] }))).toMatchObject({
    passes: false,
    sure: true,
    by: { chain: 'FORWARD', handle: 1 },
  });
});

test('a condition about what a packet does not have never holds, however it is turned', () => {
  for (const condition of [
    is(payload('udp', 'dport'), 80),
    is(payload('udp', 'dport'), 53, '!='),
    is(payload('ip6', 'saddr'), '::1', '!='),
  ])
    expect(forward(rules({ FORWARD: [[condition, DROP]] }))).toMatchObject({ passes: true, sure: true });
});

test('chains that are jumped to come back, those that are gone to do not, and a policy is the last word', () => {
  const jumping = rules({ FORWARD: [[{ jump: { target: 'OTHER' } }], [ACCEPT]], OTHER: [[{ return: null }], [DROP]] }, 'drop');
  expect(forward(jumping)).toMatchObject({ passes: true, sure: true });
  const going = rules({ FORWARD: [[{ goto: { target: 'OTHER' } }], [ACCEPT]], OTHER: [[{ return: null }]] }, 'drop');
  expect(forward(going)).toMatchObject({ passes: false, sure: true, by: { chain: 'FORWARD', handle: null } });
});

test('a chain that jumps to itself ends', () => {
  expect(forward(rules({ FORWARD: [[{ jump: { target: 'FORWARD' } }]] }))).toMatchObject({ passes: true });
});

test('a condition that nobody can judge makes a verdict unsure, whichever it is, and names its rule', () => {
  expect(forward(rules({ FORWARD: [[UNKNOWN, ACCEPT]] }, 'drop'))).toMatchObject({ passes: false, sure: false, doubts: [{ handle: 1 }] });
  expect(forward(rules({ FORWARD: [[UNKNOWN, DROP]] }))).toMatchObject({ passes: true, sure: false, doubts: [{ handle: 1 }] });
  expect(forward(rules({ FORWARD: [[UNKNOWN, { return: null }], [DROP]] }))).toMatchObject({ passes: false, sure: false });
  expect(forward(rules({ FORWARD: [[UNKNOWN, { jump: { target: 'OTHER' } }]], OTHER: [[DROP]] }))).toMatchObject({
    passes: true,
    sure: false,
  });
});

test('what might let it pass is no doubt about what passes, nor what might drop it about what is dropped', () => {
  expect(forward(rules({ FORWARD: [[UNKNOWN, ACCEPT]] }))).toMatchObject({ passes: true, sure: true, doubts: [] });
  expect(forward(rules({ FORWARD: [[UNKNOWN, DROP], [DROP]] }))).toMatchObject({ passes: false, sure: true });
});

test('a link is a bridge, is none, or is not known; a fragment the first packet is not', () => {
  const bridge = rules({ FORWARD: [[is(meta('iifkind'), 'bridge'), DROP]] });
  expect(forward(bridge, { bridges: new Set(['venet101']) })).toMatchObject({ passes: false });
  expect(forward(bridge, { bridges: new Set() })).toMatchObject({ passes: true, sure: true });
  expect(forward(bridge)).toMatchObject({ passes: true, sure: false });
  expect(forward(rules({ FORWARD: [[is({ exthdr: { name: 'frag' } }, true), DROP]] }))).toMatchObject({ passes: true, sure: true });
});

test('sets, maps of verdicts, concatenations and elements with time-outs', () => {
  const place = { family: 'ip', table: 'filter' };
  const sets: Json[] = [
    { set: { ...place, name: 'own4', type: ['ifname', 'ipv4_addr'], elem: [{ concat: ['venet101', '10.0.0.101'] }] } },
    { set: { ...place, name: 'late', type: 'ipv4_addr', elem: [{ elem: { val: '203.0.113.1', timeout: 30 } }] } },
  ];
  const own = is({ concat: [meta('iifname'), payload('ip', 'saddr')] }, '@own4');
  expect(forward(rules({ FORWARD: [[own, ACCEPT]] }, 'drop', sets))).toMatchObject({ passes: true });
  expect(forward(rules({ FORWARD: [[own, ACCEPT]] }, 'drop', sets), { from: '10.0.0.102' })).toMatchObject({ passes: false, sure: true });
  expect(forward(rules({ FORWARD: [[is(payload('ip', 'daddr'), '@late'), DROP]] }, 'accept', sets))).toMatchObject({ passes: false });
  const vmap: Json = { vmap: { key: payload('ip', 'daddr'), data: { set: [[{ prefix: { addr: '203.0.113.0', len: 24 } }, DROP]] } } };
  expect(forward(rules({ FORWARD: [[vmap]] }))).toMatchObject({ passes: false });
  expect(forward(rules({ FORWARD: [[vmap]] }), { to: '192.0.2.1' })).toMatchObject({ passes: true, sure: true });
});

test('a mark that a rule gives counts for those behind it', () => {
  const mark: Json = { mangle: { key: { meta: { key: 'mark' } }, value: 7 } };
  expect(forward(rules({ FORWARD: [[mark], [is(meta('mark'), 7), DROP]] }))).toMatchObject({ passes: false, sure: true });
});

test('chains of another family, or another hook, are not asked', () => {
  expect(forward(rules({ FORWARD: [[DROP]] }), { family: 6, from: 'fd00::1', to: 'fd00::2' })).toMatchObject({ passes: true, sure: true });
  expect(judge(rules({ FORWARD: [[DROP]] }), PACKET, { hook: 'input' })).toMatchObject({ passes: true });
});

test('whose rules they are is told by the names beside them', () => {
  const by = { family: 'ip', table: 'filter', chain: 'FORWARD', handle: null } as const;
  expect(known(rules({ FORWARD: [], 'DOCKER-USER': [] }), by).remedy(by, 'venet101')).toBe(
    'iptables -I DOCKER-USER -i venet+ -j ACCEPT && iptables -I DOCKER-USER -o venet+ -j ACCEPT',
  );
  expect(known(rules({ FORWARD: [], 'ufw-user-forward': [] }), by).name).toBe('ufw');
  expect(known(rules({ FORWARD: [] }), by).name).toBe('table ip filter');
});
