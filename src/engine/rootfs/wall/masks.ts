// What of /proc and /sys speaks of the node: hidden, or shown without the right to write. The kernel guards the dangerous ones itself (their
// owner is root of the node, who does not exist inside); this keeps curiosity out as well, and lets programs see that they need not try.

export interface Part {
  readonly paths: readonly string[];
  readonly reason: string;
}

/** A file becomes the null device, a directory an empty one. What this kernel does not have is skipped. */
export const HIDDEN: readonly Part[] = [
  { paths: ['/proc/kcore'], reason: 'memory of the node' },
  {
    paths: ['/proc/kallsyms', '/proc/modules', '/proc/timer_list', '/proc/sched_debug', '/sys/module'],
    reason: 'the inside of the kernel',
  },
  { paths: ['/proc/keys', '/proc/key-users'], reason: 'keyrings' },
  { paths: ['/proc/sysrq-trigger'], reason: 'reboots, kills and dumps the node' },
  { paths: ['/proc/cmdline', '/proc/bootconfig'], reason: 'how the node was booted' },
  {
    paths: ['/proc/interrupts', '/proc/iomem', '/proc/ioports', '/proc/acpi', '/proc/asound', '/proc/bus', '/proc/driver'],
    reason: 'hardware',
  },
  {
    paths: ['/proc/irq', '/proc/scsi', '/proc/tty/driver', '/sys/bus', '/sys/firmware', '/sys/hypervisor', '/sys/power'],
    reason: 'hardware',
  },
  {
    paths: ['/sys/devices/virtual/dmi', '/sys/devices/virtual/powercap'],
    reason: 'serial numbers; power readings that tell what others compute',
  },
  {
    paths: ['/proc/partitions', '/proc/diskstats', '/proc/swaps', '/proc/mdstat', '/sys/block', '/sys/class/block', '/sys/dev'],
    reason: 'disks',
  },
  {
    paths: ['/proc/fs', '/sys/fs/btrfs', '/sys/fs/ext4', '/sys/fs/f2fs', '/sys/fs/fuse', '/sys/fs/xfs'],
    reason: 'file systems of the node',
  },
];

/** Written only where a namespace stands behind it. A writable part is named before the tree that holds it: it is bound over itself first and stays as it is. */
export const WRITABLE: Part = { paths: ['/proc/sys/net'], reason: 'belongs to the container’s own network namespace' };

export const READ_ONLY: readonly Part[] = [
  {
    paths: ['/proc/sys'],
    reason: 'settings of the node; and those of the container’s own namespaces that bound it: shared memory, message queues, user.max_*',
  },
];
