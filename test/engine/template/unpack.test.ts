// Templates are unpacked whole or not at all; hostile archives are refused by name or made harmless, and leave nothing.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VzError } from '../../../src/engine/errors.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import { ARCHIVE_LIMITS } from '../../../src/engine/template/archive-check.ts';
import { unpackTemplate } from '../../../src/engine/template/unpack.ts';
import { block, END, extension, type Part, patch, pax, tar } from './archives.ts';

const host = openLinuxHost('/', undefined as never);
let top: string;
let target: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'vzdeck-unpack-'));
  target = join(top, 'area');
  mkdirSync(target);
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

function archive(bytes: Uint8Array, suffix = ''): { name: string; file: string; size: number; made: number } {
  const file = join(top, `t.tar${suffix}`);
  writeFileSync(file, bytes);
  return { name: 't', file, size: statSync(file).size, made: 0 };
}

const unpack = (bytes: Uint8Array, options = {}) => unpackTemplate(host, archive(bytes), target, options);

async function refusal(bytes: Uint8Array, options = {}): Promise<VzError> {
  const error = await unpack(bytes, options).then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(VzError);
  expect(existsSync(target), 'what was unpacked is removed').toBe(false);
  expect(readdirSync(top), 'nothing beside the archive').toEqual(['t.tar']);
  return error as VzError;
}

const GOOD: readonly Part[] = [
  { name: './', kind: 'dir', mode: 0o777 },
  { name: 'etc', kind: 'dir', mode: 0o755 },
  { name: './etc/hostname', content: 'ct\n' },
  { name: 'bin', kind: 'symlink', target: 'usr/bin' },
  { name: 'usr/bin/su', content: 'x', mode: 0o4755 },
  { name: 'usr/bin/su2', kind: 'hardlink', target: './usr/bin/su' },
  { name: 'var/run', kind: 'symlink', target: '/run' },
  { name: 'empty', content: '' },
  { name: `long/${'n'.repeat(200)}`, content: 'far' },
  { name: 'caf\u00c3\u00a9', content: 'utf-8' },
];

describe('what a template holds', () => {
  test('files, modes, links and long names arrive as packed; the top directory is 0755', async () => {
    const steps: number[] = [];
    const result = await unpack(tar(...GOOD), { progress: (done: number) => steps.push(done) });
    expect(readFileSync(join(target, 'etc/hostname'), 'latin1')).toBe('ct\n');
    expect(readlinkSync(join(target, 'bin'))).toBe('usr/bin');
    expect(readlinkSync(join(target, 'var/run'))).toBe('/run');
    expect(lstatSync(join(target, 'usr/bin/su')).mode & 0o7777).toBe(0o4755);
    expect(lstatSync(join(target, 'usr/bin/su2')).ino).toBe(lstatSync(join(target, 'usr/bin/su')).ino);
    expect(lstatSync(join(target, 'etc/hostname')).mtimeMs).toBe(1_000_000_000_000);
    expect(readFileSync(join(target, 'long', 'n'.repeat(200)), 'latin1')).toBe('far');
    expect(readdirSync(target)).toContain('café');
    expect(lstatSync(target).mode & 0o7777).toBe(0o755);
    expect(result).toMatchObject({ entries: GOOD.length, leftOut: 0 });
    expect(steps.at(-1)).toBe(result.bytes);
  });

  test('GNU long names and links, as GNU tar writes them', async () => {
    const source = join(top, 'source');
    const deep = 'd'.repeat(120);
    mkdirSync(join(source, deep), { recursive: true });
    writeFileSync(join(source, deep, 'f'.repeat(120)), 'deep');
    execFileSync('tar', ['--format=gnu', '-cf', join(top, 'gnu.tar'), '-C', source, '.']);
    rmSync(source, { recursive: true });
    const bytes = readFileSync(join(top, 'gnu.tar'));
    await unpack(bytes);
    expect(readFileSync(join(target, deep, 'f'.repeat(120)), 'latin1')).toBe('deep');
  });

  test.each([
    ['gzip', '.gz'],
    ['xz', '.xz'],
    ['zstd', '.zst'],
    ['bzip2', '.bz2'],
  ])('%s is known by its bytes, not by its name', async (program) => {
    const packed = execFileSync(program, ['-c'], { input: tar(...GOOD) });
    await unpack(packed);
    expect(readFileSync(join(target, 'etc/hostname'), 'latin1')).toBe('ct\n');
  });

  test('device nodes and fifos are left out and counted, with the hard links to them', async () => {
    const result = await unpack(
      tar(
        { name: 'dev/null', kind: 'device' },
        { name: 'dev/pipe', kind: 'fifo' },
        { name: 'dev/null2', kind: 'hardlink', target: 'dev/null' },
        { name: 'kept', content: '1' },
      ),
    );
    expect(result.leftOut).toBe(3);
    expect(readdirSync(target)).toEqual(['kept']);
  });

  test('attributes that steer the node stay behind, those of users pass', async () => {
    const records = new Map([
      ['SCHILY.xattr.user.note', 'kept \u00ff'],
      ['SCHILY.xattr.trusted.overlay.redirect', '/etc'],
    ]);
    await unpack(tar({ name: 'f', content: 'x', records }));
    const shown = execFileSync('python3', [
      '-c',
      'import os,sys; print({n: os.getxattr(sys.argv[1], n) for n in os.listxattr(sys.argv[1])})',
      join(target, 'f'),
    ]);
    expect(shown.toString()).toBe("{'user.note': b'kept \\xff'}\n");
  });
});

const file = (name: string): Part => ({ name, content: 'x' });

/** What is wrong → archive and the words of the refusal. */
const HOSTILE: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
  'a name with ..': [tar(file('a/../../out')), /name that leads out: a\/\.\.\/\.\.\/out/],
  'only ..': [tar({ name: '..', kind: 'dir' }), /leads out/],
  'an absolute name': [tar(file('/etc/passwd')), /absolute name: \/etc\/passwd/],
  'an absolute name in a pax header': [tar(extension('x', pax({ path: '/etc/passwd' })), file('harmless')), /absolute name: \/etc\/passwd/],
  'an absolute name as a GNU long name': [tar(extension('L', '/etc/passwd\0'), file('harmless')), /absolute name/],
  'a global header that renames': [tar(extension('g', pax({ path: '/etc/passwd' })), file('harmless')), /global header/],
  'a file below a link': [tar({ name: 'l', kind: 'symlink', target: '/' }, file('l/x')), /l\/x below l, which is no directory/],
  'a file deep below a link': [
    tar({ name: 'd/l', kind: 'symlink', target: '../..' }, file('d/l/e/x')),
    /below d\/l, which is no directory/,
  ],
  'a directory replaced by a link': [
    tar({ name: 'd', kind: 'dir' }, file('d/x'), { name: 'd', kind: 'symlink', target: '/' }),
    /has d twice/,
  ],
  'an unnamed parent replaced by a link': [tar(file('d/x'), { name: 'd', kind: 'symlink', target: '/' }), /has d twice/],
  'a link replaced by a file': [tar({ name: 'l', kind: 'symlink', target: '/etc/passwd' }, file('l')), /has l twice/],
  'a hard link that leads out': [tar({ name: 'h', kind: 'hardlink', target: '/etc/shadow' }), /hard link h to \/etc\/shadow/],
  'a hard link with ..': [tar({ name: 'h', kind: 'hardlink', target: '../../etc/shadow' }), /hard link h to/],
  'a hard link to a directory': [tar({ name: 'd', kind: 'dir' }, { name: 'h', kind: 'hardlink', target: 'd' }), /hard link h to d/],
  'a hard link to what comes later': [tar({ name: 'h', kind: 'hardlink', target: 'f' }, file('f')), /no file of the archive before it/],
  'a file twice': [tar(file('f'), file('./f')), /has f twice/],
  'an empty part': [tar(file('a//b')), /empty part/],
  'a part that is a dot': [tar(file('a/./b')), /empty part/],
  'a component of 256 bytes': [tar(file('n'.repeat(256))), /too long/],
  'a path of 4096 bytes': [tar(file(`${'n/'.repeat(2048)}n`)), /too long/],
  'a path of 2000 levels': [tar(file(`${'d/'.repeat(2000)}f`)), /more than 256 deep/],
  'a link without a target': [tar({ name: 'l', kind: 'symlink', target: '' }), /broken link: l/],
  'an unknown kind': [Buffer.concat([patch(block(file('f')), 156, 'Z'), END]), /f is of an unknown kind \(Z\)/],
  'an old sparse file': [Buffer.concat([patch(block(file('f')), 156, 'S'), END]), /f is stored sparse/],
  'a new sparse file': [
    tar(extension('x', pax({ 'GNU.sparse.major': '1', 'GNU.sparse.name': '/etc/x', 'GNU.sparse.realsize': '99999999999999' })), file('f')),
    /f is stored sparse/,
  ],
  'a broken pax header': [tar(extension('x', '999 path=x\n'), file('f')), /broken pax header/],
  'a pax size that is no number': [tar(extension('x', pax({ size: '-1' })), file('f')), /broken pax header \(size\)/],
  'a negative size': [
    Buffer.concat([patch(block(file('f')), 124, '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff'), END]),
    /not a tar archive/,
  ],
  'a size beyond the end': [Buffer.concat([patch(block(file('f')), 124, '00000077777\0'), END]), /truncated in the middle of f/],
  'a damaged header': [Buffer.concat([block(file('a')), Buffer.alloc(512, 'z'), END]), /damaged/],
  'extensions without end': [
    tar(...Array.from({ length: 20 }, () => extension('x', pax({ comment: 'x' }))), file('f')),
    /extensions without end/,
  ],
  'more after the end': [Buffer.concat([tar(file('f')), Buffer.alloc(17 << 20)]), /goes on after its end/],
  'no end': [block(file('f')), /truncated/],
  'an end in the middle': [tar(file('f'), { name: 'g', content: 'y'.repeat(5000) }).subarray(0, 2600), /truncated in the middle of g/],
  'nothing at all': [Buffer.alloc(0), /empty/],
  'something else': [Buffer.from('#!/bin/sh\nexit 0\n'.repeat(100)), /not a tar archive/],
  'half a gzip': [
    execFileSync('gzip', ['-c'], { input: tar({ name: 'f', content: 'y'.repeat(9999) }) }).subarray(0, 60),
    /unexpected end of file/,
  ],
  'control characters, shown as ?': [tar(file('a\x1b]0;owned\x07\n/../b')), /leads out: a\?\]0;owned\?\?\/\.\.\/b/],
};

describe('a hostile archive is refused by name and leaves nothing', () => {
  test.each(Object.entries(HOSTILE))('%s', async (_what, [bytes, words]) => {
    const error = await refusal(bytes);
    expect(error.exit).toBe(47);
    expect(error.message).toMatch(words);
    expect(error.message).toMatch(/^Template t: [^\p{Cc}]+$/u);
  });

  test('too many entries', async () => {
    const error = await refusal(tar(...Array.from({ length: 51 }, (_, i) => file(`f${i}`))), {
      limits: { ...ARCHIVE_LIMITS, entries: 50 },
    });
    expect(error.message).toMatch(/more than 50 entries/);
  });

  test('names that would fill the memory of who reads them', async () => {
    const deep = (i: number): Part => file(`${`d${i}/`.repeat(250)}f`);
    const error = await refusal(tar(deep(1), deep(2), deep(3)), { limits: { ...ARCHIVE_LIMITS, nameBytes: 1 << 18 } });
    expect(error.message).toMatch(/names of more than 262144 bytes in all/);
  });

  test('more content than allowed', async () => {
    const error = await refusal(tar({ name: 'a', content: 'y'.repeat(3 << 20) }), { limits: { ...ARCHIVE_LIMITS, bytes: 2 << 20 } });
    expect(error.message).toMatch(/more than 2 MiB/);
  });

  test('more content than there is room for: 46, whatever the archive says of itself', async () => {
    const small = { ...host, files: { ...host.files, statfs: (path: string) => ({ ...host.files.statfs(path), free: 1 << 20 }) } };
    const bytes = execFileSync('zstd', ['-cq'], { input: tar({ name: 'zeros', content: '\0'.repeat(8 << 20) }) });
    const error = (await unpackTemplate(small, archive(bytes), target).catch((e: unknown) => e)) as VzError;
    expect(error.exit).toBe(46);
    expect(error.message).toMatch(/^Insufficient disk space in .*; available: 1024, needed: \d+$/);
    expect(existsSync(target)).toBe(false);
  });

  test('cancelled in the middle', async () => {
    const stop = new AbortController();
    const bytes = tar(...Array.from({ length: 40 }, (_, i): Part => ({ name: `f${i}`, content: 'y'.repeat(1 << 20) })));
    const error = await refusal(bytes, { signal: stop.signal, progress: () => stop.abort() });
    expect(error.code).toBe('cancelled');
  });
});
