// Makes tar archives for tests, good and hostile ones, byte by byte: what is wrong in them must not be mended by a library.
import { encodeHeader, padding, type TarEntry } from '../../../src/engine/template/tar-header.ts';

export type Part = Partial<TarEntry> & { readonly name: string; readonly content?: string };

const entry = (part: Part): TarEntry => ({
  kind: 'file',
  target: '',
  mode: 0o644,
  uid: process.getuid!(),
  gid: process.getgid!(),
  mtime: 1_000_000_000,
  size: part.content?.length ?? 0,
  records: new Map(),
  ...part,
});

/** Header and content as blocks. */
export function block(part: Part): Buffer {
  const content = Buffer.from(part.content ?? '', 'latin1');
  return Buffer.concat([encodeHeader(entry(part)), content, Buffer.alloc(padding(content.length))]);
}

export const END = Buffer.alloc(1024);

export const tar = (...parts: readonly (Part | Buffer)[]): Buffer =>
  Buffer.concat([...parts.map((part) => (Buffer.isBuffer(part) ? part : block(part))), END]);

/** Writes bytes into the first header block and mends its checksum. */
export function patch(bytes: Buffer, at: number, text: string): Buffer {
  const copy = Buffer.from(bytes);
  copy.write(text, at, 'latin1');
  copy.fill(0x20, 148, 156);
  const sum = copy.subarray(0, 512).reduce((a, b) => a + b, 0);
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}

/** An extension entry (type L, K, x or g) with the given body. */
export const extension = (type: string, body: string): Buffer =>
  Buffer.concat([
    patch(block({ name: '././@LongLink', size: Buffer.byteLength(body, 'latin1') }), 156, type),
    pad(Buffer.from(body, 'latin1')),
  ]);

const pad = (body: Buffer): Buffer => Buffer.concat([body, Buffer.alloc(padding(body.length))]);

export const pax = (records: Readonly<Record<string, string>>): string =>
  Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length += 1;
      return `${length}${rest}`;
    })
    .join('');
