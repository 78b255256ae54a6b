// vzdeck lens on the real kernel: from each thing of the node to its container and back; names that steer, and words that mean several things.
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import type { Lens, Meaning } from '../../../src/engine/index.ts';
import { until } from '../until.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const [A, A6, C] = ['192.0.2.101', '2001:db8:1::101', '10.5.0.103'];

inNetLab('lens', (lab, done) => {
  const lens = (...words: string[]): readonly Lens[] => JSON.parse(lab.vzdeck('lens', ...words, '--json').out);
  const meanings = (word: string): readonly Meaning[] => lens(word)[0]?.meanings ?? [];
  const factsOf = ({ facts }: Meaning): Readonly<Record<string, string>> => Object.fromEntries(facts);
  const noted = (id: number, name: string): number =>
    Number(readFileSync(join(lab.root, 'run/vzdeck', String(id), name), 'utf8').split(' ')[0]);

  beforeAll(async () => {
    for (const words of [
      ['create', '101', '--ipadd', A, '--ipadd', A6],
      ['set', '101', '--name', 'web', '--forward', 'tcp:8080:80', '--save'],
      ['create', '103'],
      ['set', '103', '--netif_add', 'eth0,,veth103,,br0', '--save'],
      ['start', '101'],
      ['start', '103'],
    ])
      done(...words);
    lab.inside(103, `ip addr add ${C}/24 dev eth0; ip link set eth0 up`);
  });

  test('all that stands for a container leads back to it', () => {
    const [whole] = meanings('101');
    const [byName] = meanings('web');
    expect(whole).toEqual(byName);
    const facts = factsOf(whole as Meaning);
    expect(whole).toMatchObject({ kind: 'container', ct: 101, says: 'container 101 (web) is running' });
    const words = [
      facts['init'],
      facts['keeper'],
      `uid:${Number(facts['user ids']?.split('-')[0]) + 1000}`,
      facts['links']?.split(' ')[0],
      ...(facts['addresses']?.split(' ') ?? []),
      facts['macs'],
      `${facts['private']}/etc/passwd`,
      `${facts['root']}/etc`,
      facts['kept of its start'],
      ...(facts['cgroups']?.split(' ') ?? []),
    ].map(String);
    expect(facts).toMatchObject({ init: String(noted(101, 'init')), keeper: String(noted(101, 'keeper')), addresses: `${A} ${A6}` });
    const back = lens(...words);
    expect(back.map(({ asked, meanings: found }) => ({ asked, cts: [...new Set(found.map(({ ct }) => ct))] }))).toEqual(
      words.map((asked) => ({ asked, cts: [101] })),
    );
  });

  test('a process has its pid inside, a socket its process, a namespace its container', async () => {
    await lab.listens(101, 80);
    const [port] = meanings('tcp:80').filter(({ ct }) => ct === 101);
    const { 'pid inside': inner = '', inode = '' } = factsOf(port as Meaning);
    expect(port?.says).toMatch(/^tcp port 80 is listened on in container 101 \(web\) by process \d+, httpd$/);
    expect(lab.vzctl('exec', '101', `cat /proc/${inner}/comm`).out).toBe('httpd\n');
    const [socket] = meanings(`socket:[${inode}]`);
    expect(socket).toMatchObject({ kind: 'inode', ct: 101, says: expect.stringContaining('httpd, in container 101 (web)') });
    const space = readlinkSync(`/proc/${noted(103, 'init')}/ns/net`);
    expect(meanings(space)).toMatchObject([{ ct: 103, says: `${space} is the net namespace of container 103` }]);
  });

  test('ports of the node that lead inside, and what the node itself has', async () => {
    expect(meanings('8080')).toContainEqual(
      expect.objectContaining({
        kind: 'port',
        ct: 101,
        says: 'port 8080 of the node leads to container 101 (web)',
        facts: [['to', `tcp ${A} port 80, tcp ${A6} port 80`]],
      }),
    );
    expect(meanings(WIRE.node)).toMatchObject([{ kind: 'address', ct: 0, says: `${WIRE.node} is the node's own, on wire0` }]);
    expect(meanings('wire0')).toMatchObject([{ kind: 'interface', ct: 0 }]);
    expect(meanings(String(process.pid))).toContainEqual(
      expect.objectContaining({ kind: 'pid', ct: 0, says: expect.stringContaining('of the node itself') }),
    );
  });

  test('bridged: its link, its bridge, its MAC, and an address that only its root knows', () => {
    for (const word of ['veth103', 'br0', 'eth0']) expect(meanings(word)).toMatchObject([{ kind: 'interface', ct: 103 }]);
    expect(meanings(C)).toMatchObject([
      { kind: 'address', ct: 103, says: `${C} is an address of container 103, which its root has given it` },
    ]);
    const mac = factsOf(meanings('103')[0] as Meaning)['macs'] ?? '';
    expect(meanings(mac.toUpperCase().replaceAll(':', '-'))).toMatchObject([{ kind: 'mac', ct: 103 }]);
  });

  test('a word that can mean several things has them all', () => {
    const init = noted(101, 'init');
    // where a pid is a number of a port as well, both are asked for
    const kinds = meanings(String(init)).map(({ kind }) => kind);
    expect(kinds).toContain('pid');
    expect(meanings('101').map(({ kind }) => kind)).toContain('container');
    expect(meanings('port:101')).toEqual([]);
  });

  test('names from inside steer no terminal, and paths go nowhere', async () => {
    const script = String.raw`printf '#!/bin/sh\nwhile :; do sleep 60; done\n' >"/tmp/$(printf 'a\033]0;owned\007b')"; chmod +x /tmp/a*; /tmp/a* >/dev/null 2>&1 & echo $!`;
    const inner = lab.vzctl('exec', '103', script).out.trim();
    const named = `grep -l "^NSpid:.*[[:space:]]${inner}$" /proc/[0-9]*/status 2>/dev/null | xargs -r grep -ls 'a?\\|owned' | cut -d/ -f3`;
    let pid = '';
    await until(() => {
      pid = lab.node(named).out.trim().split('\n')[0] ?? '';
      return pid !== '';
    });
    const { out, status } = lab.vzdeck('lens', pid);
    expect(status).toBe(0);
    expect(out).toContain('in container 103');
    expect(out).not.toMatch(/[\u001b\u0007]/);
    for (const path of [`${lab.root}/var/lib/vz/private/101/../../..`, 'relative/path', `${lab.root}/var/lib/vz/private/1011`])
      expect({ path, ...lab.vzdeck('lens', path) }).toMatchObject({ status: 1 });
  });

  test('what nobody has', () => {
    expect(lab.vzdeck('lens')).toMatchObject({ status: 21 });
    for (const word of ['', ' '])
      expect(lab.vzdeck('lens', '101', word)).toMatchObject({
        status: 21,
        out: '',
        err: expect.stringMatching(/^An empty word names nothing/),
      });
    expect(lab.vzdeck('lens', '198.51.100.77')).toMatchObject({
      status: 1,
      out: 'Nothing of this node, nor of its containers, is 198.51.100.77\n',
    });
    expect(lab.vzdeck('lens', 'x\u001b[2Jy')).toMatchObject({ status: 1, out: 'Nothing of this node, nor of its containers, is x?[2Jy\n' });
    lab.vzctl('stop', '103', '--fast');
    // a process of the node may have that number as well
    expect(meanings('103')[0]).toMatchObject({ says: 'container 103 is stopped' });
    expect(meanings(A)).toMatchObject([{ ct: 101 }]);
  });
});
