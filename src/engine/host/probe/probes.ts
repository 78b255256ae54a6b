// What is tried on a kernel, as one table. A shell script has the mount point of the cgroup tree that holds each controller in a variable of its
// name ($pids, $memory …), that of the v2 tree in $unified, and a directory of its own in $scratch.
import type { Probe, ProbeGroup } from './probe.ts';

type Row = readonly [name: string, title: string, script: string, use: string, without: string, checkconfig?: string];

const table = (group: ProbeGroup, language: Probe['language'], rows: readonly Row[]): readonly Probe[] =>
  rows.map(([name, title, script, use, without, checkconfig]) => ({
    name,
    group,
    language,
    title,
    script,
    use,
    without,
    ...(checkconfig === undefined ? {} : { checkconfig }),
  }));

const NEEDED = 'no container is started';
const NOT_YET = 'nothing yet';
const NO_LIMIT = (what: string): string => `no container is started: ${what} could not be limited`;

const NAMESPACES = table('namespaces', 'sh', [
  ['mount', 'Mount namespace', 'true', 'own file systems', NEEDED, 'Namespaces'],
  ['uts', 'Host name namespace', 'unshare -u true', 'own host name', NEEDED, 'Utsname namespace'],
  ['ipc', 'IPC namespace', 'unshare -i true', 'own shared memory, queues, semaphores', NEEDED, 'Ipc namespace'],
  ['pid', 'Process namespace', 'unshare -fp true', 'own process ids', NEEDED, 'Pid namespace'],
  [
    'user',
    'User namespace',
    'unshare -U true',
    'its root is nobody on the node',
    'no container is started; never a privileged one instead',
    'User namespace',
  ],
  ['net', 'Network namespace', 'unshare -n true', 'own interfaces, ports, firewall', NEEDED, 'Network namespace'],
  ['cgroup', 'Cgroup namespace', 'unshare -C true', 'its own groups are all it sees', NEEDED, 'Cgroup namespace'],
  ['time', 'Time namespace', 'unshare -T true', NOT_YET, 'nothing is missing'],
]);

/** A group of our own on the tree of a controller, with the files that it has there. */
const inGroup = (controller: string, ...files: readonly string[]): string =>
  `test -n "$${controller}" || no "no tree has the controller"; group "$${controller}"; for file in ${files.join(' ')}; do test -e "$g/$file" && echo "$file" && exit; done; grep -qsw ${controller} "$g/../cgroup.controllers" && echo 'given to groups when it is asked for' && exit; no "none of: ${files.join(' ')}"`;
const inUnified = (file: string): string =>
  `test -n "$unified" || no "no v2 tree"; group "$unified"; test -e "$g/${file}" || no "no ${file}"`;

const CGROUPS = table('cgroups', 'sh', [
  ['cgroups', 'Cgroups', 'test -n "$unified$pids" || no "nothing is mounted"', 'limits and counters', NEEDED, 'Cgroups'],
  [
    'v1-mounts',
    'Trees of version 1',
    `${'awk \'$3 == "cgroup" { printf "%s ", $2; n++ } END { exit !n }\' /proc/mounts'}`,
    'controllers are used where they are',
    'version 2 has them all',
    'Cgroup v1 mount points',
  ],
  [
    'v2-mount',
    'Tree of version 2',
    `${'awk \'$3 == "cgroup2" { printf "%s ", $2; n++ } END { exit !n }\' /proc/mounts'}`,
    'processes are born in their group; events, freeze, kill',
    'processes move themselves, ends are found by pid',
    'Cgroup v2 mount points',
  ],
  ['pids', 'Number of processes', inGroup('pids', 'pids.max'), 'numproc', NO_LIMIT('the number of processes')],
  [
    'memory',
    'Memory',
    inGroup('memory', 'memory.max', 'memory.limit_in_bytes'),
    'physpages, swappages',
    NO_LIMIT('memory'),
    'Cgroup memory controller',
  ],
  [
    'cpu',
    'CPU shares and quota',
    inGroup('cpu', 'cpu.max', 'cpu.cfs_quota_us'),
    'cpuunits, cpulimit, cpus',
    'CPU time is not limited',
    'Cgroup sched',
  ],
  [
    'cpuacct',
    'CPU accounting',
    'if test -n "$cpuacct"; then group "$cpuacct"; test -e "$g/cpuacct.usage"; else group "$unified"; test -e "$g/cpu.stat"; fi',
    'CPU time of a container',
    'the CPU column is empty',
    'Cgroup cpu account',
  ],
  ['cpuset', 'CPU sets', inGroup('cpuset', 'cpuset.cpus'), 'cpumask, nodemask', 'cpumask cannot act', 'Cgroup cpuset'],
  [
    'clone-children',
    'clone_children of version 1',
    'test -n "$cpuset" && group "$cpuset" && test -e "$g/cgroup.clone_children" || no "only cpusets of version 1 have it"',
    NOT_YET,
    'nothing is missing',
    'Cgroup v1 clone_children flag',
  ],
  [
    'devices',
    'Device access by group',
    'if test -n "$devices"; then group "$devices"; test -e "$g/devices.deny" && echo devices.deny; else echo "by BPF, see there"; fi',
    'a device node that appears inside opens nothing',
    'BPF does it on version 2',
    'Cgroup device',
  ],
  [
    'io',
    'Block I/O',
    'for t in "$io" "$blkio"; do test -n "$t" && group "$t" && { test -e "$g/io.max" || test -e "$g/blkio.throttle.read_bps_device" || grep -qsw io "$g/../cgroup.controllers"; } && exit; done; no "no tree has it"',
    'ioprio, iolimit, iopslimit',
    'iolimit cannot act',
  ],
  [
    'freezer',
    'Freezer',
    'if test -n "$unified"; then group "$unified"; test -e "$g/cgroup.freeze" && echo cgroup.freeze && exit; fi; test -n "$freezer"',
    'a container can be stopped in its tracks',
    'it cannot',
  ],
  [
    'kill',
    'Killing a whole group',
    inUnified('cgroup.kill'),
    'an end that nothing escapes',
    'members are killed by pid until none is left',
  ],
  ['events', 'Events of a group', inUnified('cgroup.events'), 'the end of the last process is told', 'groups are read again and again'],
  ['oom-group', 'A group dies as a whole', inUnified('memory.oom.group'), NOT_YET, 'the kernel kills single processes'],
  [
    'psi',
    'Pressure (PSI)',
    'cat /proc/pressure/cpu >/dev/null',
    'vzdeck why tells who waits for CPU, memory or disk',
    'no pressure is shown',
  ],
]);

const FILES = table('file systems', 'sh', [
  [
    'overlay-user',
    'Overlay in a user namespace',
    'unshare -Urm sh -c \'mount -t tmpfs t "$1" && cd "$1" && mkdir l u w m && mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w m\' sh "$scratch"',
    'container engines inside a container',
    'they need another storage driver',
  ],
  [
    'overlay',
    'Overlay',
    'mount -t tmpfs t "$scratch" && cd "$scratch" && mkdir l u w m && mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w m',
    'layout overlay',
    'layout simfs only',
  ],
  [
    'devpts',
    'devpts with a limit of its own',
    'mount -t devpts -o newinstance,max=1,ptmxmode=666 d "$scratch"',
    'numpty',
    'terminals are bounded by the node only',
  ],
  [
    'loop',
    'Loop devices',
    'truncate -s 8M "$scratch/i" && d=$(losetup -f --show "$scratch/i") && losetup -d "$d"',
    NOT_YET,
    'images (ploop) cannot be mounted',
  ],
  [
    'project-quota',
    'Project quota on ext4',
    'truncate -s 16M "$scratch/i" && mkfs.ext4 -q -O quota,project "$scratch/i" && mkdir "$scratch/m" && mount -o loop,prjquota "$scratch/i" "$scratch/m" 2>/dev/null || no "mount -o prjquota is refused"; umount "$scratch/m"',
    NOT_YET,
    'disk quota needs btrfs or images',
  ],
  [
    'fuse',
    'FUSE',
    'exec 3<>/dev/fuse',
    '--features fuse:on: file systems of user space inside',
    'no file systems of user space inside',
    'FUSE (for use with lxcfs)',
  ],
]);

const link = (kind: string): string => `ip link add name vzprobe0 type veth peer name vzprobe9 && ip link add ${kind}`;
const nft = (hook: string, rule: string): string =>
  `nft add table inet t && nft 'add chain inet t c { ${hook} }' && nft add rule inet t c ${rule}`;

const NETWORK = table('network', 'sh', [
  [
    'veth',
    'Pairs of interfaces (veth)',
    link('name vzprobe1 type veth peer name vzprobe2'),
    'venet and bridged devices',
    'no container could be reached',
    'Veth pair device',
  ],
  ['bridge', 'Bridges', link('name vzprobe1 type bridge'), '--netif_add', 'no bridged interfaces', 'Bridges'],
  [
    'macvlan',
    'macvlan',
    link('link vzprobe0 name vzprobe1 type macvlan'),
    '--link_add NAME=macvlan:DEVICE',
    'no macvlan interfaces',
    'Macvlan',
  ],
  ['ipvlan', 'ipvlan', link('link vzprobe0 name vzprobe1 type ipvlan mode l2'), '--link_add NAME=ipvlan:DEVICE', 'no ipvlan interfaces'],
  ['vlan', 'VLAN', link('link vzprobe0 name vzprobe1 type vlan id 5'), '--link_add NAME=vlan:DEVICE:ID', 'no VLAN interfaces', 'Vlan'],
  [
    'conntrack',
    'nftables with connection tracking',
    nft('type filter hook input priority 0;', 'ct state established accept'),
    'stateful rules inside, forwarded ports, connections of vzdeck net talkers',
    'no stateful firewall',
    'Advanced netfilter',
  ],
  [
    'nat',
    'NAT of nftables, both families',
    nft('type nat hook postrouting priority 100;', 'masquerade'),
    'NAT for private pools, forwarded ports',
    'no NAT for private pools',
  ],
  [
    'xt-masquerade',
    'MASQUERADE of iptables',
    'iptables -t nat -A POSTROUTING -j MASQUERADE',
    NOT_YET,
    'nftables does it',
    'CONFIG_IP_NF_TARGET_MASQUERADE',
  ],
  [
    'xt6-masquerade',
    'MASQUERADE of ip6tables',
    'ip6tables -t nat -A POSTROUTING -j MASQUERADE',
    NOT_YET,
    'nftables does it',
    'CONFIG_IP6_NF_TARGET_MASQUERADE',
  ],
  [
    'xt-checksum',
    'CHECKSUM of iptables',
    'iptables -t mangle -A POSTROUTING -p udp -j CHECKSUM --checksum-fill',
    NOT_YET,
    'very old DHCP clients inside may not understand the node',
    'CONFIG_NETFILTER_XT_TARGET_CHECKSUM',
  ],
  [
    'xt-comment',
    'Comments of iptables',
    'iptables -A INPUT -m comment --comment x',
    NOT_YET,
    'nftables has them',
    'CONFIG_NETFILTER_XT_MATCH_COMMENT',
  ],
]);

const LISTED = table('network', 'perl', [
  [
    'rules',
    'Rules of a packet filter can be counted',
    // two chains, of which the kernel lists two rules; in the network namespace of the try
    `system(q(nft 'table inet t { chain c { accept; accept; }; }')) == 0 or no_('nft takes no rule');
socket(my $s, 16, SOCK_RAW, 12) or no_("socket: $!"); send($s, pack('L S2 L2 C2 n', 20, 10 << 8 | 7, 0x301, 1, 0, 0, 0, 0), 0) or no_("send: $!");
my ($rules, $done) = (0, 0); while (!$done) { recv($s, my $answer, 65536, 0); for (my $at = 0; $at < length $answer;) { my ($length, $type) = unpack("x$at L S", $answer);
  $rules++ if $type == (10 << 8 | 6); $done = 1 if $type == 3 || $type == 2; $at += ($length + 3) & ~3 } }
$rules == 2 or no_("$rules of 2 were listed");`,
    'numiptent',
    'numiptent is not counted',
  ],
]);

const BPF = table('bpf', 'perl', [
  ['bpf-device', 'Device access by BPF', 'load(15, 0)', 'device access on version 2', 'the controller of version 1 does it'],
  ['bpf-sock', 'Sockets of a group', 'load(9, 2)', 'numtcpsock, numothersock', 'numtcpsock and numothersock cannot be enforced'],
  ['bpf-skb', 'Packets of a group', 'load(8, 0)', NOT_YET, 'packets are counted by nftables'],
  ['bpf-connect', 'Addresses of a group (connect, bind)', 'load(18, 10)', NOT_YET, 'nothing is missing'],
  ['bpf-sysctl', 'Sysctls of a group', 'load(23, 18)', NOT_YET, 'nothing is missing'],
  [
    'bpf-sockopt',
    'Socket options of a group',
    'load(25, 21)',
    'tables of iptables-legacy by NETFILTER',
    'iptables-legacy has all tables unless NETFILTER is disabled',
  ],
  [
    'bpf-trampoline',
    'Refusing inside the kernel (fmod_ret)',
    "trampoline('security_task_getpgid', -116); syscall($number{getpgid}, $$ + 0) < 0 && $! == 116 or no_('it was attached and did nothing')",
    'numfile, numflock, privvmpages, all of numothersock',
    'these are counted, not enforced; of numothersock internet sockets are',
  ],
  [
    'bpf-tracepoint',
    'Signals that are refused are told to a program (signal_generate)',
    `my $noted = notes(23, btf('btf_trace_signal_generate', 8), 32, 0xa5, 3); my $none = pack('Q2', 0, 0); call('prlimit64', 0, 11, $none, 0);
use POSIX (); POSIX::sigprocmask(POSIX::SIG_BLOCK, POSIX::SigSet->new(40)); my $info = pack('l3 x116', 40, 0, -1);
syscall($number{rt_sigqueueinfo}, $$ + 0, 40, $info) < 0 && $!{EAGAIN} or no_('one too many was queued'); $noted->() == 1 or no_('it was attached and told nothing')`,
    'failcnt of numsiginfo',
    'nobody counts refusals of numsiginfo',
  ],
  [
    'bpf-fexit',
    'Terminals that are refused are told to a program (devpts_new_index)',
    `my $at = '/dev'; system('mount', '-t', 'devpts', '-o', 'newinstance,max=1,ptmxmode=666', 'devpts', $at) == 0 or no_('it cannot be mounted');
use Fcntl; my $noted = notes(25, btf('devpts_new_index'), 8, 0xb5, 0x7fffffff); sysopen(my $one, "$at/ptmx", O_RDWR) or no_("the first: $!"); my $two;
!sysopen($two, "$at/ptmx", O_RDWR) && $!{ENOSPC} or no_('one too many was given'); $noted->() == 1 or no_('it was attached and told nothing')`,
    'failcnt of numpty',
    'nobody counts refusals of numpty',
  ],
]);

const CHECKPOINT = table('checkpoint', 'perl', [
  ['kcmp', 'Comparing processes (kcmp)', "call('kcmp', $$ + 0, $$ + 0, 0, 0, 0)", NOT_YET, 'no checkpoint', 'checkpoint restore'],
  [
    'file-handles',
    'File handles',
    "my $handle = pack('L2', 128, 0) . \"\\0\" x 128; my $mount = pack('L', 0); my $path = '/tmp'; call('name_to_handle_at', -100, $path, $handle, $mount, 0)",
    NOT_YET,
    'no checkpoint',
    'CONFIG_FHANDLE',
  ],
  ['eventfd', 'eventfd', "call('eventfd2', 0, 0)", NOT_YET, 'no checkpoint', 'CONFIG_EVENTFD'],
  ['epoll', 'epoll', "call('epoll_create1', 0)", 'the engine waits with it', 'nothing would run', 'CONFIG_EPOLL'],
  ['unix-diag', 'Asking for unix sockets', 'diag(1, 0)', NOT_YET, 'no checkpoint', 'CONFIG_UNIX_DIAG'],
  ['inet-diag', 'Asking for TCP sockets', 'diag(2, 6)', NOT_YET, 'no checkpoint', 'CONFIG_INET_DIAG'],
  ['packet-diag', 'Asking for packet sockets', 'diag(17, 0)', NOT_YET, 'no checkpoint', 'CONFIG_PACKET_DIAG'],
  ['netlink-diag', 'Asking for netlink sockets', 'diag(16, 0)', NOT_YET, 'no checkpoint', 'CONFIG_NETLINK_DIAG'],
]);

const SECURITY = table('security', 'perl', [
  [
    'seccomp',
    'Filters of system calls',
    'syscall($number{prctl}, 22, 2, 0, 0, 0); $!{EFAULT} or no_("prctl: $!")',
    'system calls that reach beyond a container',
    NEEDED,
  ],
  [
    'file-capabilities',
    'File capabilities',
    "use File::Temp; my $file = File::Temp->new(TEMPLATE => \"vzdeck-probe.XXXXXX\", DIR => \"/tmp\", UNLINK => 1); my $path = $file->filename; my $name = 'security.capability'; my $value = pack('V5', 0x02000001, 0x400, 0, 0, 0); call('setxattr', $path, $name, $value, 20, 0)",
    'ping and the like inside without a setuid bit',
    'templates lose them',
    'File capabilities',
  ],
]);

const POLICY = table('security', 'sh', [
  [
    'apparmor',
    'Policy namespaces of AppArmor',
    'on=/sys/module/apparmor/parameters/enabled; grep -qs Y $on || no "the kernel runs without AppArmor"; d=/sys/kernel/security/apparmor/policy/namespaces; test -d $d || no "securityfs is not mounted"; mkdir $d/vz-probe-$$ || exit 1; sh -c \'printf %s "changeprofile :vz-probe-$1:unconfined" >/proc/self/attr/apparmor/current\' sh $$; s=$?; rmdir $d/vz-probe-$$; exit $s',
    'containers live in one without profiles: none of the node acts inside',
    'without AppArmor nothing is missing; otherwise the first start warns of profiles that act inside, too',
  ],
]);

export const PROBES: readonly Probe[] = [
  ...NAMESPACES,
  ...CGROUPS,
  ...FILES,
  ...NETWORK,
  ...LISTED,
  ...BPF,
  ...CHECKPOINT,
  ...SECURITY,
  ...POLICY,
];

/** Controllers whose tree a script may ask for. */
export const CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'devices', 'freezer', 'io', 'blkio'] as const;

/** What the scripts of the shell share; arguments: the v2 tree, the trees of CONTROLLERS. */
export const SHELL_PRELUDE = `no() { echo "$*" >&2; exit 1; }
unified=$1; shift
for controller in ${CONTROLLERS.join(' ')}; do eval "$controller=\\$1"; shift; done
g= scratch=$(mktemp -d /tmp/vzdeck-probe.XXXXXX)
trap 'cd /; umount -l "$scratch" 2>/dev/null; rm -rf "$scratch"; rmdir $g 2>/dev/null' EXIT
group() { rmdir $g 2>/dev/null; g=$1/vz-probe-$$; mkdir "$g" || exit 1; }`;
