// What all containers of a node draw from together: each pool with what bounds one container's share, or the plain word that nothing does.

export interface Pool {
  readonly pool: string;
  /** '' where nothing bounds one container. */
  readonly bound: string;
  /** What is left to say, and what the administrator can do. */
  readonly remark: string;
}

export const POOLS: readonly Pool[] = [
  { pool: 'processes', bound: 'pids controller: NUMPROC, without it min(4096, pid_max / 8)', remark: '' },
  {
    pool: 'memory, with page cache, /dev/shm, sockets and kernel memory',
    bound: 'memory controller: PHYSPAGES',
    remark: 'Without PHYSPAGES a container may take all of it: the samples set it.',
  },
  { pool: 'CPU time', bound: 'weight by CPUUNITS; CPULIMIT and CPUS where set; no real-time priority', remark: '' },
  {
    pool: 'pseudo-terminals',
    bound: 'devpts max=: NUMPTY, without it 256',
    remark:
      'Of kernel.pty.max all containers share 3,072; raise it for many containers. A devpts that root inside mounts besides its own is bounded by that alone.',
  },
  {
    pool: 'queued signals, POSIX message queues',
    bound: 'the user namespace’s own count, since each container has a creator uid of its own',
    remark: '',
  },
  { pool: 'inotify, fanotify', bound: 'fs.inotify.max_user_*, fs.fanotify.max_user_*, counted for each container apart', remark: '' },
  { pool: 'keys', bound: 'none can be made', remark: '' },
  { pool: 'cgroups', bound: 'cgroup.max.descendants 1,000, cgroup.max.depth 16', remark: '' },
  {
    pool: 'namespaces',
    bound: 'user.max_*_namespaces of the node, counted for each container apart',
    remark:
      'The kernel’s default allows tens of thousands, and a network namespace takes memory that is not all charged: lower user.max_net_namespaces on nodes of strangers.',
  },
  {
    pool: 'connection tracking',
    bound: '',
    remark: 'net.netfilter.nf_conntrack_max is one for the node: size it for all, or keep the containers’ traffic out of tracking.',
  },
  {
    pool: 'neighbours (ARP, NDP)',
    bound: '',
    remark: 'net.ipv4.neigh.default.gc_thresh3 and its sister for IPv6 are the node’s: raise them with the number of containers.',
  },
  {
    pool: 'open files',
    bound: '1,024 or up to 524,288 a process',
    remark: 'fs.file-max is the node’s; their memory is charged to the container.',
  },
  { pool: 'disk space and inodes', bound: '', remark: 'With simfs and overlay all share one file system: give /var/lib/vz its own.' },
  { pool: 'disk bandwidth, sync', bound: '', remark: 'A container that calls sync without end makes others wait.' },
  {
    pool: 'kernel modules on demand',
    bound: '',
    remark:
      'Mounting, sockets of the allowed families and packet filters inside may make the node load modules of its own choice of files. Load what is needed, then kernel.modules_disabled=1.',
  },
  {
    pool: 'the node’s crash handler',
    bound: 'RLIMIT_CORE 1 where kernel.core_pattern is a pipe: nothing of a container is fed to it',
    remark: 'Change core_pattern to a pipe only while no container runs.',
  },
  {
    pool: 'figures of the node',
    bound: '',
    remark:
      '/proc/meminfo, stat, loadavg, uptime, cpuinfo, version and /sys/devices tell about the node; so do timing and caches of the CPU.',
  },
];
