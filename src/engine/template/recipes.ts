// Which distributions can be built, as data, and how a template's name is read: debian-12, debian-trixie, ubuntu-24.04, debian-12-x86_64.

export interface Family {
  /** Origin and label of its archive in Release files, by which the node's own mirror is recognised. */
  readonly origin: string;
  readonly label: string;
  readonly securityLabel: string;
  readonly components: string;
  /** Version number → suite. Other words are taken for suites. */
  readonly versions: Readonly<Record<string, string>>;
  readonly packages: readonly string[];
}

/** What somebody expects who logs in: an init with sessions, network tools, an editor, a pager, ssh. No udev, no kernel, no bootloader. */
const COMMON = [
  'systemd-sysv',
  'dbus',
  'libpam-systemd',
  'iproute2',
  'iputils-ping',
  'ifupdown',
  'netbase',
  'procps',
  'less',
  'nano',
  'cron',
];
const REMOTE = ['openssh-server', 'ca-certificates'];

export const FAMILIES: Readonly<Record<string, Family>> = {
  debian: {
    origin: 'Debian',
    label: 'Debian',
    securityLabel: 'Debian-Security',
    components: 'main',
    versions: { '11': 'bullseye', '12': 'bookworm', '13': 'trixie' },
    packages: [...COMMON, ...REMOTE],
  },
  ubuntu: {
    origin: 'Ubuntu',
    label: 'Ubuntu',
    securityLabel: 'Ubuntu',
    components: 'main universe',
    versions: { '20.04': 'focal', '22.04': 'jammy', '24.04': 'noble' },
    packages: [...COMMON, ...REMOTE],
  },
};

export interface Recipe {
  readonly name: string;
  readonly family: Family;
  readonly suite: string;
  /** Debian's name of the architecture, "" for the node's own. */
  readonly architecture: string;
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  amd64: 'amd64',
  aarch64: 'arm64',
  arm64: 'arm64',
  x86: 'i386',
  i386: 'i386',
};

/** null when the name says no distribution that can be built. */
export function recipeOf(name: string): Recipe | null {
  const match = /^([a-z]+)-([a-z0-9][a-z0-9.]*)(?:-(x86_64|amd64|aarch64|arm64|x86|i386))?$/.exec(name);
  const family = FAMILIES[match?.[1] ?? ''];
  if (match === null || family === undefined) return null;
  const version = match[2]!;
  const suite = family.versions[version] ?? version;
  // a number that is in no table would only fail later, on the mirror
  return /^\d/.test(suite) ? null : { name, family, suite, architecture: ARCHITECTURES[match[3] ?? ''] ?? '' };
}

/** Names for help and for the text of a refusal. */
export const RECIPE_NAMES: readonly string[] = Object.entries(FAMILIES).flatMap(([name, { versions }]) =>
  Object.keys(versions).map((version) => `${name}-${version}`),
);
