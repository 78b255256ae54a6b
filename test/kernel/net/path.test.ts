// vzdeck net path on the real kernel: a way that works, and each break made for real: what it says, where, and that the packet does end there.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import type { NetPath } from '../../../src/engine/index.ts';
import { inNetLab, type Said, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const [A, B, A6] = ['192.0.2.101', '192.0.2.102', '2001:db8:1::101'];
const [C, D] = ['10.5.0.103', '10.5.0.104'];

inNetLab('net path', (lab, vzctl) => {
  const done = (line: string, where: (line: string) => Said = lab.node): void =>
    expect({ line, ...where(line) }).toMatchObject({ status: 0 });
  const inside =
    (id: number) =>
    (line: string): Said =>
      lab.inside(id, line);
  const path = (...words: string[]): NetPath => JSON.parse(lab.vzdeck('net', 'path', ...words, '--json').out);
  /** With the break a real connection comes to nothing and the way ends there; without it both are as before. */
  const broken = (from: string, to: string, line: string, back: string, where: (line: string) => Said = lab.node): NetPath => {
    done(line, where);
    const found = path(from, to, '--probe');
    done(back, where);
    expect(found).toMatchObject({ arrives: false, probe: { reached: false } });
    return found;
  };
  const end = ({ steps }: NetPath): NetPath['steps'][number] | undefined => steps.find(({ ok }) => ok === false);
  const near = (): string => lab.node('ip -o link').out.match(/v[0-9a-f]{8}2t/)?.[0] ?? '';

  beforeAll(async () => {
    vzctl('create', '101', '--ipadd', A, '--ipadd', A6);
    vzctl('create', '102', '--ipadd', B);
    for (const id of ['103', '104']) {
      vzctl('create', id);
      vzctl('set', id, '--netif_add', `eth0,,veth${id},,br0`, '--save');
    }
    for (const id of ['101', '102', '103', '104']) vzctl('start', id);
    for (const [id, address] of [
      [103, C],
      [104, D],
    ] as const)
      done(`ip addr add ${address}/24 dev eth0 && ip link set eth0 up`, inside(id));
    for (const id of [101, 102, 104]) await lab.listens(id, 80);
  });

  test.each([
    ['101', '102:80', `somebody listens on tcp port 80`],
    ['101', `[${A6}]:80`, 'somebody listens on tcp port 80'],
    ['node', '101:80', 'somebody listens on tcp port 80'],
    ['103', `${D}:80`, 'somebody listens on tcp port 80'],
    ['101', WIRE.lan, `has left by wire0 for ${WIRE.lan}`],
    ['101', WIRE.node, `${WIRE.node} is here`],
  ])('from %s to %s it arrives, and so does a connection for real', (from, to, says) => {
    expect(path(from, to, '--probe')).toMatchObject({ arrives: true, ends: expect.stringContaining(says), probe: { reached: true } });
  });

  test('of rates those are told that the packet meets: of the link that it comes out by, and of the one that it goes in by', () => {
    const limits = (from: string, to: string): readonly string[] =>
      path(from, to).steps.flatMap(({ evidence }) => evidence.filter((line) => line.startsWith('at most')));
    const more = 'what is more waits 50 ms, and is dropped';
    vzctl('set', '101', '--netif_add', 'eth9,,veth101.9', '--rate', '5mbit:1mbit eth9=7mbit');
    vzctl('set', '104', '--rate', '4mbit:3mbit');
    expect(limits('101', '102:80')).toEqual([`at most 1000 kbit/s from container 101 by ${near()}: ${more}`]);
    expect(limits('102', '101:80')).toEqual([`at most 5000 kbit/s to container 101 by ${near()}: ${more}`]);
    expect(limits('103', `${D}:80`)).toEqual([`at most 4000 kbit/s to container 104 by veth104: ${more}`]);
    vzctl('set', '101', '--netif_del', 'eth9', '--rate', '0');
    vzctl('set', '104', '--rate', '0');
  });

  test('from outside it is followed from the device where it comes in', () => {
    const found = path(WIRE.lan, '101:80', '--probe');
    expect(found).toMatchObject({ arrives: true, probe: { reached: null } });
    expect(found.steps[0]).toMatchObject({ where: 'node', says: 'comes in by wire0' });
  });

  test('no route inside', () => {
    const found = broken('101', `${WIRE.lan}:80`, 'ip route del default', 'ip route add default dev venet0', inside(101));
    expect(end(found)).toMatchObject({
      where: 'inside 101',
      says: expect.stringContaining(`no route to ${WIRE.lan} (Network is unreachable)`),
    });
  });

  test('a link that is down inside', () => {
    const found = broken(
      '101',
      '102:80',
      'ip link set venet0 down',
      'ip link set venet0 up && ip route add default dev venet0',
      inside(101),
    );
    expect(end(found)).toMatchObject({ where: 'inside 101', says: 'venet0 is down' });
    expect(
      end(broken('102', '101:80', 'ip link set venet0 down', 'ip link set venet0 up && ip route add default dev venet0', inside(101))),
    ).toMatchObject({
      where: 'inside 101',
      says: 'venet0 is down',
    });
  });

  test('a forged source', () => {
    const found = broken(
      '101',
      '102:80',
      'ip addr add 10.9.9.9/32 dev venet0 && ip route replace default dev venet0 src 10.9.9.9',
      'ip route replace default dev venet0 && ip addr del 10.9.9.9/32 dev venet0',
      inside(101),
    );
    expect(end(found)).toMatchObject({ where: 'node', says: 'the guard drops it: 10.9.9.9 is none of the addresses of container 101' });
  });

  test('the node does not forward', () => {
    const file = `/proc/sys/net/ipv4/conf/${near()}/forwarding`;
    const found = broken('101', '102:80', `echo 0 >${file}`, `echo 1 >${file}`);
    expect(end(found)).toMatchObject({ where: 'node', says: `the node does not forward what comes in by ${near()}` });
    done(end(found)?.remedy ?? '');
  });

  test('rules of others, and rules inside', () => {
    const found = broken(
      '101',
      '102:80',
      `nft 'add table ip filter; add chain ip filter DOCKER-USER; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }'`,
      'nft delete table ip filter',
    );
    expect(end(found)).toMatchObject({ where: 'node', says: 'docker drops it', evidence: ['policy of chain ip filter FORWARD'] });
    const input = `nft 'add table inet f; add chain inet f i { type filter hook input priority 0; }; add rule inet f i tcp dport { 22, 80 } drop'`;
    const own = broken('101', '102:80', input, 'nft delete table inet f', inside(102));
    expect(end(own)).toMatchObject({ where: 'inside 102', says: 'table inet f drops it' });
    const out = input.replaceAll('input', 'output').replace('drop', 'reject');
    expect(end(broken('101', '102:80', out, 'nft delete table inet f', inside(101)))).toMatchObject({ where: 'inside 101' });
  });

  test('a rule that nobody can judge is told as such, and a connection shows what it does', () => {
    done(`nft 'add table inet f; add chain inet f F { type filter hook forward priority 0; }; add rule inet f F meta cpu 99 drop'`);
    const found = path('101', '102:80', '--probe');
    done('nft delete table inet f');
    expect(found).toMatchObject({
      arrives: null,
      ends: expect.stringContaining('unless one that cannot be judged drops it'),
      probe: { reached: true },
    });
  });

  test('a port in the wrong bridge', () => {
    done('ip link add br9 type bridge && ip link set br9 up');
    const back = 'ip link set veth104 master br0';
    expect(end(broken('103', `${D}:80`, 'ip link set veth104 master br9', back))).toMatchObject({
      where: 'node',
      says: 'veth104 of container 104 is in bridge br9, and not in br0 as it was made',
      remedy: 'ip link set dev veth104 master br0',
    });
    expect(end(broken('104', `${C}:80`, 'ip link set veth104 nomaster', back))).toMatchObject({
      says: expect.stringContaining('is in no bridge'),
    });
    done('ip link del br9');
  });

  test('nobody listens, or on loopback only', async () => {
    expect(end(path('101', '102:81'))).toMatchObject({ where: 'inside 102', says: 'nobody listens on tcp port 81' });
    expect(lab.vzctl('exec', '102', 'httpd -p 127.0.0.1:8081 -h /var/www')).toMatchObject({ status: 0 });
    await lab.listens(102, 8081);
    const found = path('101', '102:8081', '--probe');
    expect(found).toMatchObject({ arrives: false, probe: { reached: false } });
    expect(end(found)).toMatchObject({ says: 'the program on tcp port 8081 listens on 127.0.0.1 only, which is loopback' });
    expect(end(path('node', '102:53/udp'))).toMatchObject({ says: 'nobody listens on udp port 53' });
  });

  test('a neighbour that does not answer, one that nobody answers for, and an address that is gone', () => {
    const found = path('101', '192.0.2.77:80', '--probe');
    expect(found).toMatchObject({ arrives: false, probe: { reached: false } });
    expect(end(found)).toMatchObject({ where: 'node', says: 'nobody on wire0 answers for 192.0.2.77' });
    done(`ip neigh del proxy ${A} dev wire0`);
    for (const [from, to] of [
      ['101', `${WIRE.lan}:80`],
      [WIRE.lan, '101:80'],
    ] as const)
      expect(end(path(from, to))).toMatchObject({ where: 'node', says: expect.stringContaining('wire0') });
    done(`ip neigh add proxy ${A} dev wire0`);
    const gone = broken(
      '102',
      `${A}:80`,
      `ip addr del ${A}/32 dev venet0`,
      `ip addr add ${A}/32 dev venet0 && ip route replace default dev venet0`,
      inside(101),
    );
    expect(end(gone)).toMatchObject({ where: 'inside 101', says: `it does not have ${A} on any of its links` });
  });

  test('a forwarded port, and an address that is translated', async () => {
    const each = (...calls: readonly string[]): void => {
      for (const call of calls) expect({ call, ...lab.vzctl(...call.split(' ')) }).toMatchObject({ status: 0 });
    };
    each('create 105 --ipadd auto', 'set 105 --forward tcp:8080:80 --save', 'start 105');
    expect(path('105', WIRE.lan, '--probe')).toMatchObject({
      arrives: null,
      ends: expect.stringContaining(
        `outside, whether ${WIRE.lan} leads answers back here: 10.187.0.105 is of no network of wire0, and nothing translates it`,
      ),
      probe: { reached: false },
    });
    appendFileSync(join(lab.root, 'etc/vz/vz.conf'), 'VZDECK_NAT="yes"\n');
    each('restart 105');
    await lab.listens(105, 80);
    const found = path(WIRE.lan, `${WIRE.node}:8080`);
    expect(found).toMatchObject({ arrives: true, ends: 'The packet arrives inside 105: somebody listens on tcp port 80.' });
    expect(found.steps.map(({ says }) => says)).toContainEqual('a forwarded port leads it to 10.187.0.105:80');
    const out = path('105', WIRE.lan, '--probe');
    expect(out).toMatchObject({ arrives: true, probe: { reached: true } });
    expect(out.steps.map(({ says }) => says)).toContainEqual('goes out under the address of the node (NAT)');
    lab.vzctl('stop', '105', '--fast');
    expect(end(path('101', '105:80'))).toMatchObject({ says: 'container 105 does not run', remedy: 'vzctl start 105' });
  });

  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: what a shell would do is what must not happen
  test('names of links inside that would be commands are none, and what is printed steers no terminal', () => {
    done(
      `ip link add '$(touch\${IFS}x)' type veth peer name "$(printf 'a\\033[31mb')"; ip link set '$(touch\${IFS}x)' up; ip route add 198.18.0.1/32 dev '$(touch\${IFS}x)'`,
      inside(101),
    );
    const { out, status } = lab.vzdeck('net', 'path', '101', '198.18.0.1');
    expect(status).toBe(1);
    expect(out).toContain('$(touch${IFS}x)');
    expect(out).not.toContain('\u001b');
    done(`ip link del '$(touch\${IFS}x)'`, inside(101));
  });

  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

  test('the sentence for people, and words that mean nothing', () => {
    const { out, status } = lab.vzdeck('net', 'path', '101', '102:81');
    expect({ status, last: out.trim().split('\n').at(-1) }).toEqual({
      status: 1,
      last: 'The packet ends inside 102: nobody listens on tcp port 81; start the server there.',
    });
    expect(lab.vzdeck('net', 'path', '101')).toMatchObject({ status: 21 });
    for (const word of ['nobody', '101:0', '101:65536', '10.0.0.0/8', '999', ''])
      expect({ word, ...lab.vzdeck('net', 'path', '101', word) }).toMatchObject({
        status: 21,
        err: expect.stringContaining('is no end of a way'),
      });
  });
});
