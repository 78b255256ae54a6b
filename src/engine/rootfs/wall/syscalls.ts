// System calls that a container does not get, and those that were judged and left open, each with its reason: one table for the filter,
// for its tests and for docs/security.md. What is not named here passes, up to the newest number that was looked at.

/** Numbers of a call on x86-64, i386 and arm64 (asm/unistd_64.h, asm/unistd_32.h, asm-generic/unistd.h); null: that machine has none. */
export type Numbers = readonly [x86_64: number | null, i386: number | null, arm64: number | null];

/** On the low 32 bits of an argument: the kernel takes all of these as 32-bit values, so a compare of 64 bits would be evaded by the upper half. */
export type Condition =
  | { readonly arg: number; readonly anyBit: number }
  | { readonly arg: number; readonly oneOf: readonly number[] }
  | { readonly arg: number; readonly noneOf: readonly number[] };

/** Errno values, the same on all three machines. ENOSYS where programs have a way without the call, EPERM where "you may not" is the truth. */
export const ERRNO = { EPERM: 1, ENOSYS: 38, ENOPROTOOPT: 92, EPROTONOSUPPORT: 93, EAFNOSUPPORT: 97 } as const;

export interface Refusal {
  readonly topic: string;
  readonly calls: Readonly<Record<string, Numbers>>;
  readonly when?: Condition;
  /** Must hold as well. */
  readonly and?: Condition;
  /** Instead, where root inside is without CAP_SYS_ADMIN: a user namespace would give it back to whoever makes one. */
  readonly whenStrict?: Condition;
  /** Held only for containers whose config chooses it. */
  readonly chosen?: 'noPacketFilter';
  /** The condition in words. */
  readonly only?: string;
  readonly errno: keyof typeof ERRNO;
  readonly reason: string;
}

const CLONE_NEWUTS = 0x0400_0000;
const CLONE_NEWUSER = 0x1000_0000;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const TIOCSETD = 0x5423;
/** unspecified, unix, IPv4, IPv6, netlink, packet. */
const FAMILIES = [0, 1, 2, 10, 16, 17];
const AF_NETLINK = 16;
const NETLINK_NETFILTER = 12;
/** Protocol levels of IPv4 and IPv6, and the options by which the tables of iptables, arptables and ebtables are read and written there. */
const LEVELS = [0, 41];
const TABLE_OPTIONS = [64, 65, 96, 97, 128, 129];
/** Sub-calls of socketcall(2): socket and socketpair. */
const MAKES_SOCKET = [1, 8];

/** Newest number on any machine that this table was made with (file_setattr, Linux 6.17). Also stops x32, whose numbers have bit 30 set. */
export const NEWEST = 469;

export const REFUSED: readonly Refusal[] = [
  {
    topic: 'keyrings',
    calls: { add_key: [248, 286, 217], request_key: [249, 287, 218], keyctl: [250, 288, 219] },
    errno: 'ENOSYS',
    reason: 'Kernel keyrings have no namespace of their own and cannot be checkpointed; programs fall back to files.',
  },
  {
    topic: 'another kernel',
    calls: { kexec_load: [246, 283, 104], kexec_file_load: [320, null, 294] },
    errno: 'EPERM',
    reason: 'Would replace the node’s kernel.',
  },
  {
    topic: 'kernel modules',
    calls: { init_module: [175, 128, 105], finit_module: [313, 350, 273], delete_module: [176, 129, 106] },
    errno: 'EPERM',
    reason: 'There is one kernel, and it is the node’s.',
  },
  {
    topic: 'file handles',
    calls: { open_by_handle_at: [304, 342, 265] },
    errno: 'EPERM',
    reason:
      'A guessed handle names any file of the file system that the private area lies on; Linux 6.12 made it possible without rights on the node. Making a handle (name_to_handle_at) stays.',
  },
  {
    topic: 'userfaultfd',
    calls: { userfaultfd: [323, 374, 282] },
    errno: 'EPERM',
    reason: 'Lets a program stop the kernel in the middle of copying, the tool of many exploits; databases and JVMs do without.',
  },
  {
    topic: 'bpf',
    calls: { bpf: [321, 357, 280] },
    errno: 'EPERM',
    reason: 'Programs in the node’s kernel; also lists what others have loaded.',
  },
  {
    topic: 'perf',
    calls: { perf_event_open: [298, 336, 241] },
    errno: 'EPERM',
    reason: 'Measures the whole machine, and its code is a frequent source of holes.',
  },
  {
    topic: 'setting the clock',
    calls: { settimeofday: [164, 79, 170], clock_settime: [227, 264, 112], clock_settime64: [null, 404, null], stime: [null, 25, null] },
    errno: 'EPERM',
    reason: 'All containers and the node share one clock.',
  },
  {
    topic: 'swap',
    calls: { swapon: [167, 87, 224], swapoff: [168, 115, 225] },
    errno: 'EPERM',
    reason: 'Swap belongs to the node.',
  },
  {
    topic: 'process accounting',
    calls: { acct: [163, 51, 89] },
    errno: 'EPERM',
    reason: 'Would make the kernel itself write into a file of the container’s choice.',
  },
  {
    topic: 'kernel log',
    calls: { syslog: [103, 103, 116] },
    errno: 'EPERM',
    reason: 'Shows and clears the node’s messages; on many nodes (kernel.dmesg_restrict=0) the kernel would let anybody read.',
  },
  {
    topic: 'I/O ports',
    calls: { iopl: [172, 110, null], ioperm: [173, 101, null] },
    errno: 'EPERM',
    reason: 'Access to the hardware.',
  },
  {
    topic: 'io_uring',
    calls: { io_uring_setup: [425, 425, 425], io_uring_enter: [426, 426, 426], io_uring_register: [427, 427, 427] },
    errno: 'ENOSYS',
    reason:
      'A second way to many system calls that no filter sees, with a long list of holes; a process that uses it cannot be checkpointed.',
  },
  {
    topic: 'clone3',
    calls: { clone3: [435, 435, 435] },
    errno: 'ENOSYS',
    reason: 'Its flags lie in memory, where no filter can read them; C libraries fall back to clone.',
  },
  {
    topic: 'a further host name',
    calls: { unshare: [272, 310, 97], clone: [56, 120, 220] },
    when: { arg: 0, anyBit: CLONE_NEWUTS },
    whenStrict: { arg: 0, anyBit: CLONE_NEWUTS | CLONE_NEWUSER },
    only: 'with CLONE_NEWUTS; without CAP_SYS_ADMIN inside also with CLONE_NEWUSER, which would give it back',
    errno: 'EPERM',
    reason: 'A nested UTS namespace cannot be checkpointed; systemd (ProtectHostname=) goes on without. All other namespaces may be made.',
  },
  {
    topic: 'terminals of others',
    calls: { ioctl: [16, 54, 29] },
    when: { arg: 1, oneOf: [TIOCSTI, TIOCLINUX, TIOCSETD] },
    only: 'TIOCSTI, TIOCLINUX, TIOCSETD',
    errno: 'EPERM',
    reason:
      'The first two type into a terminal, which may be shared by programs of different rights; the third loads line discipline modules into the kernel.',
  },
  {
    topic: 'protocol families',
    calls: { socket: [41, 359, 198], socketpair: [53, 360, 199] },
    when: { arg: 0, noneOf: FAMILIES },
    only: 'other than unix, IPv4, IPv6, netlink, packet',
    errno: 'EAFNOSUPPORT',
    reason:
      'vsock has no namespace and reaches the hypervisor and listeners of the node; alg, tipc, rds, bluetooth, can and the rest load rarely used modules.',
  },
  {
    topic: 'protocol families of 32-bit programs',
    calls: { socketcall: [null, 102, null] },
    when: { arg: 0, oneOf: MAKES_SOCKET },
    only: 'making a socket',
    errno: 'ENOSYS',
    reason:
      'The family lies in memory, where no filter can read it; a C library that tries the direct call first does not mind. For containers with 32-bit programs that are trusted the administrator may lift the entry (VZDECK_USERLAND), and they reach all families.',
  },
  {
    topic: 'packet filter',
    calls: { socket: [41, 359, 198], socketpair: [53, 360, 199] },
    when: { arg: 0, oneOf: [AF_NETLINK] },
    and: { arg: 2, oneOf: [NETLINK_NETFILTER] },
    only: 'NETLINK_NETFILTER, in containers with NETFILTER="disabled"',
    chosen: 'noPacketFilter',
    errno: 'EPROTONOSUPPORT',
    reason:
      'nftables, connection tracking, sets and logs are spoken to by it. With VZDECK_USERLAND="32" programs of 32 bits still reach it.',
  },
  {
    topic: 'tables of iptables',
    calls: { setsockopt: [54, 366, 208], getsockopt: [55, 365, 209] },
    when: { arg: 1, oneOf: LEVELS },
    and: { arg: 2, oneOf: TABLE_OPTIONS },
    only: 'options of packet filter tables, in containers with NETFILTER="disabled"',
    chosen: 'noPacketFilter',
    errno: 'ENOPROTOOPT',
    reason: 'iptables-legacy, arptables and ebtables read and write their tables by it.',
  },
  {
    topic: 'relics',
    calls: { lookup_dcookie: [212, 253, 18], nfsservctl: [180, 169, 42], uselib: [134, 86, null], _sysctl: [156, 149, null] },
    errno: 'ENOSYS',
    reason: 'Gone from current kernels; older ones still have them, for nobody.',
  },
];

export interface LeftOpen {
  readonly calls: string;
  readonly reason: string;
}

export const LEFT_OPEN: readonly LeftOpen[] = [
  {
    calls: 'adjtimex, clock_adjtime',
    reason:
      'Reading tells time daemons whether the node is synchronised. What is to be done lies in memory, where no filter sees it; the kernel itself refuses setting to anybody without CAP_SYS_TIME on the node.',
  },
  {
    calls: 'unshare and clone with CLONE_NEWUSER',
    reason:
      'Sandboxes of browsers and services need it, and it opens no code of the kernel that root of a container cannot reach anyway. Bounded by user.max_user_namespaces of the node per container. Checkpointing names the process that prevents it.',
  },
  {
    calls: 'mount, umount2, pivot_root, fsopen, move_mount …',
    reason:
      'systemd and services mount in their own namespaces. The kernel allows only file systems that are marked safe for user namespaces.',
  },
  {
    calls: 'reboot',
    reason: 'In a pid namespace it ends that namespace’s init with a signal; this is how a container asks to be started again.',
  },
  { calls: 'ptrace, process_vm_readv, kcmp', reason: 'Reach only processes of the container’s own pid and user namespace.' },
  { calls: 'quotactl', reason: 'Setting needs CAP_SYS_ADMIN on the node; reading one’s own quota tells nothing else.' },
  {
    calls: 'sync, syncfs, fsync',
    reason: 'Programs rely on them. A container that calls them without end makes others wait; see the shared pools.',
  },
  { calls: 'fanotify_init, inotify_init', reason: 'Bounded by the node’s limits, counted for each container apart.' },
];
