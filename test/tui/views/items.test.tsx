// Lists of the network in the form of parameters, thing by thing, over an engine in memory: added, changed, removed, what is wrong with them, who has
// them, and the line of vzctl.
import { afterEach, describe, expect, test } from 'vitest';
import { VzError } from '../../../src/engine/index.ts';
import { formRows } from '../../../src/tui/store/parameters.ts';
import { FakeEngine, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

let rig: ManagerRig;
afterEach(() => rig.close());

const ETH0 = 'ifname=eth0,bridge=br0,mac=00:18:51:AA:BB:01,host_ifname=veth101.0,host_mac=00:18:51:AA:BB:02';

async function open(key: string, options: RigOptions = {}): Promise<void> {
  const engine = new FakeEngine([sampleOf(101, { name: 'web' }), stoppedOf(102, { name: 'db' })]);
  engine.configs.set(
    101,
    new Map([
      ['IP_ADDRESS', '10.0.0.1 10.0.0.2'],
      ['VZDECK_FORWARD', 'tcp:8080:80'],
      ['NETIF', ETH0],
    ]),
  );
  engine.taken.set('10.0.0.9', new VzError('address-conflict', { address: '10.0.0.9', why: 'belongs to container 102' }));
  engine.taken.set('tcp:53:', new VzError('port-conflict', { port: 'tcp:53', why: 'leads to container 102 already' }));
  rig = new ManagerRig(engine, options);
  rig.press('f');
  await expect.poll(() => formRows(rig.state).some((row) => row.key === key)).toBe(true);
  const at = formRows(rig.state).findIndex((row) => row.key === key);
  rig.press('home', ...Array<string>(at).fill('down'), 'enter');
}

const draft = (): Readonly<Record<string, string>> =>
  Object.fromEntries([...(rig.state.drafts.get(101) ?? [])].map(([key, { value }]) => [key, value]));
const flat = async (): Promise<string> => (await rig.text()).replace(/[\s│]+/g, ' ');
/** What is typed in place of a field's text. */
const retype = (text: string): void => {
  rig.press('ctrl-u');
  rig.type(text);
};

describe('addresses', () => {
  test('are a list, to which one is added; the file and the line of vzctl stand below it', async () => {
    await open('IP_ADDRESS');
    expect(await rig.text()).toMatch(/10\.0\.0\.1 [\s\S]*10\.0\.0\.2 [\s\S]*add an address/);
    rig.press('a');
    rig.type('10.0.0.3/24');
    expect(await flat()).toContain('set 101 --ipadd 10.0.0.3/24 --save');
    expect(draft()).toEqual({});
    rig.press('enter');
    expect(draft()).toEqual({ IP_ADDRESS: '10.0.0.1 10.0.0.2 10.0.0.3/24' });
    expect(await rig.text()).toMatch(/● 10\.0\.0\.3\/24/);
  });

  test('are changed and removed, and what leads back to the file is no change', async () => {
    await open('IP_ADDRESS');
    rig.press('down', 'x');
    expect(draft()).toEqual({ IP_ADDRESS: '10.0.0.1' });
    expect(await flat()).toContain('set 101 --ipdel 10.0.0.2 --save');
    rig.press('home', 'up', 'enter');
    retype('10.0.0.5');
    rig.press('enter', 'escape');
    expect(rig.state.overlay).toBeNull();
    expect(draft()).toEqual({ IP_ADDRESS: '10.0.0.5' });
    rig.press('backspace');
    expect(draft()).toEqual({});
  });

  test('that somebody has are told while one types, with who it is, and are not kept', async () => {
    await open('IP_ADDRESS');
    rig.press('a');
    rig.type('10.0.0.9');
    await expect.poll(flat).toContain('Unable to add IP 10.0.0.9: it belongs to container 102 db');
    rig.press('enter');
    expect(rig.state.overlay).toMatchObject({ kind: 'items', form: { filled: { at: 2 } } });
    expect(rig.state.hint).toContain('container 102 db');
    expect(draft()).toEqual({});
    retype('10.0.0.8');
    await expect.poll(flat).toContain('Neither the node nor another container has it');
    rig.press('enter');
    expect(draft()).toEqual({ IP_ADDRESS: '10.0.0.1 10.0.0.2 10.0.0.8' });
  });

  test.each([
    ['10.0.0', '10.0.0 is no address'],
    ['10.0.0.1/24', '10.0.0.1 is in the list already'],
    ['10.0.0.3 10.0.0.4', 'Expected one address'],
  ])('%s is not kept: %s', async (text, why) => {
    await open('IP_ADDRESS');
    rig.press('a');
    rig.type(text);
    expect(await flat()).toContain(why);
    rig.press('enter');
    expect(draft()).toEqual({});
    rig.press('escape');
    expect(rig.state.overlay).toMatchObject({ kind: 'items', form: { filled: null } });
  });

  test('are looked at as a whole before they are saved', async () => {
    await open('IP_ADDRESS');
    rig.press('a');
    rig.type('10.0.0.3');
    rig.press('f2');
    await expect.poll(() => rig.text()).toContain('one change to be saved');
    expect(await flat()).toContain('vzctl set 101 --ipadd 10.0.0.3 --save');
    expect(rig.engine.calls).toEqual([]);
  });
});

test('a forwarded port has three fields; letters and arrows choose a protocol', async () => {
  await open('VZDECK_FORWARD');
  rig.press('a');
  rig.type('53');
  rig.press('down');
  rig.type('70000');
  expect(await flat()).toContain('inside: expected a port from 1 to 65535');
  retype('5353');
  await expect.poll(flat).toContain('Port tcp:53 of the node leads to container 102 db already');
  rig.press('up', 'up');
  rig.type('u');
  await expect.poll(flat).toContain('This port of the node leads to no other container');
  rig.press('right', 'right', 'enter');
  expect(draft()).toEqual({ VZDECK_FORWARD: 'tcp:8080:80 udp:53:5353' });
});

describe('bridged devices', () => {
  test('have all fields of their own, and what is left open is chosen and told', async () => {
    await open('NETIF');
    rig.press('a');
    rig.type('eth1');
    rig.press('down');
    rig.type('br1');
    expect(await flat()).toMatch(/mac 00:18:51:\S+, host_ifname veth101\.1, host_mac 00:18:51/);
    rig.press('enter');
    expect(draft()['NETIF']).toMatch(new RegExp(`^${ETH0};ifname=eth1,bridge=br1,mac=00:18:51:`));
    expect(await flat()).toMatch(/--netif_add eth1,00:18:51:/);
  });

  test('are changed by the option of each field', async () => {
    await open('NETIF');
    rig.press('enter', 'down', 'down');
    rig.type('10.0.0.7/24');
    rig.press('down', 'down', 'down');
    rig.type('o');
    rig.press('enter');
    expect(draft()).toEqual({ NETIF: `${ETH0},mac_filter=off,ip=10.0.0.7/24` });
    expect(await flat()).toContain('set 101 --ifname eth0 --mac_filter off --address 10.0.0.7/24 --save');
  });

  test('do not lose a bridge by an option: that is said', async () => {
    await open('NETIF');
    rig.press('enter', 'down', 'ctrl-u');
    expect(await flat()).toContain('No option of vzctl set leads there: remove the device and add it anew');
    rig.press('enter');
    expect(draft()).toEqual({});
  });
});

test.each([
  [40, 8],
  [60, 20],
  [80, 24],
  [200, 50],
])('at %i×%i the line that is typed into and the keys are there', async (columns, rows) => {
  await open('NETIF', { columns, rows });
  rig.press('enter', ...Array<string>(8).fill('down'));
  const text = await rig.text();
  expect(text).toContain('host_mac');
  expect(text).toContain('00:18:51:AA:BB:02');
  expect(text.split('\n').every((line) => line.length <= columns)).toBe(true);
});

test('nothing is changed where only looking is allowed', async () => {
  await open('IP_ADDRESS', { readOnly: true });
  rig.press('x', 'a', 'enter');
  expect(draft()).toEqual({});
  expect(rig.state.overlay).toMatchObject({ kind: 'items', form: { filled: null } });
});
