// A login to the node of a lab, from its LAN: a server as sshd is one for each, in the node's namespace, of which whoever asks need not know.
import { spawn } from 'node:child_process';
import type { NetLab } from './net-lab.ts';

const SERVER = `$| = 1; $0 = "sshd"; my ($at, $port) = @ARGV;
$s = IO::Socket::IP->new(LocalAddr => $at, LocalPort => $port, Listen => 1, ReuseAddr => 1) or die $!; print "ready\n"; $c = $s->accept; print "in\n"; sleep 600`;
const CLIENT = '$c = IO::Socket::IP->new(PeerAddr => shift, PeerPort => 22) or die $!; sleep 600';

/** Work while somebody is logged in. `address`: that the server has; `to`: that the client asks for. */
export async function loggedIn(lab: NetLab, address: string, to: string, work: () => void): Promise<void> {
  const perl = (pid: number, ...words: readonly string[]) =>
    spawn('nsenter', [`--net=/proc/${pid}/ns/net`, 'perl', '-MIO::Socket::IP', '-e', ...words]);
  const server = perl(lab.nodePid, SERVER, address, '22');
  const over = new Promise<never>((_, reject) => server.once('exit', () => reject(new Error('the server for logins has ended'))));
  over.catch(() => {});
  const said = (word: string): Promise<void> =>
    Promise.race([over, new Promise<void>((resolve) => server.stdout.on('data', (data: Buffer) => data.includes(word) && resolve()))]);
  await said('ready');
  const client = perl(lab.lanPid, CLIENT, to);
  await said('in');
  try {
    work();
  } finally {
    client.kill();
    server.kill();
    await over.catch(() => {});
  }
}
