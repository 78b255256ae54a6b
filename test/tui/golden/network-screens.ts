// Networks in their faces: links with names that do their worst, what is dropped, connections, who talks to whom, nothing of all that.
import { expect } from 'vitest';
import type { Connections, LinkNow, Talker } from '../../../src/engine/index.ts';
import { FakeEngine, MIB, sampleOf } from '../fake-engine.ts';
import type { ManagerRig } from '../manager-rig.tsx';
import { BAD_TEMPLATE, sceneEngine } from './scene.ts';
import { keys, shows, toTab, type Way, way } from './way.ts';

const KIB = 1024;

const linkOf = (name: string, up: number, down: number, other: Partial<LinkNow> = {}): LinkNow => ({
  ...{
    name,
    hostName: 'venet101',
    kind: 'venet',
    mac: '02:00:00:00:00:65',
    addresses: ['10.0.0.101', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:101'],
    shared: '',
  },
  counted: { up: 400 * up, down: 400 * down, upPackets: up, downPackets: down },
  rate: { up, down, upPackets: up / 1000, downPackets: down / 1000 },
  dropped: { guard: 0, rate: 0, queue: 0 },
  ...other,
});

const talkerOf = (port: number, other: Partial<Talker> = {}): Talker => ({
  ...{ protocol: 'tcp', port, serves: true, connections: 12, peers: 3, peer: '192.0.2.144' },
  ...{ up: 4 * MIB, down: 100 * KIB, rate: { up: 300 * KIB, down: 2 * KIB } },
  ...other,
});

const CONNECTIONS: Connections = {
  datagrams: { up: 0, down: 0, rate: null },
  states: [
    { state: 'ESTAB', count: 118 },
    { state: 'TIME-WAIT', count: 1240 },
    { state: 'LISTEN', count: 3 },
    { state: 'UDP', count: 2 },
  ],
  talkers: [
    talkerOf(80),
    talkerOf(5432, { serves: false, connections: 1, peers: 1, peer: 'fd00::102', rate: { up: 20, down: 700 } }),
    talkerOf(53, {
      protocol: 'udp',
      serves: false,
      connections: 1,
      peers: 1,
      peer: '192.0.2.53',
      up: 0,
      down: 0,
      rate: { up: 0, down: 0 },
    }),
    ...Array.from({ length: 20 }, (_, i) => talkerOf(40_000 + i, { connections: 1, peers: 1, up: 10 * i, down: i, rate: null })),
  ],
  cut: true,
};

function networkEngine(): FakeEngine {
  const engine = sceneEngine();
  engine.links.set(101, [
    linkOf('venet0', 310 * KIB, 12 * KIB, { dropped: { guard: 3, rate: 1240, queue: 0 } }),
    linkOf('eth0', 0, 40, { hostName: 'veth101.0', kind: 'veth', mac: '00:18:51:aa:bb:cc', addresses: [], shared: 'br0' }),
    linkOf('tun\u202e\x1b[2J0', 5, 5, { hostName: '', kind: 'inside', mac: '', addresses: [], dropped: null }),
  ]);
  engine.links.set(102, [linkOf('venet0', 20 * MIB, 900 * KIB, { hostName: 'venet102' })]);
  engine.links.set(103, [linkOf('venet0', 0, 0, { hostName: 'venet103', dropped: null })]);
  engine.links.set(107, [linkOf('venet0', 7, 99, { hostName: 'venet107', dropped: { guard: null, rate: null, queue: 2 } })]);
  engine.connections.set(101, CONNECTIONS);
  engine.talks = {
    talks: [
      { from: 'outside', to: 101, protocol: 'tcp', port: 80, connections: 117, peers: 31, bytes: 90 * MIB },
      { from: 101, to: 102, protocol: 'tcp', port: 5432, connections: 1, peers: 0, bytes: 3 * MIB },
      { from: 102, to: 'node', protocol: 'udp', port: 53, connections: 1, peers: 0, bytes: null },
      { from: 107, to: 102, protocol: 'tcp', port: 5432, connections: 2, peers: 0, bytes: null },
    ],
    source: 'conntrack',
    cut: true,
  };
  return engine;
}

const pacesOf = (rig: ManagerRig): number => Math.max(0, ...[...rig.state.net.pace.values()].map(({ up }) => up.length));

/** After some seconds, each of which has been looked at; bytes of the first container go up and down with them. */
async function looked(rig: ManagerRig, looks = 4): Promise<void> {
  await expect.poll(() => rig.state.net.traffic).not.toBeNull();
  for (let i = 1; i <= looks; i++) {
    rig.look();
    await expect.poll(() => pacesOf(rig)).toBe(i);
  }
}

const silent = (question: 'traffic' | 'connections') => (): FakeEngine => {
  const engine = networkEngine();
  engine.hold(question);
  return engine;
};

const noLinks = (): FakeEngine => new FakeEngine([sampleOf(101, { name: 'web' })]);

const tab = (shown: RegExp | string, engine: () => FakeEngine): Way => way((rig) => toTab(rig, 'network', shown), engine);

export const NETWORK_SCREENS: Readonly<Record<string, Way>> = {
  network: way(async (rig) => {
    await toTab(rig, 'network', 'tcp/80');
    await looked(rig);
    rig.press('down');
  }, networkEngine),
  'network-reading': tab('Looking at its links', silent('traffic')),
  'network-connections-reading': tab('Asking for its connections', silent('connections')),
  'network-failed': way(
    (rig) => toTab(rig, 'network', BAD_TEMPLATE.message.slice(0, 20)),
    () => {
      const engine = networkEngine();
      engine.fail('connections', BAD_TEMPLATE);
      return engine;
    },
  ),
  'network-none': tab('It has no interface', noLinks),
  'network-stopped': way(async (rig) => {
    rig.press('down', 'down', 'down', 'down');
    await toTab(rig, 'network', 'does not run');
  }, networkEngine),
  'node-network': way(async (rig) => {
    rig.press('E');
    await looked(rig);
    rig.press('down');
    await shows(rig, 'talks');
  }, networkEngine),
  'node-network-reading': way((rig) => rig.press('E'), silent('traffic')),
  'node-network-none': way(async (rig) => {
    rig.press('E');
    await shows(rig, 'No container that runs has an interface');
  }, noLinks),
  'node-network-empty': { ...keys('E'), engine: () => new FakeEngine() },
};
