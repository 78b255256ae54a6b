// Thousands of damaged archives: whatever the reader and the check let through stays below the directory that it is unpacked into.
// The same archives each run; a seed that fails is in the test's message.
import { expect, test } from 'vitest';
import { ARCHIVE_LIMITS, ArchiveCheck } from '../../../src/engine/template/archive-check.ts';
import { encodeHeader, parseHeader, type TarEntry } from '../../../src/engine/template/tar-header.ts';
import { BadArchive, readTar } from '../../../src/engine/template/tar-reader.ts';
import { block, END, extension, type Part, patch, pax } from './archives.ts';

const ARCHIVES = 4000;

/** mulberry32: small, fast, the same everywhere. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const NAMES = [
  'a',
  'a/b',
  './a/c',
  '../a',
  '/a',
  'a/../..',
  'd/',
  'd/e',
  'l',
  'l/x',
  '',
  '.',
  'a//b',
  'n'.repeat(120),
  `d/${'n'.repeat(300)}`,
];
const TARGETS = ['', 'a', '/', '../..', 'd', 'l', '/etc/passwd'];
const KINDS = ['file', 'hardlink', 'symlink', 'device', 'dir', 'fifo'] as const;

function archive(pick: (below: number) => number): Buffer {
  const one = <T>(of: readonly T[]): T => of[pick(of.length)]!;
  const part = (): Buffer => {
    const what: Part = { name: pick(3) === 0 ? one(NAMES) : `f${pick(50)}/g${pick(9)}`, kind: one(KINDS), target: one(TARGETS) };
    const bytes = block(what.kind === 'file' ? { ...what, content: 'x'.repeat(pick(1500)) } : what);
    switch (pick(8)) {
      case 0:
        return Buffer.concat([
          extension('x', pax({ [one(['path', 'linkpath', 'size', 'GNU.sparse.name'])]: one([...NAMES, '99', '-1']) })),
          bytes,
        ]);
      case 1:
        return Buffer.concat([extension(one(['L', 'K', 'g', 'x']), `${one(NAMES)}\0`), bytes]);
      case 2:
        return patch(bytes, 156, one(['0', '1', '2', '5', 'S', 'D', 'M', 'V', 'x', 'Z', '\0', '7']));
      case 3:
        return patch(bytes, 124, one(['77777777777\0', '\x80\0\0\0\0\0\0\0\0\0\x02\0', '-0000000001\0', '            ']));
      default:
        return bytes;
    }
  };
  const bytes = Buffer.concat([...Array.from({ length: 1 + pick(6) }, part), END]);
  // some bytes broken anywhere, headers with wrong sums among them, and some cut off
  for (let i = pick(3); i > 0; i--) bytes[pick(bytes.length)] = pick(256);
  return pick(4) === 0 ? bytes.subarray(0, pick(bytes.length)) : bytes;
}

/** In pieces of odd sizes, as pipes give them. */
async function* pieces(bytes: Buffer, pick: (below: number) => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + pick(900);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function accepted(bytes: Buffer, pick: (below: number) => number): Promise<readonly TarEntry[]> {
  const check = new ArchiveCheck(ARCHIVE_LIMITS);
  const kept: TarEntry[] = [];
  try {
    for await (const entry of readTar(pieces(bytes, pick))) {
      const taken = check.take(entry);
      if (taken !== null) kept.push(taken);
    }
  } catch (error) {
    if (!(error instanceof BadArchive)) throw error;
  }
  return kept;
}

test(`of ${ARCHIVES} damaged archives nothing leads out, below a link or over another entry`, async () => {
  let total = 0;
  for (let seed = 1; seed <= ARCHIVES; seed++) {
    const pick = random(seed);
    const kinds = new Map<string, string>();
    for (const entry of await accepted(archive(pick), pick)) {
      const where = `seed ${seed}: ${JSON.stringify(entry.name)}`;
      expect(entry.name.split('/'), where).not.toContain('..');
      expect(entry.name, where).toMatch(/^[^/]/);
      const parts = entry.name.split('/');
      for (let i = 1; i < parts.length; i++) expect(kinds.get(parts.slice(0, i).join('/')) ?? 'dir', where).toBe('dir');
      if (kinds.has(entry.name)) expect([kinds.get(entry.name), entry.kind], where).toEqual(['dir', 'dir']);
      if (entry.kind === 'hardlink')
        expect(kinds.get(entry.target.replace(/^\.\//, '')) ?? 'missing', where).toMatch(/^(file|hardlink|symlink)$/);
      expect(['file', 'hardlink', 'symlink', 'dir'], where).toContain(entry.kind);
      kinds.set(entry.name, entry.kind);
      total += 1;
      // what is handed to tar says the same again, in a header that every tar reads alike
      const head = encodeHeader(entry);
      expect(parseHeader(head.subarray(head.length - 512)), where).toMatchObject({ uid: entry.uid, size: entry.size });
    }
  }
  expect(total, 'enough of it is good to mean something').toBeGreaterThan(ARCHIVES / 4);
});
