// Addresses that the node has set up, and the guest's own programs: real Debian with ifupdown, systemd-networkd, NetworkManager and netplan, and busybox,
// booted, booted again from inside, and with their network restarted. Whoever had them before answers a ping all the while.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { type NetLab, openNetLab } from '../net/net-lab.ts';
import { requires } from '../requires.ts';
import { provideStock, STOCK_TIMEOUT } from '../stock.ts';
import { until } from '../until.ts';

vi.setConfig({ testTimeout: 300_000 });

const SYSTEMD = 'until systemctl is-system-running --wait 2>/dev/null | grep -qx "running\\|degraded"; do sleep 0.5; done';
const OTHERS_OFF = 'systemctl -q disable networking NetworkManager 2>/dev/null';
const GUESTS = [
  {
    id: 101,
    what: 'Debian 12, ifupdown',
    template: 'debian-12',
    booted: SYSTEMD,
    prepare: 'true',
    restart: 'ip addr flush dev venet0; systemctl restart networking && ifquery --state venet0 eth0',
  },
  {
    id: 102,
    what: 'Debian 13, systemd-networkd',
    template: 'debian-13',
    booted: SYSTEMD,
    prepare: `${OTHERS_OFF}; systemctl -q enable systemd-networkd`,
    restart: 'systemctl restart systemd-networkd && /lib/systemd/systemd-networkd-wait-online --timeout=60',
  },
  {
    id: 103,
    what: 'Debian 13, NetworkManager',
    template: 'debian-13-networks',
    booted: SYSTEMD,
    prepare: 'systemctl -q disable networking',
    restart: 'systemctl restart NetworkManager && nm-online -s -t 60 && nmcli -t device | grep -qx "eth0:ethernet:unmanaged:"',
  },
  {
    id: 104,
    what: 'Debian 13, netplan that leads to systemd-networkd',
    template: 'debian-13-networks',
    booted: SYSTEMD,
    prepare: `${OTHERS_OFF}; systemctl -q enable systemd-networkd; printf 'network:\\n  version: 2\\n  renderer: networkd\\n  dummy-devices: {dm0: {addresses: [10.8.8.8/24]}}\\n' >/etc/netplan/50-cloud-init.yaml; chmod 600 /etc/netplan/*`,
    restart: 'netplan generate && systemctl restart systemd-networkd && /lib/systemd/systemd-networkd-wait-online --timeout=60',
  },
  {
    id: 105,
    what: 'busybox',
    template: 'busybox',
    booted: 'until pidof getty; do sleep 0.2; done',
    prepare: 'true',
    restart: 'ifdown -a; ifup -a; ip addr flush dev venet0; ifup -f venet0; true',
  },
] as const;
const BRIDGED = ['--save', '--netif_add', 'eth0,,,,br7', '--ifname', 'eth0', '--configure', 'all', '--address'];

requires(
  'root',
  'launcher',
  'ip',
  'nft',
  'busybox',
  'debian-12',
  'debian-13',
  'debian-13-networks',
)("the guest's own network programs", () => {
  let lab: NetLab;
  /** Goes inside without a process of its own, which takes as long as what is done there on a slow machine. */
  let within: Lab;
  const done = (...words: string[]): string => {
    const said = lab.vzctl(...words);
    expect({ words, ...said }).toMatchObject({ status: 0 });
    return said.out;
  };
  const inside = async (id: number, line: string): Promise<string> => {
    const { code, out } = await within.inside(id, line);
    expect({ line, code, out }).toMatchObject({ code: 0 });
    return out;
  };
  const own = (id: number): readonly string[] => [`192.0.2.${id}`, `2001:db8:1::${id}`, `10.7.0.${id}`, `fd07::${id}`];
  const answers = (...addresses: readonly string[]): readonly string[] =>
    addresses.filter((a) => (/^(10|fd)/.test(a) ? lab.node : lab.lan)(`busybox ping -c1 -W5 ${a}`).status === 0);
  const init = (id: number): string => readFileSync(join(lab.root, `run/vzdeck/${id}/init`), 'utf8');

  beforeAll(async () => {
    lab = await openNetLab();
    within = openLab(lab.root);
    done('create', '100', '--ostemplate', 'busybox');
    await provideStock(lab.root, 'debian-12', 'debian-13', 'debian-13-networks');
    lab.node(
      'ip link add br7 type bridge && ip addr add 10.7.0.1/24 dev br7 && ip addr add fd07::1/64 dev br7 nodad && ip link set br7 up',
    );
    for (const { id, template } of GUESTS) {
      const [four = '', six = '', bridged = '', bridged6 = ''] = own(id);
      done(
        'create',
        String(id),
        '--ostemplate',
        template,
        '--layout',
        template === 'busybox' ? 'simfs' : 'overlay',
        '--ipadd',
        `${four} ${six}`,
      );
      done('set', String(id), ...BRIDGED, `${bridged}/24 ${bridged6}/64`);
      done('start', String(id));
    }
  }, STOCK_TIMEOUT);
  afterAll(() => {
    within.engine.close();
    lab.down();
  }, STOCK_TIMEOUT);

  describe.each(GUESTS)('$what', ({ id, template, booted, prepare, restart }) => {
    const ct = String(id);
    const files = 'grep -rls "venet0\\|eth0" /etc/network/interfaces /etc/systemd/network /etc/NetworkManager; true';

    test('leave them at a boot, and at one from inside', async () => {
      await inside(id, booted);
      expect(answers(...own(id))).toEqual(own(id));
      await inside(id, prepare);
      const before = init(id);
      await within.inside(id, 'reboot');
      await until(() => {
        try {
          return init(id) !== before;
        } catch {
          return false;
        }
      });
      // a hand-over may still be on its way: whoever goes in too early is told so
      await expect.poll(() => within.inside(id, booted).then(({ code }) => code, String), { timeout: 60_000 }).toBe(0);
      expect(answers(...own(id))).toEqual(own(id));
      if (template !== 'busybox') expect(await inside(id, 'systemctl --failed --no-legend')).toBe('');
    });

    test('leave them when they are restarted', async () => {
      await inside(id, restart);
      expect(answers(...own(id))).toEqual(own(id));
    });

    test('follow what changes while it runs', async () => {
      const [old = '', ...rest] = own(id);
      const other = `192.0.2.${id + 100}`;
      done('set', ct, '--ipdel', old, '--ipadd', other, '--save');
      await inside(id, restart);
      expect(answers(other, ...rest)).toEqual([other, ...rest]);
      expect(lab.inside(id, 'ip addr').out).not.toContain(old);
    });

    test('know of none after the last, and of the first one again', async () => {
      const [four = '', , bridged = ''] = own(id);
      done('set', ct, '--ipdel', 'all', '--netif_del', 'eth0', '--save');
      expect(await inside(id, files)).toBe('');
      await inside(id, restart.replace(/ifquery.*|nmcli.*|\S*wait-online.*/, 'true'));
      done('set', ct, '--ipadd', four, '--save');
      done('set', ct, ...BRIDGED, `${bridged}/24`);
      expect(answers(four, bridged)).toEqual([four, bridged]);
      await inside(id, restart);
      expect(answers(four, bridged)).toEqual([four, bridged]);
    });
  });
});
