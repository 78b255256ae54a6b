// A program that belongs to a container by its cgroup and does with sockets what it is told, in a network of its own; and what the kernel's
// programs have counted meanwhile.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { openSocketCounts } from '../../../src/engine/account/bpf-sockets.ts';
import { groupNumbers } from '../../../src/engine/account/group-numbers.ts';
import type { CgroupTopology } from '../../../src/engine/cgroup/face.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import type { SocketCounts } from '../../../src/engine/spec/bpf/socket-counts.ts';
import type { Lab } from '../lab.ts';

/**
 * Says what each line of Perl gives, or "no" and what is wrong. `tcp` and `udp` make one, `listener` and `client` begin a connection, `taken` accepts
 * one; `make` makes up to so many and tells how many, and with which error it ended. `send_fd`, `take_fd`: SCM_RIGHTS over the socket `$pass`.
 */
const OBEY = `
  use Socket qw(:DEFAULT IPPROTO_ICMP IPPROTO_RAW SO_LINGER AF_INET6 IN6ADDR_LOOPBACK pack_sockaddr_in6); use Errno; use POSIX ();
  $| = 1; our (@kept, $l, $c, $s, $pass, $child);
  socket(my $up, AF_INET, SOCK_DGRAM, 0); ioctl($up, 0x8914, my $request = pack('a16 s x14', 'lo', 1)); close $up;
  sub made { my ($family, $type, $protocol) = @_; socket(my $made, $family, $type, $protocol // 0) or die "socket: " . (0 + $!) . "\\n"; push @kept, $made; $made }
  sub tcp { made(AF_INET, SOCK_STREAM) } sub udp { made(AF_INET, SOCK_DGRAM) }
  sub listener { my ($family, $protocol) = @_; $l = made($family // AF_INET, SOCK_STREAM, $protocol);
    my $any = ($family // 0) == AF_INET6 ? pack_sockaddr_in6(0, IN6ADDR_LOOPBACK) : sockaddr_in(0, INADDR_LOOPBACK);
    bind($l, $any) && listen($l, 100) or die "listen: $!"; 0 }
  sub client { my ($family, $protocol) = @_; $c = made($family // AF_INET, SOCK_STREAM, $protocol); connect($c, getsockname $l) or die "connect: $!"; 0 }
  sub taken { accept(my $new, $l) or die "accept: $!"; push @kept, $new; $s = $new; 0 }
  sub dropped { @kept = (); undef $_ for $l, $c, $s; 0 }
  sub abrupt { setsockopt($_[0], SOL_SOCKET, SO_LINGER, pack('l2', 1, 0)) or die "linger: $!"; 0 }
  sub without { my ($gone) = @_; @kept = grep { $_ != $gone } @kept; 0 }
  sub make { my ($most, $how) = @_; my $n = 0; for (1 .. $most) { last if !defined eval { $how->() }; $n++ } $n . ($@ =~ /socket: (\\d+)/ ? " $1" : '') }
  sub send_fd { my $data = 'x'; my $iov = pack('P Q', $data, 1); my $control = pack('Q l l l x4', 20, 1, 1, fileno $_[0]);
    my $message = pack('Q L x4 P Q P Q l x4', 0, 0, $iov, 1, $control, 24, 0); syscall(46, fileno $pass, $message, 0) == 1 or die "sendmsg: $!"; 0 }
  sub take_fd { my $data = ' '; my $iov = pack('P Q', $data, 1); my $control = "\\0" x 24;
    my $message = pack('Q L x4 P Q P Q l x4', 0, 0, $iov, 1, $control, 24, 0); syscall(47, fileno $pass, $message, 0) == 1 or die "recvmsg: $!";
    open(my $got, '+<&=', unpack('x16 l', $control)) or die "open: $!"; push @kept, $got; 0 }
  print "ready\\n";
  while (<STDIN>) { my $said = do { my $got = eval $_; $@ ne '' ? "no $@" =~ s/\\n?$/\\n/r : ($got // '') . "\\n" }; print $said }
`;

export interface Inmate {
  readonly pid: number;
  /** What a line of Perl gives. Throws Error with Perl's words. */
  do(line: string): Promise<string>;
  /** Its end, by a signal it cannot handle. */
  killed(): Promise<void>;
}

export const topologyOf = (lab: Lab): CgroupTopology => findTopology(linuxFiles, '/proc', lab.engine.node.tag);

export const groupOf = (lab: Lab, id: number): string => {
  const { unified, top } = topologyOf(lab);
  return `${unified}${top}/${id}`;
};

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once('exit', () => resolve()) : resolve()));

/** One in the cgroup of the container's init. */
export async function openInmate(lab: Lab, id: number): Promise<Inmate> {
  const line = `echo 0 >'${groupOf(lab, id)}/init/cgroup.procs' && exec unshare -n perl -e "$OBEY"`;
  const child = spawn('sh', ['-c', line], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, OBEY } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => (await lines.next()).value ?? 'no, it has ended';
  await answer();
  return {
    pid: child.pid ?? 0,
    async do(text) {
      child.stdin.write(`${text.replaceAll('\n', ' ')}\n`);
      const said = await answer();
      if (said.startsWith('no')) throw new Error(`${text}: ${said}`);
      return said;
    },
    async killed() {
      child.kill('SIGKILL');
      await ended(child);
    },
  };
}

/** What the programs have counted for a container; fails when they count nothing for it. */
export function countsOf(lab: Lab, id: number): SocketCounts {
  const counts = openSocketCounts({ files: linuxFiles, root: lab.root }, groupNumbers({ files: linuxFiles }, topologyOf(lab)))
    .read([id])
    .get(id);
  if (counts === undefined) throw new Error(`Sockets of container ${id} are not counted`);
  return counts;
}
