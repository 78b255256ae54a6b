import { expect, it } from 'vitest';
import { openVestat, veinfoText, veipText, vethText } from '../../../src/engine/spec/ve-text.ts';

const two = [
  { id: 101, numproc: 12, ips: ['10.0.0.101', '2001:db8::1'] },
  { id: 2_147_483_644, numproc: 1, ips: [] },
];

it('veinfo is as printf "%10u %5u %5u", " %15s" and " %39s" make it', () => {
  expect(veinfoText(two)).toBe('       101     0    12      10.0.0.101                             2001:db8::1\n2147483644     0     1\n');
});

it('veip is as printf "%39s %10u" makes it', () => {
  expect(veipText(two)).toBe(
    ['Version: 2.5', '                             10.0.0.101        101', '                            2001:db8::1        101', ''].join(
      '\n',
    ),
  );
});

it('vestat has twelve columns of twenty, below a version line that is as wide', () => {
  const vestat = openVestat();
  const lines = (...all: Parameters<typeof vestat>[0]): readonly string[] => Buffer.from(vestat(all)).toString('latin1').split('\n');
  const one = { id: 101, cpu: { user: 1500, nice: 0.4, system: 20 }, uptime: 60 };
  const [version = '', head = '', line = '', rest] = lines(one);
  expect([version.length, head.length, line.length, rest]).toEqual([251, 251, 251, '']);
  expect(version.trimEnd()).toBe('Version: 2.2');
  expect(head.trim().split(/ +/)).toEqual('VEID user nice system uptime idle strv uptime used maxlat totlat numsched'.split(' '));
  expect(line.trim().split(/ +/)).toEqual('101 1500 0 20 60000 0 0 60000000000 1520400000 0 0 0'.split(' '));
  // of what stood there before nothing is left
  expect(
    lines({ ...one, id: 7, uptime: 1 })[2]
      ?.trim()
      .split(/ +/),
  ).toEqual('7 1500 0 20 1000 0 0 1000000000 1520400000 0 0 0'.split(' '));
  const years = 10 * 365 * 86_400;
  expect(lines(one, { ...one, uptime: years }).map((text) => text.slice(147, 167).trim())).toEqual([
    '',
    'uptime',
    '60000000000',
    `${years}000000000`,
    '',
  ]);
  expect(lines().length).toBe(3);
});

it('veth is as printf "%17s %16s %17s %16s %10u %5s" makes it, MACs in capitals', () => {
  const veth = { id: 101, hostMac: 'fe:51:00:00:00:0a', hostName: 'veth101.0', mac: '00:18:51:00:00:0a', ifname: 'eth0' };
  expect(vethText([])).toBe('Version: 1.0\n');
  expect(
    vethText([
      { ...veth, filtered: true },
      { ...veth, filtered: false },
    ]).split('\n'),
  ).toEqual([
    'Version: 1.0',
    'FE:51:00:00:00:0A        veth101.0 00:18:51:00:00:0A             eth0        101  deny',
    'FE:51:00:00:00:0A        veth101.0 00:18:51:00:00:0A             eth0        101 allow',
    '',
  ]);
});
