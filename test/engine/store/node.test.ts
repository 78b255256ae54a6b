// The node's settings, its first files, its log, and where configs say that things lie, on plain directories.
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { openEngine } from '../../../src/engine/open.ts';
import { bootstrap } from '../../../src/engine/store/bootstrap.ts';
import { logEvent } from '../../../src/engine/store/log.ts';
import { loadNodeConfig, type NodeConfig } from '../../../src/engine/store/node-config.ts';
import { configIds, layoutOf, lookAtCt, privateOf, readCt, rootOf, saveCt, shownPath } from '../../../src/engine/store/registry.ts';
import { assignName, dropNames, idOfName, verifiedName } from '../../../src/engine/store/registry-names.ts';

const disk = { files: linuxFiles };
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-node-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const load = (): NodeConfig => loadNodeConfig(linuxFiles, root);
function put(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('an empty prefix', () => {
  test('has our defaults before anything is made', () => {
    const node = load();
    expect(node.unread).toBe('No such file or directory');
    expect(node.values.get('DEF_OSTEMPLATE')).toBe('busybox');
    expect(node.defaults.get('VE_LAYOUT')).toBe('simfs');
    expect(node.tag).toMatch(/^[0-9a-f]{8}$/);
    expect(loadNodeConfig(linuxFiles, `${root}/`).tag).toBe(node.tag);
    expect(loadNodeConfig(linuxFiles, '/').tag).toBe('');
  });

  test('gets what it lacks once, in directories that only root may enter', () => {
    bootstrap(disk, load());
    expect(readlinkSync(join(root, 'vz'))).toBe('var/lib/vz');
    for (const dir of ['private', 'root', 'template', 'trash', 'dump'])
      expect(lstatSync(join(root, 'var/lib/vz', dir)).mode & 0o777).toBe(0o700);
    const node = load();
    expect(node.unread).toBeNull();
    for (const [key, value] of Object.entries({ CONFIGFILE: 'vswap-256m', DEF_OSTEMPLATE: 'busybox', TEMPLATE: '/vz/template' })) {
      expect(node.values.get(key)).toBe(value);
    }
    expect(node.remarks).toEqual([]);
    for (const name of ['vswap-256m', 'vswap-512m', 'vswap-1g', 'vswap-1024m', 'vswap-2g', 'vswap-4g', 'basic', 'light']) {
      const sample = readFileSync(node.sample(name), 'utf8');
      expect(sample).toMatch(/^NUMPROC="\d+"$/m);
      put('etc/vz/conf/1.conf', sample);
      expect(readCt(disk, node, 1).remarks).toEqual([]);
    }
  });

  test('what held before vz.conf was made holds after it', () => {
    const early = load();
    bootstrap(disk, early);
    const late = load();
    for (const [key, value] of early.values) expect([key, late.values.get(key)]).toEqual([key, value]);
    for (const [key, value] of early.defaults) expect([key, late.defaults.get(key)]).toEqual([key, value]);
  });

  test('what is there is left alone, also by somebody who read the settings before', () => {
    const early = load();
    put('etc/vz/vz.conf', 'VERBOSE=2\n');
    bootstrap(disk, early);
    expect(readFileSync(join(root, 'etc/vz/vz.conf'), 'utf8')).toBe('VERBOSE=2\n');
  });
});

describe('vz.conf', () => {
  test('says where things lie, below the prefix', () => {
    put('etc/vz/vz.conf', 'LOCKDIR=/x/lock\nDUMPDIR="/x/dump" # c\nTEMPLATE=/x/t\nVE_PRIVATE=/x/p/$VEID\nCPUUNITS=77\n');
    const node = load();
    expect(node.lockDir).toBe(`${root}/x/lock`);
    expect(node.dumpDir).toBe(`${root}/x/dump`);
    expect(node.templateDir).toBe(`${root}/x/t`);
    const config = readCt(disk, node, 7);
    expect(privateOf(node, config)).toBe(`${root}/x/p/7`);
    expect(rootOf(node, config)).toBeNull();
    expect(config.values.get('CPUUNITS')).toBe('77');
    expect(config.own.size).toBe(0);
  });
  test('may not set NETFILTER for all', () => {
    put('etc/vz/vz.conf', 'NETFILTER="full"\n');
    expect(load().defaults.has('NETFILTER')).toBe(false);
    expect(load().remarks.map((r) => r.text)).toEqual([
      `Warning: NETFILTER should not be set in ${root}/etc/vz/vz.conf, ignoring`,
      `Please remove NETFILTER from ${root}/etc/vz/vz.confto get rid of this warning`,
    ]);
  });
  test('its log has a line for each event that it wants', () => {
    put('etc/vz/vz.conf', 'LOGGING=yes\nLOGFILE=/log\nLOG_LEVEL=0\n');
    const host = { ...disk, now: () => 1_700_000_000_000 };
    logEvent(host, load(), 101, { level: 0, text: 'Starting container...' });
    logEvent(host, load(), 101, { level: 1, text: 'details' });
    logEvent(host, load(), 0, { level: -1, text: 'bad' });
    expect(readFileSync(join(root, 'log'), 'utf8')).toMatch(
      /^2023-11-1[45]T\d\d:\d\d:20[+-]\d{4} vzctl : CT 101 : Starting container\.\.\.\n\S+ vzctl : bad\n$/,
    );
    put('etc/vz/vz.conf', 'LOGGING=no\nLOGFILE=/other\n');
    logEvent(host, load(), 101, { level: 0, text: 'x' });
    expect(linuxFiles.lstat(join(root, 'other'))).toBeNull();
  });
});

describe('what is no file', () => {
  test('in the place of a config is a remark to who lists, a refusal to who works, and names itself', () => {
    mkdirSync(join(root, 'etc/vz/conf/101.conf'), { recursive: true });
    spawnSync('mkfifo', [join(root, 'etc/vz/conf/102.conf')]);
    const node = load();
    for (const [id, cause] of [
      [101, 'Is a directory'],
      [102, 'Not a regular file'],
    ] as const) {
      const text = `Unable to read ${root}/etc/vz/conf/${id}.conf: ${cause}`;
      expect(() => readCt(disk, node, id)).toThrow(expect.objectContaining({ code: 'config-unread', message: text }));
      expect(lookAtCt(disk, node, id)).toMatchObject({ id, exists: true, remarks: [{ level: -1, text }] });
    }
  });
  test('in the place of vz.conf is told', () => {
    mkdirSync(join(root, 'etc/vz'), { recursive: true });
    spawnSync('mkfifo', [join(root, 'etc/vz/vz.conf')]);
    expect(load().unread).toBe('Not a regular file');
  });
});

test('a prefix that is not absolute is refused', () => {
  expect(() => openEngine({ home: root, root: 'rel' })).toThrow('VZDECK_ROOT is no absolute path: rel');
});

describe('places', () => {
  test('are named without links among their directories, texts are not', () => {
    bootstrap(disk, load());
    put('etc/vz/conf/101.conf', '');
    const node = load();
    const config = readCt(disk, node, 101);
    expect(privateOf(node, config)).toBe(`${root}/var/lib/vz/private/101`);
    expect(shownPath(node, config, 'VE_PRIVATE')).toBe(`${root}/vz/private/101`);
  });
  test('a ring of links ends in a refusal that names it', () => {
    symlinkSync('vz', join(root, 'vz'));
    expect(() => load().place('/vz/private/101')).toThrow(/ELOOP.*\/vz\/private/);
  });
  test('a layout that is not named is looked up without following a link of the container', () => {
    put('etc/vz/conf/101.conf', 'VE_PRIVATE=/p\n');
    mkdirSync(join(root, 'elsewhere'));
    put('elsewhere/DiskDescriptor.xml', '');
    mkdirSync(join(root, 'p'));
    symlinkSync('../elsewhere', join(root, 'p/root.hdd'));
    const node = load();
    expect(layoutOf(disk, node, readCt(disk, node, 101))).toBe('simfs');
    rmSync(join(root, 'p/root.hdd'));
    put('p/root.hdd/DiskDescriptor.xml', '');
    expect(layoutOf(disk, node, readCt(disk, node, 101))).toBe('ploop');
  });
});

describe('configs and names', () => {
  test('only numbers are containers, and numbers that are none are told', () => {
    for (const name of ['101.conf', '7.conf', '0.conf', 'abc.conf', 'x101.conf', '101.conf.bak', '99999999999.conf'])
      put(`etc/vz/conf/${name}`, '');
    const { ids, remarks } = configIds(disk, load());
    expect(ids).toEqual([0, 7, 101]);
    expect(remarks.map((r) => r.text)).toEqual(['Warning: invalid CTID in config file name: 99999999999.conf, skipping']);
  });
  test('a name belongs to whom its link leads', () => {
    const node = load();
    mkdirSync(join(root, 'etc/vz/names'), { recursive: true });
    expect(assignName(disk, node, 101, 'web', undefined)).toBe(true);
    expect(assignName(disk, node, 101, 'web', 'web')).toBe(false);
    expect(verifiedName(disk, node, 101, 'web')).toBe('web');
    expect(verifiedName(disk, node, 102, 'web')).toBe('');
    expect(() => assignName(disk, node, 102, 'web', undefined)).toThrow('Conflict: name web already used by container 101');
    expect(assignName(disk, node, 101, 'db', 'web')).toBe(true);
    expect(idOfName(disk, node, 'web')).toBeNull();
    expect(() => assignName(disk, node, 101, '.', 'db')).toThrow(/\.: File exists$/);
    dropNames(disk, node, 101);
    expect(idOfName(disk, node, 'db')).toBeNull();
  });
  test('no name leads out of the directory', () => {
    symlinkSync('101.conf', join(root, 'evil'));
    for (const name of ['../../../evil', '/evil', '..', '']) expect(idOfName(disk, load(), name)).toBeNull();
  });
  test('a save that changes nothing does not even touch the file', () => {
    put('etc/vz/conf/101.conf', 'HOSTNAME="a"\n');
    const node = load();
    const before = lstatSync(node.conf(101)).ino;
    saveCt(disk, readCt(disk, node, 101), new Map([['HOSTNAME', 'a']]));
    expect(lstatSync(node.conf(101)).ino).toBe(before);
  });
});
