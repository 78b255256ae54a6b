// The roster against real files: it says what a fresh list would say, and reads a config again only when there is a reason.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listContainers } from '../../../src/engine/ct/list.ts';
import { openRoster } from '../../../src/engine/ct/roster.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';
import { bootstrap } from '../../../src/engine/store/bootstrap.ts';
import { loadNodeConfig, type NodeConfig } from '../../../src/engine/store/node-config.ts';

let root: string;
let host: Host;
let node: NodeConfig;
const isFrozen = (): boolean => false;
/** Paths that were read since the last look at this. */
let reads: string[];
/** Paths whose stamps were asked for since then. */
let stats: string[];
let look: ReturnType<typeof openRoster>['look'];
let entry: ReturnType<typeof openRoster>['entry'];

const path = (...parts: readonly string[]): string => join(root, ...parts);

/** Files that are old enough to be trusted. */
function put(file: string, text: string, secondsAgo = 10): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  age(file, secondsAgo);
  age(join(file, '..'), secondsAgo);
}

function age(file: string, secondsAgo: number): void {
  const at = new Date(Date.now() - secondsAgo * 1000);
  utimesSync(file, at, at);
}

function configRead(id: number): boolean {
  return reads.includes(node.conf(id));
}

/** What the roster says; it must be what a list that knows nothing says. */
function seen(): Readonly<Record<number, string>> {
  reads = [];
  const told = look();
  const read = [...reads];
  const plain = (list: ReturnType<typeof look>) => list.map(({ uptime: _, ...rest }) => rest);
  expect(plain(told)).toEqual(plain(listContainers({ host, node, isFrozen })));
  reads = read;
  return Object.fromEntries(told.map((ct) => [ct.id, `${ct.state}${ct.unattended ? ' unattended' : ''} ${ct.name}`.trim()]));
}

/** A process of the fake /proc. */
function born(pid: number): void {
  put(path('proc', String(pid), 'stat'), `${pid} (init) S ${'0 '.repeat(18)}77 0\n`);
}

function run(id: number, init: number, keeper: number | null): void {
  if (keeper !== null) put(`${node.runDir}/${id}/keeper`, `${keeper} 77\n`);
  put(`${node.runDir}/${id}/init`, `${init} 77\n`);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-roster-'));
  put(path('proc', 'self', 'mountinfo'), '');
  const real = openLinuxHost(root, {} as Launcher, path('proc'));
  const files = {
    ...real.files,
    stat: (file: string) => {
      stats.push(file);
      return real.files.stat(file);
    },
    read: (file: string) => {
      reads.push(file);
      return real.files.read(file);
    },
  };
  host = { ...real, files };
  [reads, stats] = [[], []];
  bootstrap(host, loadNodeConfig(files, root));
  node = loadNodeConfig(files, root);
  for (const id of [101, 102]) {
    mkdirSync(node.place(`/vz/private/${id}`), { recursive: true });
    put(node.conf(id), `HOSTNAME="h${id}"\n`);
  }
  ({ look, entry } = openRoster({ host, node, isFrozen }));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('what has not changed is not read again', () => {
  expect(seen()).toEqual({ 101: 'stopped', 102: 'stopped' });
  expect(configRead(101)).toBe(true);
  expect(seen()).toEqual({ 101: 'stopped', 102: 'stopped' });
  expect(reads.filter((file) => file.endsWith('.conf'))).toEqual([]);
});

test('a changed config is read, the other one is not', () => {
  seen();
  put(node.conf(101), 'HOSTNAME="other"\n', 5);
  seen();
  expect([configRead(101), configRead(102)]).toEqual([true, false]);
});

test('a config is there whole, without being read again', () => {
  look();
  reads = [];
  expect(entry(101)?.values.get('HOSTNAME')).toBe('h101');
  expect(reads).toEqual([]);
  expect(entry(4711)).toBeNull();
});

test('a config that an editor changed in place is seen within five looks', () => {
  seen();
  writeFileSync(node.conf(101), 'HOSTNAME="edited"\n');
  age(node.conf(101), 5);
  const names = Array.from({ length: 5 }, () => look().find((ct) => ct.id === 101)?.hostname);
  expect(names).toContain('edited');
});

test('a config of this very moment is read once more: its time stamp may stand still', () => {
  put(node.conf(101), 'HOSTNAME="now"\n', 0);
  seen();
  seen();
  expect([configRead(101), configRead(102)]).toEqual([true, false]);
});

test('a config that cannot be read is not the end of the list', () => {
  mkdirSync(node.conf(666));
  expect(seen()).toEqual({ 101: 'stopped', 102: 'stopped' });
});

test('births and deaths are seen: init, keeper, both', () => {
  seen();
  for (const pid of [501, 502]) born(pid);
  run(101, 501, 502);
  expect(seen()).toEqual({ 101: 'running', 102: 'stopped' });
  seen();
  expect(configRead(101)).toBe(false);
  rmSync(path('proc', '502'), { recursive: true });
  expect(seen()).toEqual({ 101: 'running unattended', 102: 'stopped' });
  rmSync(path('proc', '501'), { recursive: true });
  expect(seen()).toEqual({ 101: 'stopped', 102: 'stopped' });
});

test('a death that the keeper has noted is seen', () => {
  for (const pid of [501, 502]) born(pid);
  run(101, 501, 502);
  expect(seen()[101]).toBe('running');
  rmSync(path('proc', '501'), { recursive: true });
  put(`${node.runDir}/101/exit`, '9 1\n', 5);
  expect(seen()[101]).toBe('stopped');
});

test('as long as its processes live the directory of a start is looked at in turns only', () => {
  for (const pid of [501, 502]) born(pid);
  run(101, 501, 502);
  for (let n = 0; n < 2; n++) seen();
  const asked = Array.from({ length: 10 }, () => {
    stats = [];
    look();
    return stats.includes(`${node.runDir}/101`);
  });
  expect(asked.filter(Boolean)).toHaveLength(2);
  rmSync(path('proc', '502'), { recursive: true });
  expect(seen()[101]).toBe('running unattended');
});

test('a verb at work, a mount and a new container are seen', () => {
  seen();
  const pid = process.pid;
  put(path('proc', String(pid), 'stat'), readFileSync('/proc/self/stat', 'utf8'));
  put(path('proc', String(pid), 'cmdline'), 'vzctl\0start\0');
  put(`${node.lockDir}/101.lck`, `${pid}\nstarting\n`);
  expect(seen()[101]).toBe('starting');
  rmSync(`${node.lockDir}/101.lck`);
  expect(seen()[101]).toBe('stopped');
  const at = node.place('/vz/root/102');
  mkdirSync(at, { recursive: true });
  put(path('proc', 'self', 'mountinfo'), `36 35 98:0 / ${at} rw - ext4 /dev/sda1 rw\n`);
  expect(seen()[102]).toBe('mounted');
  mkdirSync(node.place('/vz/private/103'));
  put(node.conf(103), '');
  expect(Object.keys(seen())).toEqual(['101', '102', '103']);
  rmSync(node.conf(103));
  expect(Object.keys(seen())).toEqual(['101', '102']);
});

test('what no watched file tells is seen after a while', () => {
  seen();
  rmSync(node.place('/vz/private/101'), { recursive: true });
  for (let looks = 0; looks < 300; looks++) look();
  expect(Object.keys(seen())).toEqual(['102']);
});

test('where nothing has happened to any container neither processes nor notes of starts are looked for, but in turns', () => {
  for (const pid of [501, 502]) born(pid);
  run(101, 501, 502);
  const calm = { still: true, touched: false };
  const state = () => look(calm).find(({ id }) => id === 101)?.state;
  expect(seen()[101]).toBe('running');
  seen();
  rmSync(path('proc', '501'), { recursive: true });
  put(`${node.runDir}/101/exit`, '9 1\n', 5);
  const states = Array.from({ length: 5 }, state);
  expect([states.includes('running'), states.at(-1)]).toEqual([true, 'stopped']);
});
