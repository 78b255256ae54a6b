// Rules of packet filters inside, by each way in which they come to be: told as many as there are, of each container its own, and nobody who samples
// waits for it.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProcessId } from '../../../src/engine/launcher/launcher.ts';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { provideStock, STOCK_TIMEOUT } from '../stock.ts';
import { until } from '../until.ts';
import { type Loads, openLoads } from './loads.ts';

const row = async (lab: Lab, id: number) => {
  await lab.engine.countRules([id]);
  return lab.engine.ubc([id])[0]?.rows.find(({ name }) => name === 'numiptent');
};
const initOf = (lab: Lab, id: number): ProcessId => lab.engine.find(String(id))?.init as ProcessId;

/** In the network of a process, as root there could. */
function nftOf(pid: number, input: string): void {
  const done = spawnSync('nsenter', [`--net=/proc/${pid}/ns/net`, 'nft', '-f', '-'], { input, encoding: 'utf8' });
  expect(done.stderr).toBe('');
}
const nft = (lab: Lab, id: number, input: string): void => nftOf(initOf(lab, id).pid, input);

/** One process for each network namespace of a container, that of its init first. */
function networks(lab: Lab, id: number): readonly number[] {
  const reader = lab.engine.processes();
  const pids = [initOf(lab, id).pid, ...reader.look(lab.engine.list()).flatMap(({ ct, pid }) => (ct === id ? [pid] : []))];
  reader.close();
  return [...new Map(pids.toReversed().map((pid) => [readlinkSync(`/proc/${pid}/ns/net`), pid])).values()].toReversed();
}

const chain = (rules: number, family = 'inet'): string =>
  `table ${family} t { chain c { type filter hook input priority 0; ${'meta mark 1 accept; '.repeat(rules)} }; }\n`;

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
  'nft',
)('rules of packet filters', () => {
  let lab: Lab;
  let loads: Loads;
  beforeAll(async () => {
    loads = openLoads();
    ({ lab } = loads);
    for (const id of [101, 102]) await loads.born(id);
    await lab.born(103, { NETFILTER: 'disabled' });
  });
  afterAll(() => loads.down());

  test('are counted in all families, and belong to one container', async () => {
    expect(await row(lab, 101)).toMatchObject({ held: 0, enforced: 'accounting-only', failSource: 'none' });
    nft(lab, 101, `${chain(7)}${chain(3, 'ip6')}table bridge t { chain c { accept; }; }\n`);
    nft(lab, 102, chain(2));
    expect(await row(lab, 101)).toMatchObject({ held: 11, maxheld: 11, source: 'rules in its networks' });
    expect(await row(lab, 102)).toMatchObject({ held: 2 });
    expect((await row(lab, 101))?.reason).toMatch(/counts as memory/);
    nft(lab, 101, 'flush ruleset\n');
    expect(await row(lab, 101)).toMatchObject({ held: 0 });
  });

  test('are none with NETFILTER="disabled", and of who does not run', async () => {
    expect(await row(lab, 103)).toMatchObject({ held: 0, source: 'rules in its networks' });
    await lab.engine.stop(103, { fast: true });
    expect(await row(lab, 103)).toMatchObject({ held: 0, source: 'none' });
  });

  test('are counted in networks that have been made inside, and in none of the node by whoever is on the way in', async () => {
    nft(lab, 102, `flush ruleset\n${chain(2)}`);
    const made = await loads.hold(102, 'network', 2);
    expect(made).toMatchObject({ had: 2, errno: '-' });
    const pids = networks(lab, 102);
    expect(pids.length).toBe(3);
    for (const [n, pid] of pids.slice(1).entries()) nftOf(pid, chain(10 * (n + 1)));
    expect(await row(lab, 102)).toMatchObject({ held: 32, source: 'rules in its networks' });
    expect(await row(lab, 102)).not.toMatchObject({ atLeast: true });

    const other = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
    try {
      await until(() => readlinkSync(`/proc/${other.pid}/ns/net`) !== readlinkSync('/proc/self/ns/net'));
      nftOf(other.pid as number, chain(5));
      const [group = ''] = /^0::(.*)$/m.exec(readFileSync(`/proc/${initOf(lab, 102).pid}/cgroup`, 'utf8'))?.slice(1) ?? [];
      const [mount = ''] = /^cgroup2 (\S+)/m.exec(readFileSync('/proc/mounts', 'utf8'))?.slice(1) ?? [];
      writeFileSync(`${mount}${group}/cgroup.procs`, String(other.pid));
      expect(networks(lab, 102).length).toBe(4);
      expect(await row(lab, 102)).toMatchObject({ held: 32 });
    } finally {
      other.kill('SIGKILL');
    }
    // with all that was in them
    await made.end();
    await until(() => networks(lab, 102).length === 1);
    expect(await row(lab, 102)).toMatchObject({ held: 2 });
  });

  test('are at least so many where there is a network that nobody is in, or more than are looked into', async () => {
    expect(await loads.hold(102, 'mounted', 1)).toMatchObject({ had: 1 });
    expect(await row(lab, 102)).toMatchObject({ held: 2, atLeast: true });
    expect((await lab.inside(102, 'umount /tmp/network.0')).code).toBe(0);
    expect(await row(lab, 102)).not.toMatchObject({ atLeast: true });
    const many = await loads.hold(102, 'network', 20);
    expect(many).toMatchObject({ had: 20 });
    expect(await row(lab, 102)).toMatchObject({ held: 2, atLeast: true });
    await many.end();
  });

  test('are those of tables of arptables as well; counting makes no table', async () => {
    spawnSync('sh', ['-c', 'test -e /proc/net/arp_tables_names || modprobe arp_tables']);
    const tables = (): string => readFileSync(`/proc/${initOf(lab, 102).pid}/net/arp_tables_names`, 'utf8');
    expect(tables()).toBe('');
    expect(await row(lab, 102)).toMatchObject({ held: 2 });
    expect(tables()).toBe('');
    expect(await loads.hold(102, 'arp', 4)).toMatchObject({ had: 4, errno: '-' });
    expect(await row(lab, 102)).toMatchObject({ held: 6 });
  });

  test('are counted beside a sampler, which keeps the highest', async () => {
    nft(lab, 101, chain(5));
    const other = openLab(lab.root);
    const sampler = other.engine.sampler();
    const seen = () =>
      sampler
        .tick([], true)
        .containers.find(({ id }) => id === 101)
        ?.ubc?.rows.find(({ name }) => name === 'numiptent');
    try {
      expect(seen()).toMatchObject({ source: 'none' });
      await until(() => seen()?.held === 5);
      nft(lab, 101, 'flush ruleset\n');
      // not again so soon, but for who asks
      expect(seen()).toMatchObject({ held: 5 });
      await other.engine.countRules([101]);
      expect(seen()).toMatchObject({ held: 0, maxheld: 5 });
    } finally {
      sampler.close();
      other.engine.close();
    }
  });
});

requires(
  'root',
  'launcher',
  'firewall',
)('entries of tables of iptables-legacy', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    await provideStock(lab.root, 'firewall');
    await lab.engine.create(101, { ostemplate: 'firewall', layout: 'overlay', values: { NETFILTER: 'full' } }, lab.run);
    // its boot flushes all rules of nftables
    await lab.engine.start(101, { wait: true }, lab.run);
  }, 2 * STOCK_TIMEOUT);
  afterAll(() => lab.down(), STOCK_TIMEOUT);

  test('are counted without those that a table has from the start, beside rules of nftables; counting makes no table', async () => {
    expect(await row(lab, 101)).toMatchObject({ held: 0 });
    expect(readFileSync(`/proc/${initOf(lab, 101).pid}/net/ip_tables_names`, 'utf8')).toBe('');
    const add = 'iptables-legacy -A INPUT -s 192.0.2.7 -j DROP; ip6tables-legacy -A INPUT -s 2001:db8::7 -j DROP';
    expect((await lab.inside(101, `iptables-legacy -t nat -L && iptables-legacy -L && ip6tables-legacy -L`)).code).toBe(0);
    expect(await row(lab, 101)).toMatchObject({ held: 0 });
    expect((await lab.inside(101, `${add}; ${add}; nft 'table ip t { chain c { accept; }; }'`)).code).toBe(0);
    expect(await row(lab, 101)).toMatchObject({ held: 5 });
    // a chain of one's own has a beginning and an end
    expect((await lab.inside(101, 'iptables-legacy -N own')).code).toBe(0);
    expect(await row(lab, 101)).toMatchObject({ held: 7 });
  });
});
