// One entry of a tar archive, and its 512-byte headers in both directions: ustar, GNU and old V7 are read, POSIX (pax) is written.
// Names are byte strings: each character is one byte (latin1), since archives carry any bytes. Source: pax(1), tar(5).

export type EntryKind = 'file' | 'hardlink' | 'symlink' | 'device' | 'dir' | 'fifo';

export interface TarEntry {
  readonly kind: EntryKind;
  /** Byte string without leading "./" and trailing "/"; "" is the top directory. */
  readonly name: string;
  /** Of links: what they point to, byte string. */
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Bytes of content that follow the header; 0 for all but files. */
  readonly size: number;
  /** Extended attributes and ACLs as pax records (SCHILY.xattr.user.x …), byte strings. */
  readonly records: ReadonlyMap<string, string>;
}

export const BLOCK = 512;

/** What the bytes of one header block say, before long names and pax records are applied to it. */
export interface RawHeader {
  readonly type: string;
  readonly name: string;
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly size: number;
}

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

const text = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0);
  return latin1(end < 0 ? bytes : bytes.subarray(0, end));
};

/** Octal digits, or base 256 when the first bit is set; NaN when it is neither, negative or too large. */
function number(bytes: Uint8Array): number {
  if ((bytes[0]! & 0x80) === 0) {
    const digits = text(bytes).trim();
    return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN;
  }
  let value = BigInt(bytes[0]! & 0x7f);
  if (value & 0x40n) return Number.NaN;
  for (const byte of bytes.subarray(1)) value = (value << 8n) | BigInt(byte);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.NaN;
}

/** Sum of all bytes with the checksum field itself as blanks. */
function sumOf(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < 148; i++) sum += block[i]!;
  for (let i = 156; i < BLOCK; i++) sum += block[i]!;
  return sum;
}

/** null when the block is no header: its checksum or a number in it is wrong. */
export function parseHeader(block: Uint8Array): RawHeader | null {
  if (number(block.subarray(148, 156)) !== sumOf(block)) return null;
  const magic = latin1(block.subarray(257, 263));
  // GNU ("ustar ") keeps times where POSIX has the first part of the name
  const prefix = magic === 'ustar\0' ? text(block.subarray(345, 500)) : '';
  const name = text(block.subarray(0, 100));
  const header: RawHeader = {
    type: String.fromCharCode(block[156]!),
    name: prefix === '' ? name : `${prefix}/${name}`,
    target: text(block.subarray(157, 257)),
    mode: number(block.subarray(100, 108)),
    uid: number(block.subarray(108, 116)),
    gid: number(block.subarray(116, 124)),
    size: number(block.subarray(124, 136)),
    mtime: number(block.subarray(136, 148)),
  };
  // a time before 1970 is no reason to refuse anything
  const mtime = Number.isNaN(header.mtime) ? 0 : header.mtime;
  return [header.mode, header.uid, header.gid, header.size].some(Number.isNaN) ? null : { ...header, mtime };
}

const TYPE: Readonly<Record<EntryKind, string>> = { file: '0', hardlink: '1', symlink: '2', device: '3', dir: '5', fifo: '6' };

function rawBlock(type: string, name: string, entry: Omit<TarEntry, 'kind' | 'name' | 'records'>): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number): void => {
    block.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  };
  block.write(name.slice(0, 100), 0, 'latin1');
  octal(entry.mode & 0o7777, 100, 7);
  octal(Math.min(entry.uid, 0o7777777), 108, 7);
  octal(Math.min(entry.gid, 0o7777777), 116, 7);
  octal(Math.min(entry.size, 0o77777777777), 124, 11);
  octal(Math.min(Math.max(0, Math.floor(entry.mtime)), 0o77777777777), 136, 11);
  block.write(type, 156, 'latin1');
  block.write(entry.target.slice(0, 100), 157, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  octal(sumOf(block), 148, 6);
  block[154] = 0;
  block[155] = 0x20;
  return block;
}

/** "LENGTH key=value\n", where LENGTH counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

export const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

/** Header blocks of an entry. Says everything once, in the one form that cannot be read in two ways. */
export function encodeHeader(entry: TarEntry): Uint8Array {
  const name = entry.kind === 'dir' ? `${entry.name}/` : entry.name;
  const records = new Map(entry.records);
  if (name.length > 100) records.set('path', name);
  if (entry.target.length > 100) records.set('linkpath', entry.target);
  if (entry.uid > 0o7777777) records.set('uid', String(entry.uid));
  if (entry.gid > 0o7777777) records.set('gid', String(entry.gid));
  if (entry.size > 0o77777777777) records.set('size', String(entry.size));
  const block = rawBlock(TYPE[entry.kind], name, entry);
  if (records.size === 0) return block;
  const body = Buffer.from([...records].map(([key, value]) => paxRecord(key, value)).join(''), 'latin1');
  const head = rawBlock('x', 'PaxHeaders/entry', { ...entry, target: '', mode: 0o644, uid: 0, gid: 0, size: body.length });
  return Buffer.concat([head, body, Buffer.alloc(padding(body.length)), block]);
}

/** The two blocks of zeros at the end of an archive. */
export const END_MARK = new Uint8Array(2 * BLOCK);
