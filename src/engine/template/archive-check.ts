// Judges the entries of a template archive one after the other: refuses what could leave the directory it is unpacked into or fill the
// node, by name; leaves out what is harmless to leave out (device nodes, fifos, foreign attributes). Knows no files, only names.

import type { EntryKind, TarEntry } from './tar-header.ts';
import { BadArchive, shownName } from './tar-reader.ts';

export interface ArchiveLimits {
  readonly entries: number;
  /** Bytes of content in all. */
  readonly bytes: number;
  /** Bytes of all names together, with those of parents that are not named: they are kept in memory. */
  readonly nameBytes: number;
}

/** Far above any distribution (a full desktop has some 300,000 files). */
export const ARCHIVE_LIMITS: ArchiveLimits = { entries: 600_000, bytes: 256 * 2 ** 30, nameBytes: 256 * 2 ** 20 };

/** PATH_MAX and NAME_MAX of Linux. */
const MAX_PATH = 4095;
const MAX_NAME = 255;
/** Each level makes every name below it slower to reach: a few thousand in each of some dozen names keep tar busy for an hour. */
const MAX_DEPTH = 256;

/** trusted.* steers overlay mounts and security.* the node's own modules; only what a container's root could set itself passes. */
const PASSING = /^SCHILY\.(xattr\.(user\.|security\.capability$)|acl\.(access|default)$)/;

export class ArchiveCheck {
  /** Everything seen: its kind, or 'left' for what was left out. Parents that the archive does not name count as directories. */
  readonly #seen = new Map<string, EntryKind | 'left'>();
  readonly #limits: ArchiveLimits;
  #nameBytes = 0;
  entries = 0;
  bytes = 0;
  /** Device nodes and fifos that were left out. */
  leftOut = 0;

  readonly #tooMuch: () => Error;
  readonly #free: number;

  /** `free`: bytes that there is room for; `tooMuch` makes the error when it is passed. */
  constructor(limits: ArchiveLimits, tooMuch: () => Error = () => new BadArchive('does not fit'), free = Number.POSITIVE_INFINITY) {
    this.#limits = limits;
    this.#tooMuch = tooMuch;
    this.#free = free;
  }

  /** The entry as it may be unpacked, or null when it is to be left out. Throws BadArchive. */
  take(entry: TarEntry): TarEntry | null {
    this.entries += 1;
    this.bytes += entry.size;
    if (this.entries > this.#limits.entries) throw new BadArchive(`has more than ${this.#limits.entries} entries`);
    if (this.bytes > this.#limits.bytes) throw new BadArchive(`unpacks to more than ${Math.floor(this.#limits.bytes / 2 ** 20)} MiB`);
    if (this.bytes > this.#free) throw this.#tooMuch();
    if (entry.name === '' && entry.kind === 'dir') return null;
    this.#checkName(entry.name);
    this.#enter(entry);
    if (entry.kind === 'device' || entry.kind === 'fifo' || this.#seen.get(entry.name) === 'left') {
      this.#seen.set(entry.name, 'left');
      this.leftOut += 1;
      return null;
    }
    if (entry.kind === 'symlink') this.#checkSymlink(entry);
    return { ...entry, records: new Map([...entry.records].filter(([key]) => PASSING.test(key))) };
  }

  #checkName(name: string): void {
    const parts = name.split('/');
    const what = shownName(name);
    if (name === '') throw new BadArchive('has an entry without a name');
    if (name.startsWith('/')) throw new BadArchive(`has an absolute name: ${what}`);
    if (parts.includes('..')) throw new BadArchive(`has a name that leads out: ${what}`);
    if (parts.includes('') || parts.includes('.')) throw new BadArchive(`has a name with an empty part: ${what}`);
    if (name.includes('\0')) throw new BadArchive(`has a name with a zero byte: ${what}`);
    if (name.length > MAX_PATH || parts.some((part) => part.length > MAX_NAME))
      throw new BadArchive(`has a name that is too long: ${what}`);
    if (parts.length > MAX_DEPTH) throw new BadArchive(`has directories more than ${MAX_DEPTH} deep: ${what}`);
  }

  /** Every parent is a directory, the name is new (directories may be named twice), a hard link leads to something before it. */
  #enter(entry: TarEntry): void {
    const { name, kind } = entry;
    for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
      const parent = name.slice(0, at);
      const known = this.#seen.get(parent);
      if (known === undefined) this.#remember(parent, 'dir');
      else if (known !== 'dir') throw new BadArchive(`has ${shownName(name)} below ${shownName(parent)}, which is no directory`);
    }
    const known = this.#seen.get(name);
    if (known !== undefined && !(known === 'dir' && kind === 'dir')) throw new BadArchive(`has ${shownName(name)} twice`);
    this.#remember(name, kind === 'hardlink' ? this.#linkedKind(entry) : kind);
  }

  #remember(name: string, kind: EntryKind | 'left'): void {
    this.#seen.set(name, kind);
    this.#nameBytes += name.length;
    if (this.#nameBytes > this.#limits.nameBytes) throw new BadArchive(`has names of more than ${this.#limits.nameBytes} bytes in all`);
  }

  #linkedKind({ name, target }: TarEntry): EntryKind | 'left' {
    const plain = target.replace(/^(\.\/+)+/, '');
    const kind = this.#seen.get(plain);
    if (kind !== undefined && kind !== 'dir') return kind;
    throw new BadArchive(`has a hard link ${shownName(name)} to ${shownName(target)}, which is no file of the archive before it`);
  }

  /** Where a symbolic link points is the container's own affair; but its text must be one. */
  #checkSymlink({ name, target }: TarEntry): void {
    if (target === '' || target.length > MAX_PATH || target.includes('\0')) throw new BadArchive(`has a broken link: ${shownName(name)}`);
  }
}
