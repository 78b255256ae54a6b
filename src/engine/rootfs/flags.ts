// Numbers of <linux/mount.h> and <linux/sched.h> that plans are made of.

export const MOUNT_ATTR = {
  RDONLY: 0x01n,
  NOSUID: 0x02n,
  NODEV: 0x04n,
  NOEXEC: 0x08n,
  NOATIME: 0x10n,
  STRICTATIME: 0x20n,
  ATIME: 0x70n,
  NODIRATIME: 0x80n,
  IDMAP: 0x0010_0000n,
} as const;

export const PROPAGATION = { private: 1n << 18n, slave: 1n << 19n, shared: 1n << 20n } as const;

export const CLONE = {
  NEWNS: 0x0002_0000n,
  NEWCGROUP: 0x0200_0000n,
  NEWUTS: 0x0400_0000n,
  NEWIPC: 0x0800_0000n,
  NEWUSER: 0x1000_0000n,
  NEWPID: 0x2000_0000n,
  NEWNET: 0x4000_0000n,
} as const;

export const MNT_DETACH = 2;
