// The files that a new node begins with: vz.conf and the sample configs that new containers start from.

type Lines = readonly (readonly [key: string, value: string])[];

const print = (comment: string, lines: Lines): string => `# ${comment}\n${lines.map(([key, value]) => `${key}="${value}"\n`).join('')}`;

/** RAM, swap and processes: enough processes for a distribution with its services, few enough for a fork bomb to be a small one. */
const VSWAP: readonly (readonly [name: string, ram: string, swap: string, numproc: number])[] = [
  ['256m', '256M', '512M', 300],
  ['512m', '512M', '1G', 500],
  ['1g', '1G', '2G', 800],
  ['1024m', '1G', '2G', 800],
  ['2g', '2G', '4G', 1500],
  ['4g', '4G', '8G', 3000],
];

const DISK: Lines = [
  ['DISKSPACE', '2G:2.2G'],
  ['DISKINODES', '131072:144179'],
  ['QUOTATIME', '0'],
];

const vswap = (ram: string, swap: string, numproc: number): Lines => [
  ['PHYSPAGES', `0:${ram}`],
  ['SWAPPAGES', `0:${swap}`],
  ['NUMPROC', String(numproc)],
  ['NUMPTY', '64'],
  ['NUMSIGINFO', '1024'],
  ...DISK,
  ['CPUUNITS', '1000'],
  ['NETFILTER', 'stateless'],
];

/** Configs by single beancounters, as OpenVZ shipped them: values are facts of its documentation. */
const BASIC: Lines = [
  ['KMEMSIZE', '14372700:14790164'],
  ['LOCKEDPAGES', '2048'],
  ['PRIVVMPAGES', '65536:69632'],
  ['SHMPAGES', '21504'],
  ['NUMPROC', '240'],
  ['PHYSPAGES', '0:unlimited'],
  ['VMGUARPAGES', '33792:unlimited'],
  ['OOMGUARPAGES', '26112:unlimited'],
  ['NUMTCPSOCK', '360'],
  ['NUMFLOCK', '188:206'],
  ['NUMPTY', '16'],
  ['NUMSIGINFO', '256'],
  ['TCPSNDBUF', '1720320:2703360'],
  ['TCPRCVBUF', '1720320:2703360'],
  ['OTHERSOCKBUF', '1126080:2097152'],
  ['DGRAMRCVBUF', '262144'],
  ['NUMOTHERSOCK', '360'],
  ['DCACHESIZE', '3409920:3624960'],
  ['NUMFILE', '9312'],
  ['AVNUMPROC', '180'],
  ['NUMIPTENT', '128'],
  ...DISK,
  ['CPUUNITS', '1000'],
  ['NETFILTER', 'stateless'],
];
const LIGHT: Lines = [
  ['KMEMSIZE', '1740800:1847296'],
  ['LOCKEDPAGES', '4'],
  ['PRIVVMPAGES', '7680:8448'],
  ['SHMPAGES', '1152'],
  ['NUMPROC', '40'],
  ['PHYSPAGES', '0:unlimited'],
  ['VMGUARPAGES', '1725:unlimited'],
  ['OOMGUARPAGES', '1725:unlimited'],
  ['NUMTCPSOCK', '40'],
  ['NUMFLOCK', '50:60'],
  ['NUMPTY', '4'],
  ['NUMSIGINFO', '256'],
  ['TCPSNDBUF', '159744:262144'],
  ['TCPRCVBUF', '159744:262144'],
  ['OTHERSOCKBUF', '135168:237568'],
  ['DGRAMRCVBUF', '135168:196608'],
  ['NUMOTHERSOCK', '40'],
  ['DCACHESIZE', '196608:202752'],
  ['NUMFILE', '512'],
  ['AVNUMPROC', '15'],
  ['NUMIPTENT', '16'],
  ['DISKSPACE', '1G:1.1G'],
  ['DISKINODES', '65536:72090'],
  ['QUOTATIME', '0'],
  ['CPUUNITS', '250'],
  ['NETFILTER', 'stateless'],
];

/** Nothing but what the node as a whole allows; NUMPROC has a bound all the same, so that a fork bomb stays one container's. */
const UNLIMITED_LINES: Lines = [
  ...['KMEMSIZE', 'LOCKEDPAGES', 'PRIVVMPAGES', 'SHMPAGES', 'NUMPROC'].map((key) => [key, 'unlimited'] as const),
  ['PHYSPAGES', '0:unlimited'],
  ['SWAPPAGES', '0:unlimited'],
  ['VMGUARPAGES', '0:unlimited'],
  ['OOMGUARPAGES', '0:unlimited'],
  ...['NUMTCPSOCK', 'NUMFLOCK', 'NUMPTY', 'NUMSIGINFO', 'TCPSNDBUF', 'TCPRCVBUF', 'OTHERSOCKBUF', 'DGRAMRCVBUF', 'NUMOTHERSOCK'].map(
    (key) => [key, 'unlimited'] as const,
  ),
  ...['DCACHESIZE', 'NUMFILE', 'NUMIPTENT'].map((key) => [key, 'unlimited'] as const),
  ['QUOTATIME', '0'],
  ['CPUUNITS', '1000'],
  ['NETFILTER', 'stateless'],
];

/** Name → text of ve-NAME.conf-sample. */
export const SAMPLES: ReadonlyMap<string, string> = new Map([
  ...VSWAP.map(([name, ram, swap, numproc]) => [`vswap-${name}`, print(`${ram} RAM, ${swap} swap`, vswap(ram, swap, numproc))] as const),
  ['basic', print('single beancounters for a container of about 256 MB', BASIC)],
  ['unlimited', print('no limits but those of the node', UNLIMITED_LINES)],
  ['light', print('single beancounters for a very small container', LIGHT)],
]);

export const VZ_CONF = `# Settings of this node. Shells may source this file: KEY=value, no blanks around the sign.
VIRTUOZZO=yes
LOCKDIR=/vz/lock
DUMPDIR=/vz/dump
VE0CPUUNITS=1000

# What vzctl prints: 0 errors and progress, 1 and more details
VERBOSE=0
LOGGING=no
LOGFILE=/var/log/vzctl.log
LOG_LEVEL=0

# Where things lie; $VEID is the container's id
TEMPLATE=/vz/template
VE_ROOT=/vz/root/$VEID
VE_PRIVATE=/vz/private/$VEID

# What a new container gets when vzctl create is not told otherwise
CONFIGFILE="vswap-256m"
DEF_OSTEMPLATE="busybox"
VE_LAYOUT=simfs

# Old tools read these; ranges of user ids are leased at each start
LOCAL_UID=100000
LOCAL_GID=100000
IPV6="yes"
`;
