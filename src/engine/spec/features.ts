// Features: what OpenVZ gave to a container of the node's kernel, and how far an unprivileged container can have it. Knows no machine.

export interface Feature {
  readonly name: string;
  /**
   * device: its node and the right to use it, at once. module: loaded on the node when the container starts; the container's own network namespace
   * does the rest, and cannot be kept from it. view: mounted at the start. nothing: no unprivileged container can have it.
   */
  readonly gives: 'device' | 'module' | 'view' | 'nothing';
  /** Name of the device below /dev. */
  readonly device?: string;
  readonly module?: string;
  /** What becomes of it, for whoever sets it; for `nothing` why, and the way round. */
  readonly says: string;
}

const tunnel = (name: string, module: string, what: string): Feature => ({
  name,
  gives: 'module',
  module,
  says: `${what}; the module is loaded at the start, and root inside makes them in its own network namespace, with the feature or without`,
});

/** In the order in which they are stored: OpenVZ's eight, then those of newer tools. */
export const FEATURE_TABLE: readonly Feature[] = [
  {
    name: 'sysfs',
    gives: 'view',
    says: '/sys, read-only; without it neither /sys nor the container’s own cgroups are seen, and systemd cannot run',
  },
  {
    name: 'nfs',
    gives: 'nothing',
    says: 'the kernel mounts NFS for the node’s root only: mount the export on the node and give it by --bindmount_add, or use a FUSE client with fuse:on',
  },
  tunnel('sit', 'sit', 'tunnels of IPv6 in IPv4'),
  tunnel('ipip', 'ipip', 'tunnels of IPv4 in IPv4'),
  { name: 'ppp', gives: 'device', device: 'ppp', module: 'ppp_generic', says: '/dev/ppp, whose interfaces are the container’s own' },
  tunnel('ipgre', 'ip_gre', 'GRE tunnels'),
  tunnel('bridge', 'bridge', 'bridges'),
  {
    name: 'nfsd',
    gives: 'nothing',
    says: 'the kernel’s NFS server is the node’s: export the container’s directory from the node, or run a server of user space (nfs-ganesha) inside',
  },
  {
    name: 'fuse',
    gives: 'device',
    device: 'fuse',
    module: 'fuse',
    says: '/dev/fuse; file systems of user space are mounted inside, by its root',
  },
  { name: 'tun', gives: 'device', device: 'net/tun', module: 'tun', says: '/dev/net/tun, whose interfaces are the container’s own' },
];

const byName = new Map(FEATURE_TABLE.map((feature) => [feature.name, feature]));

export const featureOf = (name: string): Feature | undefined => byName.get(name);
