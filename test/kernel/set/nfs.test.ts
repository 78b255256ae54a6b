// An export that the node has mounted by NFS, given to a container: who owns its files there, and that it comes and goes while it runs.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const ID = 101;

function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

requires(
  'root',
  'launcher',
  'busybox',
  'disposable',
  'nfsd',
)('an NFS export that the node has mounted', () => {
  let lab: Lab;
  let exported: string;
  let mounted: string;
  let mountd: ChildProcess;

  beforeAll(async () => {
    lab = openLab();
    exported = join(lab.root, 'exported');
    mounted = join(lab.root, 'mounted');
    for (const dir of [exported, mounted]) mkdirSync(dir);
    writeFileSync(join(exported, 'file'), 'from the server\n', { mode: 0o600 });
    await lab.born(ID);
    run('ip', 'link', 'set', 'lo', 'up');
    run('modprobe', 'nfsd');
    run('mount', '-t', 'nfsd', 'nfsd', '/proc/fs/nfsd');
    mountd = spawn('rpc.mountd', ['--foreground', '--no-nfs-version', '3'], { stdio: 'ignore' });
    run('rpc.nfsd', '--no-nfs-version', '3', '1');
    // clients of before a crash that nobody has seen are waited for otherwise
    writeFileSync('/proc/fs/nfsd/v4_end_grace', 'Y');
  });
  afterAll(async () => {
    run('umount', mounted);
    run('exportfs', '-au');
    run('rpc.nfsd', '0');
    mountd.kill();
    await once(mountd, 'exit');
    run('umount', '/proc/fs/nfsd');
    await lab.down();
  });

  const serve = (options: string): void => {
    spawnSync('umount', [mounted]);
    run('exportfs', '-i', '-o', `rw,no_subtree_check,fsid=1,${options}`, `127.0.0.1:${exported}`);
    run('mount', '-t', 'nfs4', '-o', 'soft,noac', `127.0.0.1:${exported}`, mounted);
  };
  const give = (): Promise<void> => lab.engine.set(ID, { BINDMOUNT: { add: `${mounted}:/srv/data,trusted` } }, { save: false }, lab.run);
  const take = (): Promise<void> => lab.engine.set(ID, { BINDMOUNT: { del: '/srv/data' } }, { save: false }, lab.run);
  const base = (): number =>
    Number(/^\s*0\s+(\d+)/.exec(readFileSync(`/proc/${lab.engine.find(String(ID))?.init?.pid}/uid_map`, 'utf8'))?.[1]);

  test('owners that it cannot show are told, with the way to give the files to root inside', async () => {
    serve('no_root_squash');
    lab.said();
    await give();
    expect(lab.said().join('\n')).toMatch(/nfs4? of .* cannot show its owners inside.*all_squash,anonuid=N/);
    expect((await lab.inside(ID, 'stat -c %u /srv/data/file; cat /srv/data/file || echo refused')).out).toMatch(/^65534\n.*refused\n$/s);
    await take();
    expect((await lab.inside(ID, 'ls -A /srv/data')).out).toBe('');
  });

  test('that way is one: root inside owns, reads and writes what the server keeps for it', async () => {
    const id = base();
    run('chown', '-R', `${id}:${id}`, exported);
    serve(`all_squash,anonuid=${id},anongid=${id}`);
    await give();
    expect((await lab.inside(ID, 'stat -c %u:%g /srv/data/file; cat /srv/data/file; echo mine >/srv/data/new')).out).toBe(
      '0:0\nfrom the server\n',
    );
    expect(statSync(join(exported, 'new')).uid).toBe(id);
    await take();
  });
});
