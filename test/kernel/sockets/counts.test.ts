// Sockets of a container are counted exactly, whatever becomes of them: by programs of the kernel that its cgroup has.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { countsOf, type Inmate, openInmate } from './inmate.ts';

const [ONE, OTHER] = [101, 102] as const;

requires(
  'root',
  'launcher',
  'busybox',
  'cgroup2',
  'x64',
)('sockets of a container', () => {
  let lab: Lab;
  let one: Inmate;
  const tcp = (id: number = ONE): number => countsOf(lab, id).numtcpsock.held;
  const other = (id: number = ONE): number => countsOf(lab, id).numothersock.held;
  /** Beside what init and its console have. */
  let idle = 0;

  beforeAll(async () => {
    lab = openLab();
    for (const id of [ONE, OTHER]) await lab.born(id);
    idle = tcp();
    one = await openInmate(lab, ONE);
  });
  beforeEach(async () => void (await one.do('dropped()')));
  afterAll(async () => {
    await one.killed();
    await lab.down();
  });

  test('are counted as they are made and closed, TCP and others apart', async () => {
    await one.do('tcp() for 1 .. 7; udp() for 1 .. 5; made(AF_INET6, SOCK_STREAM); made(AF_INET6, SOCK_DGRAM); 0');
    expect([tcp() - idle, other()]).toEqual([8, 6]);
    await one.do('splice @kept, 0, 3');
    expect([tcp() - idle, other()]).toEqual([5, 6]);
    await one.do('dropped()');
    expect([tcp() - idle, other()]).toEqual([0, 0]);
    expect(countsOf(lab, ONE).numtcpsock.maxheld).toBe(8 + idle);
  });

  test('raw ones, and those of ping, are others', async () => {
    await one.do('made(AF_INET, SOCK_RAW, IPPROTO_ICMP); made(AF_INET, SOCK_RAW, IPPROTO_RAW)');
    expect(other()).toBe(2);
    await one.do('dropped()');
    expect(other()).toBe(0);
  });

  describe.each(['AF_INET', 'AF_INET6'])('connections that come in, %s', (family) => {
    test('count when they are established, and until their descriptor goes', async () => {
      await one.do(`listener(${family})`);
      await one.do(`client(${family}) for 1 .. 8; 0`);
      expect(tcp() - idle).toBe(17);
      await one.do('taken() for 1 .. 4; 0');
      expect(tcp() - idle).toBe(17);
      await one.do('splice @kept, -4');
      await one.do('undef $s');
      expect(tcp() - idle).toBe(13);
      await one.do('dropped()');
      expect(tcp() - idle).toBe(0);
    });

    test('that nobody has accepted end with their listener', async () => {
      await one.do(`listener(${family}); client(${family}) for 1 .. 3; without($l); undef $l; 0`);
      expect(tcp() - idle).toBe(3);
      await one.do('dropped()');
      expect(tcp() - idle).toBe(0);
    });

    test('that were reset before anybody accepted them count no more, then or later', async () => {
      await one.do(`listener(${family}); client(${family}); abrupt($c); without($c); undef $c; 0`);
      expect(tcp() - idle).toBe(1);
      await one.do('taken()');
      await one.do('without($s); undef $s; 0');
      expect(tcp() - idle).toBe(1);
      await one.do('dropped()');
      expect(tcp() - idle).toBe(0);
    });

    test.each([
      ['closed with data that nobody has read', 'send($c, "xxx", 0); select(undef, undef, undef, 0.02); without($s); undef $s; 0'],
      ['closed abruptly', 'abrupt($s); without($s); undef $s; 0'],
      ['closed by the other end first', 'shutdown($c, 2); without($s); undef $s; 0'],
      ['reset by the other end', 'abrupt($c); my $old = $c; undef $c; without($old); undef $old; tcp(); without($s); undef $s; 0'],
    ])('%s count once', async (_, how) => {
      await one.do(`listener(${family}); client(${family}); taken()`);
      expect(tcp() - idle).toBe(3);
      await one.do(how);
      expect(tcp() - idle).toBe(2);
      await one.do('dropped()');
      expect(tcp() - idle).toBe(0);
    });
  });

  test('a socket that connects to itself is one', async () => {
    await one.do('my $me = tcp(); bind($me, sockaddr_in(0, INADDR_LOOPBACK)); connect($me, getsockname $me) or die "$!"; 0');
    expect(tcp() - idle).toBe(1);
    await one.do('dropped()');
    expect(tcp() - idle).toBe(0);
  });

  test('a connection that waits for late packets (TIME_WAIT) is none', async () => {
    const two = await openInmate(lab, ONE);
    await two.do('listener(); client(); taken(); without($s); undef $s; without($c); undef $c; 0');
    expect(await two.do('open my $f, "<", "/proc/thread-self/net/tcp"; scalar grep { /^ *\\d+: \\S+ \\S+ 06 / } <$f>')).toBe('1');
    expect(tcp() - idle).toBe(1);
    await two.killed();
    expect(tcp() - idle).toBe(0);
  });

  test('of one that has forked count once, until the last one lets go', async () => {
    await one.do('tcp() for 1 .. 3; $child = fork; if (!$child) { POSIX::pause(); POSIX::_exit(0) } dropped()');
    expect(tcp() - idle).toBe(3);
    await one.do('kill 9, $child; waitpid $child, 0; 0');
    expect(tcp() - idle).toBe(0);
  });

  test('of somebody who is killed go with him', async () => {
    const two = await openInmate(lab, ONE);
    await two.do('listener(); client() for 1 .. 5; taken(); udp(); 0');
    expect([tcp() - idle, other()]).toEqual([11, 1]);
    await two.killed();
    expect([tcp() - idle, other()]).toEqual([0, 0]);
  });

  test('count for who made them, also when another container has them, and go with the last descriptor', async () => {
    const two = await openInmate(lab, OTHER);
    const before = tcp(OTHER);
    const name = `/tmp/vzdeck-pass-${process.pid}`;
    await two.do(`socket(our $door, AF_UNIX, SOCK_STREAM, 0); bind($door, sockaddr_un('${name}')) && listen($door, 1) or die "$!"; 0`);
    await one.do(`socket($pass, AF_UNIX, SOCK_STREAM, 0); connect($pass, sockaddr_un('${name}')) or die "$!"; 0`);
    await two.do(`accept($pass, $door); unlink '${name}'; 0`);
    await one.do('my $given = tcp(); send_fd($given)');
    await one.do('dropped()');
    // on its way it is nobody's, and open
    expect([tcp() - idle, tcp(OTHER) - before]).toEqual([1, 0]);
    await two.do('take_fd()');
    expect([tcp() - idle, tcp(OTHER) - before]).toEqual([1, 0]);
    // connections that it takes are its own container's, too
    await two.do('$l = $kept[0]; bind($l, sockaddr_in(0, INADDR_LOOPBACK)) && listen($l, 5) or die "$!"; 0');
    expect([tcp() - idle, tcp(OTHER) - before]).toEqual([1, 0]);
    await two.killed();
    expect([tcp() - idle, tcp(OTHER) - before]).toEqual([0, 0]);
    await one.do('undef $pass; 0');
  });

  test('of several processes at once add up', async () => {
    const crowd = await Promise.all([1, 2, 3].map(() => openInmate(lab, ONE)));
    await Promise.all(crowd.map((each) => each.do('for my $n (1 .. 40) { listener(); client(); taken(); dropped() if $n % 2 } 0')));
    expect(tcp() - idle).toBe(3 * 3);
    await Promise.all(crowd.map((each) => each.do('dropped()')));
    expect(tcp() - idle).toBe(0);
    await Promise.all(crowd.map((each) => each.killed()));
  });

  test('of MPTCP count as made; plain connections to an MPTCP listener count as any', async () => {
    const can = await one.do('eval { made(AF_INET, SOCK_STREAM, 262); 1 } ? 1 : 0; ');
    await one.do('dropped()');
    if (can !== '1') return;
    await one.do('listener(AF_INET, 262); client(); 0');
    expect(tcp() - idle).toBe(3);
    await one.do('taken()');
    expect(tcp() - idle).toBe(3);
    await one.do('dropped()');
    expect(tcp() - idle).toBe(0);
    await one.do('listener(AF_INET, 262); client(AF_INET, 262); taken()');
    // the kernel tells no program of a connection that comes in by it
    expect(tcp() - idle).toBe(2);
    await one.do('dropped()');
    expect(tcp() - idle).toBe(0);
  });
});
