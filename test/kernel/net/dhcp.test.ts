// A client of DHCP inside reads frames, in which the node's own UDP has checksums that nobody has finished: no card has had them. It has to ask the kernel.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { until } from '../until.ts';
import { WATCH } from './frames.ts';
import { inNetLab } from './net-lab.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SERVER = '10.9.0.1';
/** Checksums are right where all sixteen bits are ones. */
const RIGHT = 0xffff;

/** Of the UDP datagram in an Ethernet frame in hex, with the pseudo header: what its words add up to. */
function udpSum(frame: string): number {
  const length = Number.parseInt(frame.slice(76, 80), 16);
  const words = `${frame.slice(52, 68)}0011${frame.slice(76, 80)}${frame.slice(68, 68 + 2 * length)}${length % 2 === 1 ? '00' : ''}`;
  let sum = 0;
  for (const [word] of words.matchAll(/.{4}/g)) sum += Number.parseInt(word, 16);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

/** `ethtool -K DEVICE tx off` */
const UNLOADED = `use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0) or die; my $v = pack("LL", 0x17, 0);
ioctl($s, 0x8946, my $r = pack("a16P", $ARGV[0], $v)) or die $!;`;

inNetLab(
  'a lease from a server on the node, over a bridge',
  (lab, done) => {
    beforeAll(() => {
      done('create', '101');
      done('set', '101', '--netif_add', 'eth0,,,,br0', '--save');
      done('start', '101');
      lab.node(`ip addr add ${SERVER}/24 dev br0`);
      // a socket for frames hears nothing more once its device is down
      lab.inside(101, 'ip link set eth0 up');
    });

    test('is got, and checksums are whole for whoever does not ask where the node is told to make them', async () => {
      const [pid, leases] = [join(lab.root, 'dnsmasq.pid'), join(lab.root, 'leases')];
      const words = `--user=root --conf-file=/dev/null --port=0 --interface=br0 --bind-interfaces --no-ping --dhcp-authoritative`;
      expect(lab.node(`dnsmasq ${words} --dhcp-range=10.9.0.50,10.9.0.60 --dhcp-leasefile=${leases} --pid-file=${pid}`)).toMatchObject({
        status: 0,
      });
      try {
        /** Sums of an offer and its acknowledgement. A server that was late may have offered twice: whoever watches has not seen the lease before. */
        const lease = async (): Promise<readonly number[]> => {
          const frames = await lab.watcher(101, ['perl', '-e', WATCH, 'eth0']);
          done('exec', '101', 'ip addr flush dev eth0; udhcpc -i eth0 -n -q -f');
          expect(lab.inside(101, 'ip -4 addr show eth0').out).toMatch(/inet 10\.9\.0\.(5\d|60)\//);
          let fresh: readonly string[] = [];
          await until(() => {
            fresh = frames
              .got()
              .split('\n')
              .filter((frame) => /^.{24}0800.{18}11.{20}00430044.*/.test(frame));
            return fresh.length >= 2;
          });
          return fresh.map(udpSum);
        };
        expect(await lease()).not.toContain(RIGHT);
        expect(lab.node(`perl -e '${UNLOADED}' veth101.0`)).toMatchObject({ status: 0 });
        expect(new Set(await lease())).toEqual(new Set([RIGHT]));
      } finally {
        process.kill(Number(readFileSync(pid, 'utf8')));
        lab.node('ip link del br0');
      }
    });
  },
  'dnsmasq',
);
