// Rules of `vzdeck net check` whose occasion no test may bring about: what bounds them is the whole machine's.
import { expect, test } from 'vitest';
import { checkNet } from '../../../src/engine/net/check/check.ts';
import type { NetEvidence } from '../../../src/engine/net/check/evidence.ts';

const CALM: NetEvidence = {
  table: 'vzdeck',
  namespace: 'net:[1]',
  stands: null,
  containers: [],
  families: [],
  shared: [],
  switched: [],
  ruleset: null,
  inside: new Map(),
  links: new Map(),
  own: [],
  ways: [],
  claims: [],
  proxies: new Set(),
  says: () => '',
  connections: null,
  neighbours: [],
  legacy: [],
  numbers: new Map(),
  venets: new Map(),
  queues: null,
  direct: { wanted: new Set(), now: new Set(), unseen: new Set() },
};
const fill = (held: number, most: number): NetEvidence => ({
  ...CALM,
  connections: { what: 'the table of connections', held, most, setting: 'net.netfilter.nf_conntrack_max' },
});

test('a table of connections is told from nine tenths on, with twice as much as the remedy', () => {
  expect(checkNet(fill(235_929, 262_144), null).findings).toEqual([]);
  expect(checkNet(fill(235_930, 262_144), null).findings).toMatchObject([
    {
      rule: 'connections',
      cts: [],
      cause: expect.stringMatching(/^is nearly full/),
      remedy: 'sysctl -w net.netfilter.nf_conntrack_max=524288',
    },
  ]);
  expect(checkNet(fill(262_144, 262_144), null).findings[0]?.cause).toMatch(/^is full/);
});

test('so is a table of neighbours, also for one container', () => {
  const neighbours = [{ what: 'the table of neighbours (IPv4)', held: 1024, most: 1024, setting: 'net.ipv4.neigh.default.gc_thresh3' }];
  expect(checkNet({ ...CALM, neighbours }, 101).findings).toMatchObject([{ rule: 'neighbours', object: 'the table of neighbours (IPv4)' }]);
});

test('what could not be looked at is said', () => {
  const { notes } = checkNet({ ...CALM, legacy: ['iptables filter'] }, null);
  expect(notes).toEqual([
    'nft does not tell the ruleset: rules were not looked at',
    'Rules of the iptables of old (iptables filter) are not judged: iptables-legacy-save lists them',
  ]);
});
