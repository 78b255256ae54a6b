// Forwarded ports, NAT of pools and addresses that are chosen, on the real kernel with connections of both families.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { holdNetwork } from './held-network.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

inNetLab('forwarded ports and NAT', (lab, done) => {
  const addresses = (id: number): string =>
    /IP_ADDRESS="([^"]*)"/.exec(readFileSync(join(lab.root, `etc/vz/conf/${id}.conf`), 'utf8'))?.[1] ?? '';
  const ask = (address: string, port: number): string =>
    `printf 'GET /hello HTTP/1.0\\r\\n\\r\\n' | busybox nc -w 30 ${address} ${port} | tail -n 1`;

  beforeAll(async () => {
    done('create', '101', '--ipadd', 'auto', '--ipadd', 'auto6');
    appendFileSync(join(lab.root, 'etc/vz/vz.conf'), 'VZDECK_NAT="yes"\n');
    done('set', '101', '--forward', 'tcp:8080:80', '--save');
    done('start', '101');
    // the embedded template serves this directory
    done('exec', '101', 'echo hello >/var/www/hello');
    await lab.listens(101, 80);
  });

  test('addresses are chosen from the pools by the id: a private one and a ULA', () => {
    expect(addresses(101)).toMatch(/^10\.187\.0\.101 fd[0-9a-f:]+::65$/);
    done('create', '102', '--ipadd', 'auto');
    expect(addresses(102)).toBe('10.187.0.102');
  });

  test('each auto of a call is another address, also beside one that is named and beside what runs unsaved', () => {
    const had = addresses(101);
    done('set', '102', '--ipadd', 'auto', '--ipadd', 'auto auto', '--ipadd', '10.187.0.103', '--save');
    expect(addresses(102)).toBe('10.187.0.102 10.187.0.104 10.187.0.105 10.187.0.106 10.187.0.103');
    // 101 has this one without its config
    done('set', '101', '--ipadd', '10.187.0.107');
    done('set', '102', '--ipdel', 'all', '--ipadd', '10.187.0.102 auto auto auto auto auto', '--save');
    expect(addresses(102)).not.toContain('10.187.0.107');
    expect(addresses(102).split(' ').length).toBe(6);
    // what runs, and what is saved, get the same one
    done('set', '101', '--ipadd', 'auto', '--save');
    const [chosen = ''] = addresses(101).replace(had, '').trim().split(' ');
    expect(lab.inside(101, 'ip -o addr show dev venet0').out).toContain(` ${chosen}/32`);
    done('set', '101', '--ipdel', `${chosen} 10.187.0.107`, '--save');
    done('set', '102', '--ipdel', 'all', '--ipadd', '10.187.0.102', '--save');
    expect([addresses(101), addresses(102)]).toEqual([had, '10.187.0.102']);
    expect(lab.vzctl('set', '102', '--ipadd', 'constructor')).toMatchObject({ status: 21 });
  });

  test('a port of the node leads to the container, for the LAN, the node and the container itself, by IPv4 and IPv6', () => {
    for (const address of [WIRE.node, WIRE.node6]) {
      for (const from of [lab.lan, lab.node]) expect({ address, out: from(ask(address, 8080)).out }).toEqual({ address, out: 'hello\n' });
      expect({ address, out: lab.inside(101, ask(address, 8080)).out }).toEqual({ address, out: 'hello\n' });
    }
  });

  test('it goes out as the node, whose addresses the LAN alone knows', () => {
    expect(lab.lan('ip route get 10.187.0.101').status).not.toBe(0);
    for (const to of [WIRE.lan, WIRE.lan6]) expect(lab.inside(101, `busybox ping -c1 -W5 ${to}`)).toMatchObject({ status: 0 });
  });

  test('a port that another one has is refused, and one that goes leads nowhere', () => {
    expect(lab.vzctl('set', '102', '--forward', 'tcp:8080:80', '--save')).toMatchObject({
      status: 78,
      err: expect.stringContaining('Port tcp:8080 of the node leads to container 101 already'),
    });
    done('set', '101', '--forward_del', 'all');
    expect(lab.lan(ask(WIRE.node, 8080)).out).toBe('');
  });

  test('ports lead to the next address when the first goes, while it runs', () => {
    const ways = (): string => lab.node('nft list ruleset').out;
    expect(lab.vzctl('create', '109', '--ipadd', '192.0.2.191 192.0.2.192')).toMatchObject({ status: 0 });
    expect(lab.vzctl('set', '109', '--forward', 'tcp:8109:80', '--save')).toMatchObject({ status: 0 });
    expect(lab.vzctl('start', '109')).toMatchObject({ status: 0 });
    expect(lab.vzctl('set', '109', '--ipdel', '192.0.2.191', '--save')).toMatchObject({ status: 0 });
    expect(ways()).toContain('tcp . 8109 : 192.0.2.192 . 80');
    expect(lab.vzctl('set', '109', '--forward', 'tcp:8110:80', '--forward_del', 'tcp:8109:80', '--save')).toMatchObject({ status: 0 });
    expect(lab.vzctl('stop', '109', '--fast')).toMatchObject({ status: 0 });
    expect(ways()).not.toMatch(/192\.0\.2\.19[12]/);
  });

  test('a change of the first address that is killed before it has come to the table keeps nothing from going on', async () => {
    const way = (): readonly string[] => [...lab.node('nft list ruleset').out.matchAll(/tcp \. 8107 : \S+/g)].map(([one]) => one);
    const note = (): string => readFileSync(join(lab.root, 'run/vzdeck/107/network'), 'utf8');
    done('create', '107', '--ipadd', '192.0.2.171');
    done('set', '107', '--forward', 'tcp:8107:80', '--save');
    done('start', '107');
    for (const [stays, words] of [
      ['171', ['set', '107', '--cpuunits', '500']],
      ['172', ['set', '107', '--ipadd', '192.0.2.172', '--ipdel', '192.0.2.171', '--save']],
    ] as const) {
      const network = await holdNetwork(lab.root);
      try {
        const changing = lab.vzctlBeside('set', '107', '--ipdel', 'all', '--ipadd', '192.0.2.172', '--save');
        const ended = new Promise((resolve) => changing.once('exit', resolve));
        await network.wanted(changing);
        // the node's part is locked while tables are looked at, and again when the note has been written
        while (!note().includes('"half"')) await network.pass(changing);
        changing.kill('SIGKILL');
        await ended;
      } finally {
        await network.release();
      }
      expect(JSON.parse(lab.vzdeck('net', 'check', '107', '--json').out).findings).toMatchObject([
        { rule: 'unfinished', cts: [107], object: 'the network of container 107', remedy: 'vzdeck net check --repair' },
      ]);
      // as far as it may have come
      const link = /"pair","([^"]+)"/.exec(note())?.[1];
      lab.node(`ip neigh replace proxy 192.0.2.172 dev wire0 && ip route replace 192.0.2.172 dev ${link} metric 187`);
      done(...words);
      expect(way()).toEqual([`tcp . 8107 : 192.0.2.${stays}`]);
    }
    done('stop', '107', '--fast');
    expect(way()).toEqual([]);
  });

  test('the last one gives the node back what it had', () => {
    done('stop', '101', '--fast');
    expect(lab.changed()).toEqual([]);
  });
});
