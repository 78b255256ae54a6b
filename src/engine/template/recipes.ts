// Which distributions can be built, as data, and how a template's name is read: debian-12, debian-trixie, ubuntu-24.04, debian-12-x86_64,
// debian-12-sysvinit.

export interface Family {
  /** Origin and label of its archive in Release files, by which the node's own mirror is recognised. */
  readonly origin: string;
  readonly label: string;
  readonly securityLabel: string;
  readonly components: string;
  /** Version number → suite. Other words are taken for suites. */
  readonly versions: Readonly<Record<string, string>>;
  /** Of INITS, those that it has packages of. */
  readonly inits: readonly string[];
  readonly packages: readonly string[];
}

/** What somebody expects who logs in: network tools, an editor, a pager, ssh. No udev, no kernel, no bootloader. */
const COMMON = ['iproute2', 'iputils-ping', 'ifupdown', 'netbase', 'procps', 'less', 'nano', 'cron'];
const REMOTE = ['openssh-server', 'ca-certificates'];

/** Inits by the word that a template's name ends in, "" for what the distribution has by itself; with what a log and sessions need there. */
const INITS: Readonly<Record<string, readonly string[]>> = {
  '': ['systemd-sysv', 'dbus', 'libpam-systemd'],
  sysvinit: ['sysvinit-core', 'orphan-sysvinit-scripts', 'rsyslog'],
};

export const FAMILIES: Readonly<Record<string, Family>> = {
  debian: {
    origin: 'Debian',
    label: 'Debian',
    securityLabel: 'Debian-Security',
    components: 'main',
    versions: { '11': 'bullseye', '12': 'bookworm', '13': 'trixie' },
    inits: ['', 'sysvinit'],
    packages: [...COMMON, ...REMOTE],
  },
  ubuntu: {
    origin: 'Ubuntu',
    label: 'Ubuntu',
    securityLabel: 'Ubuntu',
    components: 'main universe',
    versions: { '20.04': 'focal', '22.04': 'jammy', '24.04': 'noble' },
    inits: [''],
    packages: [...COMMON, ...REMOTE],
  },
};

export interface Recipe {
  readonly name: string;
  readonly family: Family;
  readonly suite: string;
  readonly packages: readonly string[];
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

const either = (words: Readonly<Record<string, unknown>>): string => Object.keys(words).filter(Boolean).join('|');
const NAME = new RegExp(
  `^(?<family>[a-z]+)-(?<version>[a-z0-9][a-z0-9.]*)(?:-(?<architecture>${either(ARCHITECTURES)}))?(?:-(?<init>${either(INITS)}))?$`,
);

/** null when the name says no distribution that can be built. */
export function recipeOf(name: string): Recipe | null {
  const match = NAME.exec(name)?.groups;
  const family = FAMILIES[match?.['family'] ?? ''];
  const { version = '', architecture = '', init = '' } = match ?? {};
  if (family === undefined || !family.inits.includes(init)) return null;
  const suite = family.versions[version] ?? version;
  // a number that is in no table would only fail later, on the mirror
  if (/^\d/.test(suite)) return null;
  return { name, family, suite, packages: [...(INITS[init] ?? []), ...family.packages], architecture: ARCHITECTURES[architecture] ?? '' };
}

export interface KnownRecipe {
  readonly name: string;
  /** What it is: "Debian bookworm", "Debian bookworm, sysvinit". */
  readonly about: string;
}

/** To choose from. */
export const RECIPES: readonly KnownRecipe[] = Object.entries(FAMILIES).flatMap(([name, { label, versions, inits }]) =>
  Object.entries(versions).flatMap(([version, suite]) =>
    inits.map((init) => ({
      name: [name, version, init].filter(Boolean).join('-'),
      about: [`${label} ${suite}`, init].filter(Boolean).join(', '),
    })),
  ),
);

/** For help and for the text of a refusal. */
export const RECIPE_NAMES: readonly string[] = RECIPES.map(({ name }) => name);
