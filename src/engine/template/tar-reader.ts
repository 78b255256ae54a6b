// Reads a tar archive as it comes, entry by entry, and never holds more of it than one chunk and one header. Knows the formats (ustar, GNU
// long names, pax), judges only what cannot be read at all; what may be unpacked is archive-check's business.
import { BLOCK, type EntryKind, latin1, padding, parseHeader, type RawHeader, type TarEntry } from './tar-header.ts';

/** Why an archive is refused; the text completes "Template NAME: …". */
export class BadArchive extends Error {}

/** The bytes ended before the archive did. */
export class Truncated extends BadArchive {}

/** Name as it may be shown: control characters and bytes that are no text become "?", cut to 120 characters. */
export function shownName(name: string): string {
  const clean = Buffer.from(name, 'latin1')
    .toString('utf8')
    .replace(/[\p{C}\p{Zl}\p{Zp}\ufffd]/gu, '?');
  return clean.length > 120 ? `${clean.slice(0, 117)}…` : clean;
}

export interface ReadEntry extends TarEntry {
  /** Content piece by piece. What is not read is skipped before the next entry. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Longest extension (pax records, GNU long name) that is believed. */
const MAX_EXTENSION = 1 << 20;
/** Extensions in a row before the entry that they are for: honest archives have three. */
const MAX_IN_A_ROW = 16;
/** Zeros after the end that fill the last record; tar's largest is 10 MiB. */
const MAX_TAIL = 16 << 20;

const KINDS: Readonly<Record<string, EntryKind>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '5': 'dir',
  '6': 'fifo',
};

const REFUSED: Readonly<Record<string, string>> = {
  S: 'is stored sparse: pack the template without tar --sparse',
  M: 'is the rest of a file of another volume',
  D: 'is an incremental dump: pack the template without tar --incremental',
};

const EMPTY = new Uint8Array(0);

/** Bytes of a chunked stream by count. */
class Source {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = EMPTY;
  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }
  /** At most n bytes, at least one; empty at the end. A promise only where there is something to wait for: an archive has many small files. */
  some(n: number): Uint8Array | Promise<Uint8Array> {
    return this.#rest.length > 0 ? this.#take(n) : this.#more(n);
  }
  #take(n: number): Uint8Array {
    if (n >= this.#rest.length) {
      const all = this.#rest;
      this.#rest = EMPTY;
      return all;
    }
    const part = this.#rest.subarray(0, n);
    this.#rest = this.#rest.subarray(n);
    return part;
  }
  async #more(n: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return this.#rest;
      this.#rest = next.value;
    }
    return this.#take(n);
  }
  /** Exactly n bytes, or fewer at the end. */
  exactly(n: number): Uint8Array | Promise<Uint8Array> {
    if (n === 0) return EMPTY;
    return this.#rest.length >= n ? this.#take(n) : this.#gathered(n);
  }
  async #gathered(n: number): Promise<Uint8Array> {
    const first = await this.some(n);
    if (first.length === n || first.length === 0) return first;
    const parts = [first];
    let have = first.length;
    while (have < n) {
      const part = await this.some(n - have);
      if (part.length === 0) break;
      parts.push(part);
      have += part.length;
    }
    return Buffer.concat(parts);
  }
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

function paxRecords(body: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  let rest = latin1(body);
  while (rest !== '' && rest[0] !== '\0') {
    const match = /^(\d{1,8}) ([^=]+)=/.exec(rest);
    const length = Number(match?.[1]);
    if (match === null || length <= match[0].length || rest[length - 1] !== '\n') throw new BadArchive('has a broken pax header');
    records.set(match[2]!, rest.slice(match[0].length, length - 1));
    rest = rest.slice(length);
  }
  return records;
}

function paxNumber(records: ReadonlyMap<string, string>, key: string, otherwise: number): number {
  const value = records.get(key);
  if (value === undefined) return otherwise;
  if (!/^\d{1,15}(\.\d*)?$/.test(value)) {
    if (key === 'mtime') return 0;
    throw new BadArchive(`has a broken pax header (${key})`);
  }
  return Math.floor(Number(value));
}

const plain = (name: string): string =>
  name
    .replace(/^(\.\/+)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '');

function entryOf(header: RawHeader, long: { name?: string; target?: string }, pax: ReadonlyMap<string, string>): TarEntry {
  const given = pax.get('path') ?? long.name ?? header.name;
  const refused = [...pax.keys()].some((key) => key.startsWith('GNU.sparse.')) ? REFUSED['S'] : REFUSED[header.type];
  if (refused !== undefined) throw new BadArchive(`${shownName(given)} ${refused}`);
  const found = KINDS[header.type];
  if (found === undefined) throw new BadArchive(`${shownName(given)} is of an unknown kind (${shownName(header.type)})`);
  // before POSIX a directory was a file whose name ends in a slash
  const kind = found === 'file' && given.endsWith('/') ? 'dir' : found;
  const size = paxNumber(pax, 'size', header.size);
  return {
    kind,
    name: given.startsWith('/') ? given : plain(given),
    target: pax.get('linkpath') ?? long.target ?? header.target,
    mode: header.mode & 0o7777,
    uid: paxNumber(pax, 'uid', header.uid),
    gid: paxNumber(pax, 'gid', header.gid),
    mtime: paxNumber(pax, 'mtime', header.mtime),
    size: kind === 'file' ? size : 0,
    records: new Map([...pax].filter(([key]) => key.startsWith('SCHILY.'))),
  };
}

/** Entries in order. Throws BadArchive where the bytes are not, or no longer, a tar archive. Reads to the very end, so that a decompressor can check its sum. */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadEntry> {
  const source = new Source(chunks);
  let long: { name?: string; target?: string } = {};
  let pax = new Map<string, string>();
  let count = 0;
  let inARow = 0;
  try {
    for (;;) {
      const block = await source.exactly(BLOCK);
      if (block.length === 0 && count === 0) throw new Truncated('is empty');
      if (block.length < BLOCK) throw new Truncated('is truncated');
      if (block.every((byte) => byte === 0)) break;
      const header = parseHeader(block);
      if (header === null) throw new BadArchive(count === 0 ? 'is not a tar archive' : 'is damaged: a header has a wrong checksum');
      count += 1;
      inARow = 'LKxgV'.includes(header.type) ? inARow + 1 : 0;
      if (inARow > MAX_IN_A_ROW) throw new BadArchive('has header extensions without end');
      if ('LKxg'.includes(header.type)) {
        if (header.size > MAX_EXTENSION) throw new BadArchive('has a name or header extension of more than 1 MiB');
        const whole = await source.exactly(header.size + padding(header.size));
        if (whole.length < header.size + padding(header.size)) throw new Truncated('is truncated');
        const body = whole.subarray(0, header.size);
        if (header.type === 'L') long = { ...long, name: latin1(body).replace(/\0.*$/s, '') };
        else if (header.type === 'K') long = { ...long, target: latin1(body).replace(/\0.*$/s, '') };
        else if (header.type === 'x') pax = paxRecords(body);
        // a global header is for all entries that follow: comments are passed over, names and sizes have no honest use there
        else if ([...paxRecords(body).keys()].some((key) => /^(path|linkpath|size|GNU\.|SCHILY\.)/.test(key)))
          throw new BadArchive('has a global header that renames entries');
        continue;
      }
      if (header.type === 'V') {
        [long, pax] = [{}, new Map()];
        continue;
      }
      const entry = entryOf(header, long, pax);
      [long, pax] = [{}, new Map()];
      let left = entry.size;
      const body = (async function* () {
        while (left > 0) {
          const part = await source.some(left);
          if (part.length === 0) throw new Truncated(`is truncated in the middle of ${shownName(entry.name)}`);
          left -= part.length;
          yield part;
        }
      })();
      yield { ...entry, body };
      while (left > 0) {
        const part = await source.some(left);
        if (part.length === 0) throw new Truncated(`is truncated in the middle of ${shownName(entry.name)}`);
        left -= part.length;
      }
      if ((await source.exactly(padding(entry.size))).length < padding(entry.size)) throw new Truncated('is truncated');
    }
    let tail = 0;
    for (let part = await source.some(1 << 16); part.length > 0; part = await source.some(1 << 16)) {
      tail += part.length;
      if (tail > MAX_TAIL) throw new BadArchive('goes on after its end');
    }
  } finally {
    await source.close();
  }
}
