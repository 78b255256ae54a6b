// The journal on plain directories: who, what stays when many write, what is damaged, and how large it gets.
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { actorOf, sessionOf } from '../../../src/engine/store/actor.ts';
import { type Deed, entryOf, note, readJournal } from '../../../src/engine/store/journal.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-journal-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const host = { files: linuxFiles, proc: '/proc', planning: false, now: () => Date.UTC(2024, 4, 1) };
const deed = (fields: Partial<Deed> = {}): Deed => ({
  verb: 'start',
  id: 101,
  result: 'ok',
  detail: '',
  ms: 12.4,
  command: 'vzctl start 101',
  program: 'vzctl',
  ...fields,
});
const node = () => loadNodeConfig(linuxFiles, root);
const dir = (): string => join(root, 'var/log/vzdeck/journal.d');

describe('the journal', () => {
  test('has each deed with time, person, line and duration', () => {
    note(host, node(), deed());
    note(host, node(), deed({ verb: 'stop', id: 102, result: 'locked', detail: 'It is locked' }));
    const { entries, damaged } = readJournal(host, node(), 100);
    expect(damaged).toBe(0);
    expect(entries).toMatchObject([
      { at: '2024-05-01T00:00:00.000Z', verb: 'start', id: 101, result: 'ok', ms: 12, command: 'vzctl start 101', pid: process.pid },
      { verb: 'stop', id: 102, result: 'locked', detail: 'It is locked' },
    ]);
    expect(statSync(join(dir(), '000001')).mode & 0o777).toBe(0o600);
  });

  test('answers for one container, the newest ones', () => {
    for (let i = 0; i < 10; i++) note(host, node(), deed({ id: 101 + (i % 2), detail: `${i}` }));
    expect(readJournal(host, node(), 3, 102).entries.map((entry) => entry.detail)).toEqual(['5', '7', '9']);
    expect(readJournal(host, node(), 2).entries.map((entry) => entry.detail)).toEqual(['8', '9']);
  });

  test('is not written by what is only planned', () => {
    note({ ...host, planning: true }, node(), deed());
    expect(readJournal(host, node(), 10)).toEqual({ entries: [], damaged: 0 });
  });

  test('leaves out damaged lines and tells their number; a torn line takes no other with it', () => {
    note(host, node(), deed({ detail: 'before' }));
    appendFileSync(join(dir(), '000001'), '{"at":"2024-05-01T00:00:00.000Z","verb":"sta');
    note(host, node(), deed({ detail: 'after' }));
    appendFileSync(join(dir(), '000001'), '\0\0\0\nnull\n[]\n{"at":"never","verb":"x"}\n');
    const { entries, damaged } = readJournal(host, node(), 100);
    expect(entries.map((entry) => entry.detail)).toEqual(['before', 'after']);
    expect(damaged).toBe(5);
  });

  test('is never longer than four segments of two megabytes, however long one goes on', () => {
    mkdirSync(dir(), { recursive: true });
    for (const number of ['000007', '000008', '000009', '000010']) writeFileSync(join(dir(), number), 'x'.repeat(2 << 20));
    note(host, node(), deed({ detail: 'fresh' }));
    expect(readdirSync(dir()).sort()).toEqual(['000008', '000009', '000010', '000011']);
    expect(readJournal(host, node(), 10).entries.map((entry) => entry.detail)).toEqual(['fresh']);
  });

  test('cuts what is longer than anybody reads', () => {
    note(host, node(), deed({ detail: 'x'.repeat(10_000), command: 'y'.repeat(10_000) }));
    expect(statSync(join(dir(), '000001')).size).toBeLessThan(5000);
  });

  test('loses nothing when several processes write at once and segments change meanwhile', async () => {
    const script = `
      import { linuxFiles } from '${import.meta.dirname}/../../../src/engine/host/linux/files.ts';
      import { note } from '${import.meta.dirname}/../../../src/engine/store/journal.ts';
      import { loadNodeConfig } from '${import.meta.dirname}/../../../src/engine/store/node-config.ts';
      const node = loadNodeConfig(linuxFiles, '${root}');
      const host = { files: linuxFiles, proc: '/proc', planning: false, now: Date.now };
      for (let i = 0; i < 400; i++)
        note(host, node, { verb: 'start', id: 101, result: 'ok', detail: 'd'.repeat(2000), ms: 1, command: process.argv[1] + i, program: 'x' });`;
    const writer = (name: string): Promise<number | null> =>
      new Promise((resolve) => {
        spawn(process.execPath, ['--input-type=module', '-e', script, name], { stdio: 'inherit' }).on('exit', resolve);
      });
    expect(await Promise.all(['a', 'b', 'c'].map(writer))).toEqual([0, 0, 0]);
    const { entries, damaged } = readJournal(host, node(), 10_000);
    expect(damaged).toBe(0);
    expect(new Set(entries.map((entry) => entry.command)).size).toBe(1200);
    expect(readdirSync(dir()).length).toBe(2);
  });

  test('reads what an older engine wrote', () => {
    expect(entryOf({ at: '2024-05-01T00:00:00Z', uid: 0, pid: 7, verb: 'start', id: 101, result: 'ok' })).toMatchObject({
      verb: 'start',
      ms: 0,
      user: '',
    });
  });
});

describe('who acts', () => {
  const passwd = 'root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n';
  const who = (login: string | null, env: Record<string, string>) =>
    actorOf(
      { proc: '/proc', files: { ...linuxFiles, read: (path) => (path === '/etc/passwd' ? passwd : login), readLink: () => null } },
      env,
    );

  test('is the person who logged in, whatever they have become since', () => {
    expect(who('1000', {})).toMatchObject({ uid: 1000, user: 'anna' });
    expect(who('1000', { SUDO_USER: 'root' })).toMatchObject({ user: 'anna' });
  });

  test('is who called sudo, where the kernel knows no login', () => {
    expect(who('4294967295', { SUDO_USER: 'anna' })).toMatchObject({ uid: 1000, user: 'anna' });
    expect(who(null, { SUDO_USER: 'anna' })).toMatchObject({ user: 'anna' });
    expect(who(null, { SUDO_USER: 'nobody-such' })).toMatchObject({ uid: process.getuid?.() });
  });

  test('comes from where ssh says also when sudo has taken that away, which is looked for once', () => {
    const asked: string[] = [];
    const files = {
      ...linuxFiles,
      readLink: () => '/dev/pts/3',
      read: (path: string) => {
        asked.push(path);
        if (path === `/proc/${process.ppid}/environ`) return 'PATH=/bin\0SUDO_USER=anna\0';
        if (path === `/proc/${process.ppid}/stat`) return `${process.ppid} (su) do) S 4242 1 1`;
        return path === '/proc/4242/environ' ? 'TERM=xterm\0SSH_CONNECTION=192.0.2.7 5000 192.0.2.1 22\0' : null;
      },
    };
    const host = { proc: '/proc', files };
    expect(actorOf(host, {}).from).toBe('ssh 192.0.2.7');
    expect(sessionOf(host, {})).toEqual({ peer: '192.0.2.7', address: '192.0.2.1', port: 22 });
    expect(asked.filter((path) => path === '/proc/4242/environ')).toHaveLength(1);
  });

  test('comes from where ssh says, or from a terminal', () => {
    expect(who(null, { SSH_CONNECTION: '192.0.2.7 5000 192.0.2.1 22' }).from).toBe('ssh 192.0.2.7');
    expect(who(null, { SSH_CONNECTION: '\x1b[2J x' }).from).toBe('');
    expect(actorOf({ proc: '/none', files: { ...linuxFiles, readLink: () => '/dev/pts/3' } }, {}).from).toBe('pts/3');
  });
});
