// What each level of NETFILTER has of the packet filter, tried by the programs that people use, as root of a container: iptables of old, nft, iptables by
// way of nft, conntrack. At full with packets that are translated.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { provideStock, STOCK_TIMEOUT } from '../stock.ts';

vi.setConfig({ testTimeout: 240_000 });

const IDS = { full: 101, stateless: 102, stateful: 103 } as const;
type Level = keyof typeof IDS;

const LEGACY = {
  filter: 'iptables-legacy -A INPUT -s 192.0.2.7 -j DROP && iptables-legacy -S INPUT',
  filter6: 'ip6tables-legacy -A INPUT -s 2001:db8::7 -j DROP && ip6tables-legacy -S INPUT',
  mangle: 'iptables-legacy -t mangle -A OUTPUT -s 192.0.2.7 -j TTL --ttl-set 9 && iptables-legacy -t mangle -S OUTPUT',
  nat: 'iptables-legacy -t nat -A POSTROUTING -s 192.0.2.7 -j MASQUERADE && iptables-legacy -t nat -S POSTROUTING',
  nat6: 'ip6tables-legacy -t nat -A POSTROUTING -s 2001:db8::7 -j MASQUERADE && ip6tables-legacy -t nat -S POSTROUTING',
  raw: 'iptables-legacy -t raw -A OUTPUT -s 192.0.2.7 -j DROP && iptables-legacy -t raw -S OUTPUT',
} as const;
/** Beyond what one look at an option shows. */
const MANY = `for n in $(seq 60); do echo "-A INPUT -s 192.0.2.$n -j DROP"; done`;
const restore = (table: string, chain: string): string =>
  `{ echo '*${table}'; ${MANY} | sed s/INPUT/${chain}/; echo COMMIT; } | iptables-legacy-restore -n && iptables-legacy -t ${table} -S ${chain} | wc -l`;

const chain = (rule: string, type = 'filter', hook = 'input', table = 'ip'): string =>
  `nft 'table ${table} try { chain ${hook} { type ${type} hook ${hook} priority 0; ${rule}; }; }'`;
const NFT = {
  filter: `${chain('ip saddr 192.0.2.7 drop')} && nft list ruleset`,
  plain: 'iptables-nft -A INPUT -s 192.0.2.8 -j DROP && iptables-nft -S INPUT',
  nat: chain('masquerade', 'nat', 'postrouting'),
  nat6: chain('masquerade', 'nat', 'postrouting', 'ip6'),
  natPlain: 'iptables-nft -t nat -A POSTROUTING -s 192.0.2.7 -j MASQUERADE',
  ct: chain('ct state established accept'),
  helper: 'nft \'table ip objects { ct helper ftp { type "ftp" protocol tcp; }; }\'',
  ctPlain: 'iptables-nft -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
  statePlain: 'iptables-nft -A INPUT -m state --state ESTABLISHED -j ACCEPT',
  list: 'conntrack -L',
} as const;

/** A network behind the container, a host before it, and what a server there says of who has come. */
const TRANSLATED = `
own() { readlink /proc/$1/ns/net; }
unshare -n sleep 600 & before=$!; unshare -n sleep 600 & behind=$!
for pid in $before $behind; do until test "$(own $pid)" != "$(own self)"; do sleep 0.05; done; done
ip link add a0 type veth peer name eth0 netns $before; ip link add b0 type veth peer name eth0 netns $behind
ip addr add 172.30.0.1/24 dev a0; ip addr add 10.9.0.1/24 dev b0; ip link set a0 up; ip link set b0 up; echo 1 >/proc/sys/net/ipv4/ip_forward
nsenter -t $before -n sh -c 'ip addr add 172.30.0.2/24 dev eth0; ip link set eth0 up; ip route add default via 172.30.0.1'
nsenter -t $behind -n sh -c 'ip addr add 10.9.0.2/24 dev eth0; ip link set eth0 up'
nsenter -t $behind -n perl -MIO::Socket::INET -e '
  $s = IO::Socket::INET->new(LocalPort => 80, Listen => 4, ReuseAddr => 1) or die; open F, ">/tmp/ready"; close F; while ($c = $s->accept) { print $c $c->peerhost; close $c }' &
server=$!
until test -e /tmp/ready; do sleep 0.05; done
come() { timeout 20 nsenter -t $before -n bash -c "exec 3<>/dev/tcp/$1/$2 && cat <&3"; echo; }
nft 'table ip n { chain out { type nat hook postrouting priority 100; oifname b0 masquerade; }; chain in { type nat hook prerouting priority -100; tcp dport 8080 dnat to 10.9.0.2:80; }; }'
come 10.9.0.2 80; come 172.30.0.1 8080
nft delete table ip n
iptables-legacy -t nat -A POSTROUTING -o b0 -j MASQUERADE; iptables-legacy -t nat -A PREROUTING -p tcp --dport 8081 -j DNAT --to 10.9.0.2:80
come 10.9.0.2 80; come 172.30.0.1 8081
kill $server $before $behind`;

const needs = requires('root', 'launcher', 'firewall');

needs('the packet filter inside', () => {
  let lab: Lab;
  const tried = new Map<string, Promise<{ code: number | null; out: string }>>();
  const run = (level: Level, line: string): Promise<{ readonly code: number | null; readonly out: string }> => {
    const key = `${level} ${line}`;
    const known = tried.get(key) ?? lab.inside(IDS[level], `( ${line}\n) 2>&1`);
    tried.set(key, known);
    return known;
  };
  const answers = async (level: Level, lines: Readonly<Record<string, string>>): Promise<Readonly<Record<string, boolean>>> => {
    const all: [string, boolean][] = [];
    for (const [name, line] of Object.entries(lines)) all.push([name, (await run(level, line)).code === 0]);
    return Object.fromEntries(all);
  };
  const all = (lines: Readonly<Record<string, string>>, but: readonly string[] = []): Readonly<Record<string, boolean>> =>
    Object.fromEntries(Object.keys(lines).map((name) => [name, !but.includes(name)]));

  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    await provideStock(lab.root, 'firewall');
    for (const [level, id] of Object.entries(IDS)) {
      await lab.engine.create(id, { ostemplate: 'firewall', layout: 'overlay', values: { NETFILTER: level } }, lab.run);
      // its boot flushes all rules of nftables
      await lab.engine.start(id, { wait: true }, lab.run);
    }
  }, 2 * STOCK_TIMEOUT);
  afterAll(() => lab.down(), STOCK_TIMEOUT);

  test('is all there at full, by both ways, and translates what passes', async () => {
    expect(await answers('full', LEGACY)).toEqual(all(LEGACY));
    expect(await answers('full', NFT)).toEqual(all(NFT));
    expect((await run('full', TRANSLATED)).out.match(/^\d+\.\d+\.\d+\.\d+$/gm)).toEqual(Array.from({ length: 4 }, () => '10.9.0.1'));
  });

  test.each(['stateless', 'stateful'] as const)(
    'has the tables filter and mangle of iptables-legacy at %s, and no other',
    async (level) => {
      expect(await answers(level, LEGACY)).toEqual(all(LEGACY, ['nat', 'nat6', 'raw']));
      expect((await run(level, LEGACY.nat)).out).toMatch(/nat.*Table does not exist/s);
      expect(Number((await run(level, restore('filter', 'INPUT'))).out)).toBeGreaterThan(60);
      expect((await run(level, restore('nat', 'OUTPUT'))).code).not.toBe(0);
      expect((await run(level, 'iptables-legacy -A INPUT -m state --state ESTABLISHED -j ACCEPT')).code).toBe(0);
      // in a network namespace that it makes for itself, too
      expect((await run(level, `unshare -n sh -c '${LEGACY.nat}'`)).code).not.toBe(0);
      expect((await run(level, `unshare -n sh -c '${LEGACY.filter}'`)).code).toBe(0);
    },
  );

  test.each(['stateless', 'stateful'] as const)('leaves nft and iptables by way of it as they are at %s', async (level) => {
    expect(await answers(level, NFT)).toEqual(all(NFT));
  });

  test('a list of modules is a level', async () => {
    const nat = async (id: number): Promise<boolean> => (await lab.inside(id, `${LEGACY.nat} 2>&1`)).code === 0;
    writeFileSync(join(lab.root, 'etc/vz/conf/ve-plain.conf-sample'), 'PHYSPAGES="0:256M"\nNUMPROC="200"\n');
    for (const [id, modules] of [
      [104, 'iptable_filter ipt_state'],
      [105, 'iptable_filter iptable_nat'],
    ] as const) {
      await lab.engine.create(id, { ostemplate: 'firewall', layout: 'overlay', config: 'plain', values: { IPTABLES: modules } }, lab.run);
      await lab.engine.start(id, {}, lab.run);
    }
    expect([await nat(104), await nat(105)]).toEqual([false, true]);
  });
});
