// The network of a container in the manager's form, as people edit it: the real program in a terminal of a node of its own, whose addresses, devices and
// ports are then there, or are refused while they are typed.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME } from '../lab.ts';
import { inNetLab, WIRE } from '../net/net-lab.ts';
import { until } from '../until.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 });

const MAC = '00:18:51:00:00:0a';

inNetLab('the form of the network', (lab, done) => {
  let term: TestTerm;
  const conf = (id: number): string => readFileSync(join(lab.root, `etc/vz/conf/${id}.conf`), 'utf8');

  beforeAll(async () => {
    for (const id of ['101', '102']) done('create', id);
    appendFileSync(join(lab.root, 'etc/vz/vz.conf'), 'VZDECK_POOL="10.6.0.0/24"\n');
    done('set', '102', '--name', 'db', '--ipadd', '10.6.0.2', '--forward', 'tcp:8080:80', '--netif_add', `eth0,${MAC},,,br0`, '--save');
    done('start', '101');
    term = new TestTerm('nsenter', [`--net=/proc/${lab.nodePid}/ns/net`, '--', join(HOME, 'bin/vzdeck')], {
      columns: 80,
      rows: 24,
      patience: 90_000,
      env: { VZDECK_ROOT: lab.root },
    });
    await term.waitFor(/▌101/);
    term.type('f');
    await term.waitFor('PARAMETER');
  });
  afterAll(() => term?.close());

  /** The list of a parameter that is found by its name; an empty one begins with a new thing. */
  async function to(key: string): Promise<void> {
    term.type(`/\x15${key.toLowerCase()}`);
    await term.waitFor(new RegExp(`${key} `));
    term.press('enter', 'home', 'down');
    await term.waitFor(new RegExp(`▌. ${key} `));
    term.press('enter');
    await term.waitFor(/keep +F2 save|change +a add/);
    await term.waitFor(new RegExp(`│ ${key} `));
  }

  /** `there`: what file and kernel have to say then. */
  async function saved(line: string | RegExp, there: () => boolean): Promise<void> {
    term.press('f2');
    await term.waitFor('to be saved');
    await term.waitFor(line);
    // it runs: what changes at once is told, and not that nothing does
    await term.waitFor(/kernel +(?!finding|nothing)\S/);
    term.press('enter');
    await until(there);
    await term.waitFor('PARAMETER');
  }

  const has = (file: RegExp, line: string, inside: RegExp | null): boolean =>
    file.test(conf(101)) && (inside === null || inside.test(lab.inside(101, line).out));

  test('an address that a stopped container has, or the node, is told with its owner while it is typed; one that is free is there at once', async () => {
    await to('IP_ADDRESS');
    term.type('10.6.0.2');
    await term.waitFor(/10\.6\.0\.2: it belongs to container 102 db/);
    term.press('enter');
    expect(conf(101)).not.toContain('IP_ADDRESS');
    term.type(`\x15${WIRE.node}`);
    await term.waitFor("it is the node's own, on wire0");
    term.type('\x15auto');
    await term.waitFor(/10\.6\.0\.\d+ is free/);
    term.type('\x1510.6.0.7');
    await term.waitFor('Neither the node nor another container has it');
    term.press('enter');
    await term.waitFor(/▌● 10\.6\.0\.7/);
    term.type('a10.6.0.8');
    await term.waitFor("set 101 --ipadd '10.6.0.7 10.6.0.8' --save");
    await saved("vzctl set 101 --ipadd '10.6.0.7 10.6.0.8' --save", () =>
      has(/^IP_ADDRESS="10\.6\.0\.7 10\.6\.0\.8"$/m, 'ip -br addr show venet0', /10\.6\.0\.7.*10\.6\.0\.8/),
    );
    expect(lab.node('busybox ping -c1 -W5 10.6.0.7 >/dev/null && echo up').out).toBe('up\n');
  });

  test('one of them is removed', async () => {
    await to('IP_ADDRESS');
    await term.waitFor(/▌ {2}10\.6\.0\.7/);
    term.type('x');
    await saved('vzctl set 101 --ipdel 10.6.0.7 --save', () =>
      has(/^IP_ADDRESS="10\.6\.0\.8"$/m, 'ip -br addr show venet0', /^(?!.*10\.6\.0\.7).*10\.6\.0\.8/),
    );
  });

  test('a port that leads to another container is told; a free one is forwarded', async () => {
    await to('VZDECK_FORWARD');
    term.type('8080\t80');
    await term.waitFor(/Port tcp:8080 of the node leads to container 102 db already/);
    term.type('\x1b[Z\x158081');
    await term.waitFor('This port of the node leads to no other container');
    await saved('vzctl set 101 --forward tcp:8081:80 --save', () => has(/^VZDECK_FORWARD="tcp:8081:80"$/m, '', null));
    expect(lab.node('nft list ruleset').out).toContain('8081');
  });

  test('a bridged device has a field for each of its parts; a MAC that another one has is told', async () => {
    await to('NETIF');
    term.type(`eth0\tbr1\t10.7.0.1/24\t\t\t\t${MAC}`);
    await term.waitFor(new RegExp(`MAC ${MAC} belongs to`));
    await term.waitFor('container 102 db');
    term.type('\x15');
    await term.waitFor(/Nobody else has its names/);
    term.press('enter');
    await term.waitFor(/▌● eth0 +br1 +10\.7\.0\.1\/24/);
    await saved(/--netif_add/, () => has(/^NETIF="ifname=eth0,bridge=br1,mac=.*ip=10\.7\.0\.1\/24"$/m, 'ip -br link show eth0', /eth0/));
    expect(lab.node('ip -br link show master br1').out).toContain('veth101.0');
    await to('NETIF');
    term.type('\r\t\t\t\t\to');
    await term.waitFor(/mac_filter +off/);
    await saved('vzctl set 101 --ifname eth0 --mac_filter off --save', () => has(/^NETIF=".*mac_filter=off/m, '', null));
    await to('NETIF');
    term.type('x');
    await saved('vzctl set 101 --netif_del eth0 --save', () => has(/^NETIF=""$/m, 'ip -br link | tr "\\n" " "', /^(?!.*eth0@)/));
  });

  test('the last saving is taken back', async () => {
    term.type('\x15');
    await term.waitFor('Take back NETIF?');
    term.press('enter');
    await term.waitFor('101 is as before');
    await until(() => has(/^NETIF="ifname=eth0,bridge=br1,.*mac_filter=off/m, 'ip -br link show eth0', /eth0/));
  });
});
