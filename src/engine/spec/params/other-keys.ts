// Keys of config files that are no parameter of a container: what they are for, so that nobody wonders. All are kept as they stand.

/** Of vz.conf, and of scripts: known to the original's parser, and so no surprise to ours. */
export const KNOWN_KEYS: ReadonlySet<string> = new Set(
  (
    'VIRTUOZZO LOCKDIR DUMPDIR TRASHDIR VE0CPUUNITS VE_STOP_MODE VE_PARALLEL LOGGING LOGFILE LOG_LEVEL VERBOSE VZFASTBOOT ' +
    'MODULES_DISABLED IPTABLES_MODULES IP6TABLES VE_ROUTE_SRC_DEV NEIGHBOUR_DEVS SKIP_ARPDETECT ERROR_ON_ARPFAIL FORCE_ROUTE TEMPLATE ' +
    'CONFIGFILE DEF_OSTEMPLATE VZWDOG IPV6 SKIP_SYSCTL_SETUP CONFIG_CUSTOMIZED VEID VETH ' +
    // ours, of the node's network
    'VZDECK_POOL VZDECK_NAT VZDECK_BRIDGES VZDECK_DIRECT'
  ).split(' '),
);

/** Of those, what the original obeys and nothing here has to: completes "KEY is kept and not obeyed: …". */
export const IDLE_KEYS: ReadonlyMap<string, string> = new Map([
  [
    'FORCE_ROUTE',
    'routes to containers have a metric of their own (187), so that no other route is in the way of them; an address to which the node has a host route already is refused with that route, which nobody would get back',
  ],
]);

/** Of OpenVZ 7 and Virtuozzo, which the tools of the older line do not know: what they were for, and what to use here. */
export const VIRTUOZZO_KEYS: ReadonlyMap<string, string> = new Map([
  ['UUID', 'a name of the container for its tools'],
  ['DISTRIBUTION', 'chose the scripts of a distribution; here its tree does'],
  ['TECHNOLOGIES', 'what it asked of that kernel'],
  ['RATE', 'a rate of the network'],
  ['RATEBOUND', 'a rate of the network'],
  ['RATEMPU', 'a rate of the network'],
  ['MEMGUARANTEE', 'a guarantee of memory; here OOMGUARPAGES asks for one'],
  ['NUMNETIF', 'how many network devices it may have'],
  ['NUMMEMORYSUBGROUPS', 'how many groups it may make'],
  ['PAGECACHE_ISOLATION', 'a cache of its own; here the memory limit has it anyway'],
  ['NOATIME', 'a mount option'],
  ['JOURNALED_QUOTA', 'quota of users inside'],
  ['HA_ENABLE', 'moving to another node when this one fails'],
  ['HA_PRIO', 'moving to another node when this one fails'],
  ['AUTOSTOP', 'suspend or stop at shutdown'],
  ['NETTYPE', 'how it is connected'],
  ['AUTOCOMPACT', 'images that shrink'],
  ['SLMMODE', 'limits of its older kernel'],
  ['TEMPLATES', 'packages of templates'],
  ['VCPU', 'CPUs; here CPUS'],
  ['DISK', 'images that it has'],
]);
