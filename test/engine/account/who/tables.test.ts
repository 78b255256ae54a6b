// What is read of /proc for who: tables of sockets and the status of processes, as the kernel writes them and as a hostile program makes them.
import { describe, expect, test } from 'vitest';
import { inetRows, OTHER_TABLES, tcpSockets } from '../../../../src/engine/account/who/net-tables.ts';
import { parseStatus } from '../../../../src/engine/account/who/scan.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const tcp = (at: number, local: number, remote: number, state: string, inode: number, queues = '00000000:00000000'): string => {
  const port = (n: number): string => n.toString(16).toUpperCase().padStart(4, '0');
  return `   ${at}: 0100007F:${port(local)} 0100007F:${port(remote)} ${state} ${queues} 00:00000000 00000000     0        0 ${inode} 1 00000000c575f61d 20 4 0 10 -1\n`;
};

/** What stands below a table's head. */
const body = (table: string): string => table.slice(table.indexOf('\n') + 1);
const sockets = (tables: readonly string[]) => tcpSockets(tables.flatMap((table) => inetRows(body(table))));
const told = (name: string, table: string) => OTHER_TABLES[name]?.(body(table));

describe('TCP sockets', () => {
  const text = [
    HEAD,
    tcp(0, 80, 0, '0A', 11, '00000000:00000005'),
    tcp(1, 80, 40001, '01', 12),
    tcp(2, 80, 40002, '01', 0),
    tcp(3, 40003, 5432, '08', 13, '00000010:00000200'),
    tcp(4, 40004, 80, '06', 0),
    tcp(5, 40005, 80, '05', 0),
    tcp(6, 80, 40006, '03', 0),
  ].join('');

  test('are told by the port that is served, or the one that is asked', () => {
    expect(sockets([text]).map(({ inode, what }) => [inode, what])).toEqual([
      [11, 'TCP on port 80, LISTEN'],
      [12, 'TCP on port 80, ESTABLISHED'],
      [0, 'TCP on port 80, ESTABLISHED, not accepted yet'],
      [13, 'TCP to port 5432, CLOSE_WAIT'],
    ]);
  });

  test('have bytes in their queues, but for listeners, whose queues count connections', () => {
    const [listener, , , client] = sockets([text]);
    expect(listener).toMatchObject({ listens: true, sent: 0, received: 0 });
    expect(client).toMatchObject({ sent: 16, received: 512 });
  });

  test('of IPv4 belong to a listener of IPv6', () => {
    const six = `${HEAD}   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 77 1\n`;
    expect(sockets([HEAD + tcp(0, 80, 40001, '01', 12), six])[0]?.what).toBe('TCP on port 80, ESTABLISHED');
  });

  test('are what can be read of a table that was cut', () => {
    expect(sockets([text.slice(0, text.length - 130)]).length).toBeGreaterThan(2);
    expect(sockets(['', 'nonsense', `${HEAD}\n\n`])).toEqual([]);
  });
});

describe('other sockets', () => {
  test('of UNIX have a type and a path, in which nothing steers a terminal', () => {
    const text = [
      'Num       RefCount Protocol Flags    Type St Inode Path',
      '00000000325a3868: 00000003 00000000 00000000 0002 03 20254822 /dev/log',
      '00000000ca08d599: 00000002 00000000 00010000 0001 01 20254392 /run/\u001b[2Jx y',
      '00000000ca08d59a: 00000002 00000000 00000000 0005 01 20254393 @abstract',
      '00000000ca08d59b: 00000002 00000000 00000000 0001 03 5',
      '',
    ].join('\n');
    expect(told('unix', text)?.map(({ what }) => what)).toEqual([
      'UNIX datagram at /dev/log',
      'UNIX stream at /run/?[2Jx y, LISTEN',
      'UNIX seqpacket at @abstract',
      'UNIX stream',
    ]);
  });

  test('of netlink are those of processes, not the kernel’s own', () => {
    const text = [
      'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode',
      '000000009707c66a 0   0          00000000 0        0        0     2        0        4       ',
      '000000009707c66b 15  1734       00000001 128      64       0     2        0        99      ',
    ].join('\n');
    expect(told('netlink', text)).toMatchObject([{ inode: 99, received: 128, sent: 64 }]);
  });

  test('of packets and datagrams are told by inode', () => {
    const packet = 'sk       RefCnt Type Proto  Iface R Rmem   User   Inode\n00000000a 3      3    0003   2     1 4096   0      812\n';
    expect(told('packet', packet)).toMatchObject([{ inode: 812, received: 4096 }]);
    const udp = `${HEAD}  12: 00000000:0035 00000000:0000 07 00000000:00000300 00:00000000 00000000     0        0 4242 2 0000000000000000 0\n`;
    expect(told('udp', udp)).toMatchObject([{ inode: 4242, what: 'UDP on port 53', received: 0x300 }]);
  });
});

describe('the status of a process', () => {
  const status = (name: string): string =>
    `Name:\t${name}\nUmask:\t0022\nState:\tT (stopped)\nTgid:\t99\nPid:\t99\nPPid:\t7\nFDSize:\t64\nNSpid:\t99\t12\nVmPTE:\t     36 kB\nRssAnon:\t   5600 kB\nThreads:\t3\nSigPnd:\t0000000000000001\nShdPnd:\t0000000100000000\n`;

  test('has names, kin and figures', () => {
    const one = parseStatus(99, status('sleep'));
    expect(one).toMatchObject({ pid: 99, inner: 12, name: 'sleep', parent: 7, threads: 3, state: 'T' });
    expect([one?.figure('RssAnon'), one?.figure('VmPTE'), one?.figure('VmSwap')]).toEqual([5600, 36, 0]);
    expect(one?.bits('ShdPnd')).toBe(1n << 32n);
    expect(one?.bits('Nothing')).toBe(0n);
  });

  test('is not fooled by a name that looks like more of it', () => {
    // the kernel escapes a newline in a name
    const one = parseStatus(99, status('x\\nPPid:\\t1'));
    expect(one).toMatchObject({ name: 'x\\nPPid:\\t1', parent: 7 });
    expect(parseStatus(99, status('\u001b[31m\u202e'))?.name).toBe('?[31m?');
  });

  test('of one that has ended is none', () => {
    expect(parseStatus(99, '')).toBeNull();
  });
});
