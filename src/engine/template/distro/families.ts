// Which distributions there are, as data: by what a tree of each is known, and where it keeps its host name and its time zone. One family for
// all that do it alike; whatever is none of them is the last one.

/** A file that keeps a value: alone on its first line, or assigned to a key (a shell reads it, so it is quoted). */
export interface Kept {
  readonly path: string;
  readonly key?: string;
  /** always: the file is made where it is missing; there: only in a file that is; key: only where the key is; (no) systemd: made where systemd is (not). */
  readonly when: 'always' | 'there' | 'key' | 'systemd' | 'no systemd';
}

export interface Family {
  readonly name: string;
  /** ID and ID_LIKE of os-release(5), and first words of OSTEMPLATE and of configs in /etc/vz/dists. */
  readonly ids: readonly string[];
  /** Files that only these have, for what is older than os-release. */
  readonly marks: readonly string[];
  /** First words of its action scripts in OpenVZ ("redhat-set_hostname.sh"). */
  readonly scripts: readonly string[];
  readonly hostname: readonly Kept[];
  readonly zone: readonly Kept[];
}

const NAME: Kept = { path: '/etc/hostname', when: 'always' };
const TIMEZONE: Kept = { path: '/etc/timezone', when: 'always' };

/** In the order in which marks are looked for: who is like another one comes before it. */
export const FAMILIES: readonly Family[] = [
  {
    name: 'alpine',
    ids: ['alpine', 'postmarketos'],
    marks: ['/etc/alpine-release'],
    scripts: [],
    hostname: [NAME],
    zone: [{ ...TIMEZONE, when: 'there' }],
  },
  {
    name: 'suse',
    ids: ['suse', 'opensuse', 'sles', 'sled', 'sle-micro'],
    marks: ['/etc/SuSE-release', '/etc/SUSE-brand'],
    scripts: ['suse'],
    hostname: [
      { ...NAME, when: 'systemd' },
      { path: '/etc/HOSTNAME', when: 'no systemd' },
    ],
    zone: [{ path: '/etc/sysconfig/clock', key: 'TIMEZONE', when: 'key' }],
  },
  {
    name: 'altlinux',
    ids: ['altlinux', 'alt'],
    marks: ['/etc/altlinux-release'],
    scripts: ['etcnet', 'altlinux'],
    hostname: [
      { ...NAME, when: 'systemd' },
      { path: '/etc/sysconfig/network', key: 'HOSTNAME', when: 'always' },
    ],
    zone: [{ path: '/etc/sysconfig/clock', key: 'ZONE', when: 'key' }],
  },
  {
    name: 'redhat',
    ids: [
      ...[
        'rhel',
        'fedora',
        'centos',
        'redhat',
        'almalinux',
        'rocky',
        'ol',
        'oracle',
        'scientific',
        'sl',
        'amzn',
        'cloudlinux',
        'virtuozzo',
      ],
      ...['openeuler', 'mageia', 'mandriva', 'mandrake', 'vzlinux'],
    ],
    marks: ['/etc/redhat-release', '/etc/fedora-release', '/etc/centos-release', '/etc/mandrake-release', '/etc/mandriva-release'],
    scripts: ['redhat', 'fedora', 'mandrake'],
    hostname: [
      { ...NAME, when: 'systemd' },
      { path: '/etc/sysconfig/network', key: 'HOSTNAME', when: 'key' },
      { path: '/etc/sysconfig/network', key: 'HOSTNAME', when: 'no systemd' },
    ],
    zone: [{ path: '/etc/sysconfig/clock', key: 'ZONE', when: 'key' }],
  },
  {
    name: 'arch',
    ids: ['arch', 'archlinux', 'archarm', 'manjaro', 'artix'],
    marks: ['/etc/arch-release'],
    scripts: ['arch'],
    hostname: [NAME, { path: '/etc/rc.conf', key: 'HOSTNAME', when: 'key' }],
    zone: [{ path: '/etc/rc.conf', key: 'TIMEZONE', when: 'key' }],
  },
  {
    name: 'gentoo',
    ids: ['gentoo', 'funtoo'],
    marks: ['/etc/gentoo-release'],
    scripts: ['gentoo', 'funtoo'],
    hostname: [
      { path: '/etc/conf.d/hostname', key: 'hostname', when: 'no systemd' },
      { ...NAME, when: 'systemd' },
      { ...NAME, when: 'there' },
    ],
    zone: [TIMEZONE],
  },
  {
    name: 'slackware',
    ids: ['slackware'],
    marks: ['/etc/slackware-version'],
    scripts: ['slackware'],
    hostname: [{ path: '/etc/HOSTNAME', when: 'always' }],
    zone: [],
  },
  {
    name: 'debian',
    ids: ['debian', 'ubuntu', 'devuan', 'raspbian', 'linuxmint', 'kali', 'pop', 'mx', 'proxmox'],
    marks: ['/etc/devuan_version', '/etc/debian_version'],
    scripts: ['debian'],
    hostname: [NAME],
    zone: [TIMEZONE],
  },
  { name: 'busybox', ids: ['busybox'], marks: [], scripts: [], hostname: [NAME], zone: [{ path: '/etc/TZ', when: 'there' }] },
  { name: 'other', ids: [], marks: [], scripts: [], hostname: [NAME], zone: [{ ...TIMEZONE, when: 'there' }] },
];
