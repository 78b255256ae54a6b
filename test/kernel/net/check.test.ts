// vzdeck net check on the real kernel: each thing that keeps networks from working is done to a node for real, found, and gone with its remedy.
import { beforeAll, expect, test, vi } from 'vitest';
import type { NetCheck, NetFinding } from '../../../src/engine/index.ts';
import { inNetLab, type Said, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const A = '192.0.2.101';
const A6 = '2001:db8:1::101';

inNetLab('net check', (lab, vzctl) => {
  const check = (...words: string[]): Said => lab.vzdeck('net', 'check', ...words);
  const found = (...words: string[]): NetCheck => JSON.parse(check(...words, '--json').out);
  const done = (line: string): void => expect({ line, ...lab.node(line) }).toMatchObject({ status: 0 });
  /** What one break makes it say; with the remedy's lines it says nothing any more. */
  const provoked = (line: string): readonly NetFinding[] => {
    done(line);
    return found().findings;
  };
  const healed = (findings: readonly NetFinding[]): void => {
    const remedies = new Set(findings.map((one) => one.remedy));
    // which looks again by itself
    const repair = remedies.delete('vzdeck net check --repair');
    for (const remedy of remedies) done(remedy);
    expect(found(...(repair ? ['--repair'] : [])).findings).toEqual([]);
  };

  beforeAll(async () => {
    for (const words of [
      ['create', '101', '--ipadd', A, '--ipadd', A6],
      ['create', '102'],
      ['set', '102', '--netif_add', 'eth0,,veth102,,br0', '--save'],
      ['start', '101'],
      ['start', '102'],
    ])
      vzctl(...words);
  });

  test('a network that works has one line, and status 0', () => {
    expect(check()).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^Nothing keeps the network of 2 containers from working: .*\n$/),
    });
  });

  test('a ruleset that somebody has flushed is found and made anew: the guard drops again', () => {
    const findings = provoked('nft flush ruleset');
    expect(findings).toMatchObject([{ rule: 'table', cts: [101, 102], cause: expect.stringContaining('flushed') }]);
    const forged = 'ip addr add 10.9.9.9/32 dev venet0; busybox ping -c1 -W1 -I 10.9.9.9 192.0.2.1; ip addr del 10.9.9.9/32 dev venet0';
    healed(findings);
    lab.inside(101, forged);
    expect(lab.node('nft list counters').out).toMatch(/foreign-101 \{\s+packets [1-9]/);
  });

  test('an element that is gone is named', () => {
    const [family, name] =
      lab
        .node('nft list tables')
        .out.split('\n')
        .find((line) => line.startsWith('table inet vzdeck'))
        ?.split(' ')
        .slice(1) ?? [];
    const link = lab.node('ip -o link').out.match(/v[0-9a-f]{8}2t/)?.[0] ?? '';
    const findings = provoked(`nft delete element ${family} ${name} own4 '{ "${link}" . ${A} }'`);
    expect(findings).toMatchObject([{ rule: 'table', cts: [101], evidence: [`own4 { "${link}" . ${A} }`] }]);
    healed(findings);
    expect(lab.lan(`busybox ping -c1 -W5 ${A}`).status).toBe(0);
  });

  test.each([
    ['docker', 'ip filter', 'chain DOCKER-USER { counter return; }', 'jump DOCKER-USER', /^iptables -I DOCKER-USER -i v\S+ -j ACCEPT && /],
    [
      'ufw',
      'ip filter',
      'chain ufw-before-forward { ct state established accept; }',
      'jump ufw-before-forward',
      /^ufw route allow in on v/,
    ],
    [
      'firewalld',
      'inet firewalld',
      'chain filter_FORWARD_ZONES { }',
      'goto filter_FORWARD_ZONES',
      /^firewall-cmd --permanent --zone=trusted --add-interface=v/,
    ],
    [
      'libvirt',
      'ip filter',
      'chain LIBVIRT_FWI { oifname "virbr0" reject; }',
      'jump LIBVIRT_FWI',
      /^nft insert rule ip filter FORWARD iifname "v/,
    ],
    ['table ip mine', 'ip mine', 'chain other { }', 'jump other', /^nft insert rule ip mine FORWARD iifname "v/],
  ])('rules of %s that drop what is forwarded are found by their names, or by what they do', (name, table, beside, jump, remedy) => {
    const [family, own] = table.split(' ');
    const findings = provoked(
      `nft -f - <<E
table ${table} {
  ${beside.replace('{', '{\n').replace('}', '\n}')}
  chain FORWARD {
    type filter hook forward priority 0
    policy drop
    ${jump}
  }
}
E`,
    );
    expect(lab.lan(`busybox ping -c1 -W1 ${A}`).status).not.toBe(0);
    expect(findings[0]).toMatchObject({ rule: 'foreign', cts: [101], remedy: expect.stringMatching(remedy) });
    expect(`${findings[0]?.object} ${findings[0]?.cause}`).toMatch(
      new RegExp(`^table \\w+ \\w+( of ${name})? drops what the node forwards`),
    );
    if (!name.startsWith('table ')) expect(findings[0]?.cause).toContain(name);
    // the node has none of these programs: what nft takes is tried as it stands
    if (findings[0]?.remedy.startsWith('nft')) healed(findings);
    if (findings[0]?.remedy.startsWith('nft')) expect(lab.lan(`busybox ping -c1 -W5 ${A}`).status).toBe(0);
    done(`nft delete table ${family} ${own}`);
  });

  test('rules of others that let containers pass are no finding', () => {
    const link = lab.node('ip -o link').out.match(/v[0-9a-f]{8}2t/)?.[0] ?? '';
    done(
      `nft -f - <<E
table inet mine {
  chain FORWARD {
    type filter hook forward priority 0
    policy drop
    iifname "${link}" accept
    oifname { "${link}", "eth9" } accept
    iifname "br0" oifname "br0" accept
  }
}
E`,
    );
    expect(found().findings).toEqual([]);
    done('nft delete table inet mine');
  });

  test('settings that somebody has switched since', () => {
    for (const path of ['ipv4/conf/wire0/forwarding', 'ipv6/conf/all/forwarding', 'ipv6/conf/wire0/proxy_ndp']) {
      const findings = provoked(`echo 0 >/proc/sys/net/${path}`);
      expect(findings.map(({ rule, object }) => ({ rule, object }))).toContainEqual({
        rule: 'switches',
        object: `net.${path.replaceAll('/', '.')}`,
      });
      healed(findings);
      for (const address of [A, A6]) expect(lab.lan(`busybox ping -c1 -W5 ${address}`).status).toBe(0);
    }
  });

  test('a link that is down, and one that is gone', () => {
    const link = lab.node('ip -o link').out.match(/v[0-9a-f]{8}2t/)?.[0] ?? '';
    const down = provoked(`ip link set dev ${link} down`);
    expect(down).toContainEqual(expect.objectContaining({ rule: 'links', cts: [101], cause: 'is down' }));
    expect(found('--repair').findings).toEqual([]);
    const gone = provoked('ip link del dev veth102');
    expect(gone).toMatchObject([{ rule: 'links', cts: [102], remedy: 'vzdeck net check --repair' }]);
    healed(gone);
  });

  test('what holds a rate, taken away or changed by somebody: told, and made anew with no packet let by', () => {
    const link = lab.node('ip -o link').out.match(/v[0-9a-f]{8}2t/)?.[0] ?? '';
    expect(lab.vzctl('set', '101', '--rate', '8mbit:4mbit', '--save')).toMatchObject({ status: 0 });
    const ifb = lab.node('ip -o link show type ifb').out.split(': ')[1] ?? '';
    const shaped = (): string =>
      lab
        .node(`tc qdisc show dev ${link}; tc qdisc show dev ${ifb}; tc filter show dev ${link} ingress; ip -br link show ${ifb}`)
        .out.replace(/qdisc tbf \S+/g, '')
        .replace(/\bindex \d+|\bpref \d+|[0-9a-f:]{17}/g, '');
    const held = shaped();
    const planned = (): string => lab.vzdeck('net', 'check', '--repair', '--dry-run').out;
    for (const [line, evidence, makes] of [
      [
        `tc qdisc del dev ${link} root`,
        `${link} has no token bucket for what goes into the container, in place of 8000 kbit/s`,
        /8000kbit/,
      ],
      [
        `tc qdisc replace dev ${ifb} root pfifo`,
        `${ifb} has no token bucket for what goes out of the container, in place of 4000 kbit/s`,
        /4000kbit/,
      ],
      [
        `tc qdisc replace dev ${link} root tbf rate 90mbit burst 64k latency 50ms`,
        `${link} lets 90000 kbit/s pass for what goes into the container, in place of 8000 kbit/s`,
        /8000kbit/,
      ],
      [
        `tc qdisc del dev ${link} ingress`,
        `nothing leads what ${link} takes in to ${ifb}: the container sends as fast as it can`,
        /mirred/,
      ],
      [
        `tc filter del dev ${link} ingress`,
        `nothing leads what ${link} takes in to ${ifb}: the container sends as fast as it can`,
        /mirred/,
      ],
      [`ip link del ${ifb}`, `${ifb} is not there, through which its packets are led: none comes out of the container`, /type ifb/],
      [`ip link set ${ifb} down`, `${ifb} is down, through which its packets are led`, /link set dev \S+ up/],
    ] as const) {
      const findings = provoked(line);
      expect(findings, line).toMatchObject([{ rule: 'rates', cts: [101], object: 'the rate of container 101', evidence: [evidence] }]);
      expect(planned(), line).toMatch(makes);
      healed(findings);
      expect(planned(), line).not.toMatch(/tbf|mirred|type ifb/);
      expect(shaped(), line).toBe(held);
      expect(lab.lan(`busybox ping -c1 -W5 ${A}`).status).toBe(0);
    }
    // who changes the rate where the ifb is gone gets what he asks for
    for (const [rate, there] of [
      ['8mbit:2mbit', 1],
      ['0', 0],
    ] as const) {
      const now = lab.node('ip -o link show type ifb').out.split(': ')[1] ?? '';
      done(`ip link del ${now}`);
      expect(lab.vzctl('set', '101', '--rate', rate, '--save'), rate).toMatchObject({ status: 0 });
      expect([rate, lab.node('ip -o link show type ifb').out.split('\n').length - 1]).toEqual([rate, there]);
      expect(lab.lan(`busybox ping -c1 -W5 ${A}`).status, rate).toBe(0);
    }
    expect(lab.node(`tc qdisc show dev ${link}`).out).not.toMatch(/tbf|ingress/);
  });

  test('routes and answers to neighbours that are gone, or lead elsewhere', () => {
    const link = lab.node('ip -o link').out.match(/v[0-9a-f]{8}2t/)?.[0] ?? '';
    const route = provoked(`ip route del ${A}`);
    expect(route).toMatchObject([
      { rule: 'routes', cts: [101], object: `route to ${A}`, cause: expect.stringContaining('leads to wire0') },
    ]);
    healed(route);
    done(`echo 1 >/proc/sys/net/ipv4/conf/${link}/rp_filter; ip route add ${A} dev wire0 table 77 && ip rule add to ${A} lookup 77`);
    expect(found().findings.map(({ rule }) => rule)).toEqual(['routes', 'reverse']);
    done(`ip rule del to ${A} lookup 77; ip route flush table 77; echo 0 >/proc/sys/net/ipv4/conf/${link}/rp_filter`);
    for (const address of [A, A6]) {
      const proxy = provoked(`ip neigh del proxy ${address} dev wire0`);
      expect(proxy).toMatchObject([{ rule: 'proxies', cts: [101], object: `${address} on wire0` }]);
      healed(proxy);
    }
  });

  test('ports of a bridge that are elsewhere, and sizes that do not fit', () => {
    const port = provoked('ip link set dev veth102 nomaster');
    expect(port).toMatchObject([{ rule: 'ports', cts: [102], object: 'veth102', remedy: 'ip link set dev veth102 master br0' }]);
    healed(port);
    const size = provoked('ip link add narrow type veth peer name narrow1 && ip link set narrow mtu 1400 master br0 up');
    expect(size).toMatchObject([{ rule: 'mtu', cts: [102], cause: expect.stringContaining('1400') }]);
    done('ip link del narrow');
    expect(found().findings).toEqual([]);
  });

  test('what a bridge shows to rules that drop', () => {
    // part of some kernels, a module of others
    done('test -e /proc/sys/net/bridge || modprobe br_netfilter; echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables');
    const findings = provoked("nft 'add table ip mine; add chain ip mine FORWARD { type filter hook forward priority 0; policy drop; }'");
    expect(findings.map(({ rule }) => rule)).toEqual(['foreign', 'bridged']);
    expect(findings[1]).toMatchObject({ cts: [102], object: 'bridge br0', remedy: 'sysctl -w net.bridge.bridge-nf-call-iptables=0' });
    done('nft delete table ip mine');
  });

  test('an address of the node, or of another config, that a container has', () => {
    const config = `${lab.root}/etc/vz/conf/103.conf`;
    expect(lab.vzctl('create', '103')).toMatchObject({ status: 0 });
    for (const [address, cts, cause] of [
      [A, [101, 103], 'of container 103 is also in the config of container 101'],
      [WIRE.node, [103], "of container 103 is the node's own, on wire0"],
    ] as const) {
      done(`echo 'IP_ADDRESS="${address}"' >>${config}`);
      const { findings } = found();
      expect(findings).toMatchObject([{ rule: 'duplicates', cts, object: `address ${address}`, cause }]);
      expect(lab.vzctl(...(findings[0]?.remedy.split(' ').slice(1) ?? []))).toMatchObject({ status: 0 });
      expect(found().findings).toEqual([]);
    }
    done(`echo 'IP_ADDRESS="${A} ${WIRE.node}"' >>${config}`);
    expect(lab.vzctl('set', '103', '--ipdel', A, '--save')).toMatchObject({ status: 0 });
    expect(found().findings).toMatchObject([{ object: `address ${WIRE.node}` }]);
    lab.vzctl('destroy', '103');
  });

  test.each([
    [A, 24],
    [A6, 64],
  ])('somebody else on the wire who has an address that runs here, with MAC and device (%s)', (address, length) => {
    const mac = /link\/ether (\S+)/.exec(lab.lan('ip link show wire1').out)?.[1] ?? 'none';
    expect(lab.lan(`ip addr add ${address}/${length} dev wire1 nodad`)).toMatchObject({ status: 0 });
    const { findings } = found();
    lab.lan(`ip addr del ${address}/${length} dev wire1`);
    expect(findings).toMatchObject([{ rule: 'claimed', cts: [101], object: `address ${address}` }]);
    expect(findings[0]?.cause).toContain(`is answered for by ${mac} on wire0, too`);
    expect(found().findings).toEqual([]);
  });

  test('who looks from another network namespace is told so', () => {
    const { out } = lab.vzdeckOnLan('net', 'check');
    expect(out).toContain('stands in another network namespace');
    expect(out.match(/ > /g)).toHaveLength(1);
  });

  test('words that mean nothing are refused', () => {
    expect(check('nobody')).toMatchObject({ status: 21, err: 'There is no container nobody\n' });
    expect(check('--what')).toMatchObject({ status: 20 });
    expect(lab.vzdeck('net', 'x')).toMatchObject({ status: 20, err: expect.stringMatching(/^vzdeck net takes one of check/) });
  });
});
