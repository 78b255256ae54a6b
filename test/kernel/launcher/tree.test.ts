import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';
import type { TreeOp, TreeResult } from '../../../src/engine/spec/op.ts';
import { LAUNCHER, requires } from '../requires.ts';

let launcher: Launcher;
let dir: string;
let root: string;
let count = 0;
beforeAll(() => {
  launcher = openLauncher(LAUNCHER);
  dir = mkdtempSync('/tmp/vzdeck-tree-');
  writeFileSync(`${dir}/secret`, 'of the node');
});
beforeEach(() => {
  root = `${dir}/root-${++count}`;
  for (const name of ['', '/etc', '/tmp']) mkdirSync(root + name);
});
afterAll(() => {
  launcher.close();
  rmSync(dir, { recursive: true });
});

const one = async (op: TreeOp): Promise<TreeResult> => (await launcher.tree(root, [op]))[0] as TreeResult;
const write = (path: string, text: string): TreeOp => ({ op: 'write', path, data: Buffer.from(text), mode: 0o644, uid: 7, gid: 8 });
const text = (result: TreeResult): string => (result.ok && result.data ? Buffer.from(result.data).toString() : JSON.stringify(result));

const names = (result?: TreeResult): string[] => [...(result?.ok ? (result.names ?? []) : [])];

requires('root', 'launcher')('a tree', () => {
  test('is read, listed and looked at', async () => {
    writeFileSync(`${root}/etc/a`, 'hello');
    chownSync(`${root}/etc/a`, 5, 6);
    chmodSync(`${root}/etc/a`, 0o4711);
    symlinkSync('a', `${root}/etc/b`);
    const results = await launcher.tree(root, [
      { op: 'read', path: '/etc/a', max: 100 },
      { op: 'read', path: 'etc/b', max: 2 },
      { op: 'list', path: '/etc', max: 10 },
      { op: 'stat', path: '/etc/b', follow: true },
      { op: 'stat', path: '/etc/b', follow: false },
      { op: 'readlink', path: '/etc/b' },
      { op: 'readlink', path: '/etc/a' },
      { op: 'read', path: '/etc/none', max: 1 },
      { op: 'list', path: '/etc', max: 1 },
    ]);
    expect(text(results[0] as TreeResult)).toBe('hello');
    expect(text(results[1] as TreeResult)).toBe('he');
    expect(names(results[2]).sort()).toEqual(['a', 'b']);
    expect(results.slice(3, 8)).toMatchObject([
      { ok: true, stat: { type: 'file', mode: 0o4711, uid: 5, gid: 6, size: 5 } },
      { ok: true, stat: { type: 'link' } },
      { ok: true, target: 'a' },
      { ok: false, errno: 'EINVAL' },
      { ok: false, errno: 'ENOENT' },
    ]);
    expect(names(results[8]).length).toBe(1);
  });

  test('gives files away, and no link leads that astray', async () => {
    writeFileSync(`${root}/etc/a`, 'hello');
    symlinkSync(`${dir}/secret`, `${root}/etc/out`);
    const results = await launcher.tree(root, [
      { op: 'chown', path: '/etc/a', uid: 1000, gid: 1001 },
      { op: 'chown', path: '/etc/out', uid: 1000, gid: 1000 },
      { op: 'chown', path: '/etc/none', uid: 1, gid: 1 },
    ]);
    expect(results).toEqual([{ ok: true }, { ok: true }, { ok: false, errno: 'ENOENT' }]);
    expect([statSync(`${root}/etc/a`).uid, statSync(`${root}/etc/a`).gid]).toEqual([1000, 1001]);
    expect([statSync(`${dir}/secret`).uid, lstatSync(`${root}/etc/out`).uid]).toEqual([0, 1000]);
  });

  test('with mapped ids is written and told in the ids of its container', async () => {
    const base = 0x7ffe_0000;
    chownSync(`${root}/etc`, base, base);
    const results = await launcher.tree(
      root,
      [
        write('/etc/a', 'one'),
        { op: 'mkdir', path: '/etc/d', mode: 0o755 },
        { op: 'chown', path: '/etc/d', uid: 5, gid: 6 },
        { op: 'stat', path: '/etc/d', follow: true },
      ],
      base,
    );
    expect(results.at(-1)).toMatchObject({ ok: true, stat: { type: 'dir', uid: 5, gid: 6 } });
    expect(statSync(`${root}/etc/a`).uid).toBe(base + 7);
    expect(statSync(`${root}/etc/d`).gid).toBe(base + 6);
    expect((await launcher.tree(root, [{ op: 'symlink', path: '/etc/own', target: 'a' }], base))[0]).toEqual({ ok: true });
    expect(lstatSync(`${root}/etc/own`).uid).toBe(base);
  });

  test('is changed', async () => {
    const results = await launcher.tree(root, [
      { op: 'mkdir', path: '/etc/d', mode: 0o751 },
      { op: 'mkdir', path: '/etc/d', mode: 0o700 },
      write('/etc/d/f', 'one'),
      { op: 'symlink', target: 'd/f', path: '/etc/l' },
      write('/etc/l', 'two'),
      { op: 'remove', path: '/etc/l' },
      { op: 'remove', path: '/etc/nothing' },
      { op: 'remove', path: '/no/thing' },
    ]);
    expect(results).toEqual(Array.from({ length: 8 }, () => ({ ok: true })));
    expect(statSync(`${root}/etc/d`).mode & 0o777).toBe(0o751);
    const made = statSync(`${root}/etc/d/f`);
    expect([made.mode & 0o7777, made.uid, made.gid]).toEqual([0o644, 7, 8]);
    expect(readFileSync(`${root}/etc/d/f`, 'utf8')).toBe('two');
    expect(readdirSync(`${root}/etc`).sort()).toEqual(['d']);
  });

  test('a write keeps mode and owner, breaks no hard link open, and is whole or not at all', async () => {
    writeFileSync(`${root}/etc/shadow`, 'old');
    chownSync(`${root}/etc/shadow`, 3, 4);
    chmodSync(`${root}/etc/shadow`, 0o4640);
    linkSync(`${root}/etc/shadow`, `${root}/etc/other-name`);
    expect(await one(write('/etc/shadow', 'new'))).toEqual({ ok: true });
    const after = statSync(`${root}/etc/shadow`);
    expect([after.mode & 0o7777, after.uid, after.gid]).toEqual([0o4640, 3, 4]);
    expect(readFileSync(`${root}/etc/other-name`, 'utf8')).toBe('old');
    expect(await one(write('/etc', 'x'))).toEqual({ ok: false, errno: 'EISDIR' });
    expect(readdirSync(`${root}/etc`).sort()).toEqual(['other-name', 'shadow']);
  });

  test.each([
    ['an absolute link', () => symlinkSync(`${dir}/secret`, `${root}/etc/x`)],
    ['a relative link', () => symlinkSync('../../secret', `${root}/etc/x`)],
    ['a magic link', () => symlinkSync(`/proc/${process.pid}/root${dir}/secret`, `${root}/etc/x`)],
    ['a link to a link', () => [symlinkSync('y', `${root}/etc/x`), symlinkSync(`/../../../..${dir}/secret`, `${root}/etc/y`)]],
  ])('%s to a file of the node leads nowhere', async (_, plant) => {
    plant();
    for (const op of [
      { op: 'read', path: '/etc/x', max: 100 },
      { op: 'stat', path: '/etc/x', follow: true },
    ] as const) {
      expect(await one(op), op.op).toMatchObject({ ok: false, errno: 'ENOENT' });
    }
    await one(write('/etc/x', 'overwritten')); // may make what the link names, below the root
    expect(await one({ op: 'remove', path: '/etc/x' })).toEqual({ ok: true });
    expect(readFileSync(`${dir}/secret`, 'utf8')).toBe('of the node');
    expect(lstatSync(`${dir}/secret`).mode & 0o777).toBe(0o644);
  });

  test('a directory that is a link to one of the node leads nowhere', async () => {
    mkdirSync(`${dir}/outside-${count}`);
    symlinkSync(`${dir}/outside-${count}`, `${root}/etc/out`);
    symlinkSync('/', `${root}/etc/top`);
    expect(await one(write('/etc/out/f', 'x'))).toMatchObject({ ok: false });
    expect(await one({ op: 'mkdir', path: '/etc/out/d', mode: 0o755 })).toMatchObject({ ok: false });
    expect(readdirSync(`${dir}/outside-${count}`)).toEqual([]);
    expect(await one(write('/etc/top/tmp/here', 'x'))).toEqual({ ok: true }); // the root of the tree is its own
    expect(readFileSync(`${root}/tmp/here`, 'utf8')).toBe('x');
  });

  test('".." does not climb out', async () => {
    expect(text(await one({ op: 'read', path: '../secret', max: 100 }))).toMatch(/ENOENT/);
    expect(text(await one({ op: 'read', path: `/../../../..${dir}/secret`, max: 100 }))).toMatch(/ENOENT/);
    expect(await one(write('/..', 'x'))).toMatchObject({ ok: false, errno: 'EINVAL' });
    expect(await one({ op: 'remove', path: '/' })).toMatchObject({ ok: false, errno: 'EINVAL' });
    expect(await one({ op: 'remove', path: '/etc/..' })).toMatchObject({ ok: false, errno: 'EINVAL' });
    expect(readdirSync(root).sort()).toEqual(['etc', 'tmp']);
  });

  test('what is no file is never opened: fifos, devices, sockets, directories', async () => {
    execFileSync('mkfifo', [`${root}/etc/fifo`]);
    execFileSync('mknod', [`${root}/etc/null`, 'c', '1', '3']);
    for (const [name, errno] of [
      ['fifo', 'ENODEV'],
      ['null', 'ENODEV'],
      ['', 'EISDIR'],
    ]) {
      expect(await one({ op: 'read', path: `/etc/${name}`, max: 10 })).toEqual({ ok: false, errno });
    }
    expect(await one(write('/etc/fifo', 'x'))).toEqual({ ok: false, errno: 'ENODEV' });
    expect(await one(write('/etc/null', 'x'))).toEqual({ ok: false, errno: 'ENODEV' });
    expect(await one({ op: 'stat', path: '/etc/fifo', follow: true })).toMatchObject({ ok: true, stat: { type: 'other' } });
  });

  test('remove takes a directory with all that is in it, and nothing that its links lead to', async () => {
    mkdirSync(`${dir}/kept-${count}`);
    writeFileSync(`${dir}/kept-${count}/file`, 'x');
    mkdirSync(`${root}/etc/a/b/c`, { recursive: true });
    symlinkSync(`${dir}/kept-${count}`, `${root}/etc/a/b/link`);
    symlinkSync('/', `${root}/etc/a/root`);
    writeFileSync(`${root}/etc/a/b/c/file`, 'x');
    chmodSync(`${root}/etc/a/b`, 0);
    execFileSync('mkfifo', [`${root}/etc/a/fifo`]);
    expect(await one({ op: 'remove', path: '/etc/a' })).toEqual({ ok: true });
    expect(readdirSync(`${root}/etc`)).toEqual([]);
    expect(readFileSync(`${dir}/kept-${count}/file`, 'utf8')).toBe('x');
  });

  test('remove goes down 500 directories and refuses 510', async () => {
    const deep = (levels: number) => {
      const script = `const fs = require('fs'); for (let i = 0; i < ${levels}; i++) { fs.mkdirSync('d'); process.chdir('d'); }`;
      return spawnSync(process.execPath, ['-e', script], { cwd: `${root}/tmp`, stdio: 'inherit' }).status;
    };
    expect(deep(500)).toBe(0);
    expect(await one({ op: 'remove', path: '/tmp/d' })).toEqual({ ok: true });
    expect(deep(510)).toBe(0);
    expect(await one({ op: 'remove', path: '/tmp/d' })).toEqual({ ok: false, errno: 'ELOOP' });
    spawnSync('rm', ['-rf', `${root}/tmp/d`]);
  });

  test('remove does not enter another file system', async () => {
    mkdirSync(`${root}/etc/mounted`);
    await launcher.ops({
      ops: [
        { op: 'newFs', slot: 0, type: 'tmpfs', options: ['size=64k'], attrs: 0n, fsuid: 0 },
        { op: 'attach', slot: 0, path: `${root}/etc/mounted` },
      ],
    });
    writeFileSync(`${root}/etc/mounted/file`, 'x');
    expect(await one({ op: 'remove', path: '/etc' })).toMatchObject({ ok: false });
    expect(readFileSync(`${root}/etc/mounted/file`, 'utf8')).toBe('x');
    await launcher.ops({ ops: [{ op: 'umount', path: `${root}/etc/mounted`, flags: 2 }] });
  });

  test('a root that is not there is an error of the whole request', async () => {
    await expect(launcher.tree(`${dir}/none`, [])).rejects.toMatchObject({ fields: { stage: 'tree', op: 'root', errno: 'ENOENT' } });
    expect(await launcher.tree(root, [])).toEqual([]);
  });

  test('a large file comes whole', async () => {
    const data = Buffer.alloc(5_000_000, 'abcdefg');
    expect(await one({ op: 'write', path: '/tmp/large', data, mode: 0o600, uid: 0, gid: 0 })).toEqual({ ok: true });
    const back = await one({ op: 'read', path: '/tmp/large', max: 10_000_000 });
    expect(back.ok && back.data && Buffer.from(back.data).equals(data)).toBe(true);
  });
});
