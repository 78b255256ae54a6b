import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openOldFiles } from '../../../src/engine/account/old-files.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { ACCOUNT_ROWS, type CtUbc } from '../../../src/engine/spec/ubc-rows.ts';
import { bcResourcesText, ctResourcesText, userBeancountersText } from '../../../src/engine/spec/ubc-text.ts';
import { UNLIMITED } from '../../../src/engine/spec/units.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';

const HOST = { files: linuxFiles, proc: '/proc' };
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-old-files-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const account = (id: number, held: number): CtUbc => ({
  id,
  running: true,
  rows: ACCOUNT_ROWS.map((name, i) => ({
    name,
    held: name === 'numproc' ? held : i,
    // more than a double has exactly
    maxheld: name === 'kmemsize' ? 2 ** 63 : 2 * i,
    barrier: 10n,
    limit: UNLIMITED,
    failcnt: i % 3,
    source: 'x',
    failSource: 'x',
    enforced: 'kernel',
    reason: '',
  })),
});
const cpu = { user: 10, nice: 0, system: 5 };
const running = (ubc: CtUbc): Parameters<ReturnType<typeof openOldFiles>['write']>[0][number] => ({
  id: ubc.id,
  ubc,
  ips: ['10.0.0.1'],
  veths: [],
  uptime: 60,
  cpu,
});

it('has the texts of the printers, whatever changed since the look before, and nothing of who has ended', () => {
  const node = loadNodeConfig(linuxFiles, root);
  const old = openOldFiles(HOST, node);
  const dir = join(root, 'run/vzdeck/proc');
  const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
  for (const accounts of [
    [account(101, 5)],
    [account(101, 5), account(102, 7)],
    [account(101, 6), account(102, 7)],
    [account(102, 7)],
    [],
  ]) {
    old.write(accounts.map(running), 100);
    expect(read('user_beancounters')).toBe(userBeancountersText(accounts));
    expect(read('bc/resources')).toBe(bcResourcesText(accounts));
    for (const one of accounts) expect(read(`bc/${one.id}/resources`)).toBe(ctResourcesText(one));
    expect(readdirSync(join(dir, 'bc')).sort()).toEqual([...accounts.map(({ id }) => String(id)), 'resources'].sort());
    const node0 = 100 - accounts.reduce((sum, { rows }) => sum + (rows.find(({ name }) => name === 'numproc')?.held ?? 0), 0);
    expect(read('vz/veinfo').split('\n').slice(-2)).toEqual([`         0     0 ${String(node0).padStart(5)}`, '']);
  }
});

it('looks for directories of others when it begins, and when somebody has ended', () => {
  const node = loadNodeConfig(linuxFiles, root);
  let lists = 0;
  const list = (path: string) => {
    lists++;
    return linuxFiles.list(path);
  };
  mkdirSync(join(root, 'run/vzdeck/proc/bc/103'), { recursive: true });
  const old = openOldFiles({ ...HOST, files: { ...linuxFiles, list } }, node);
  const bc = (): readonly string[] => readdirSync(join(root, 'run/vzdeck/proc/bc')).sort();
  old.write([running(account(101, 5)), running(account(102, 5))], 100);
  expect(bc()).toEqual(['101', '102', 'resources']);
  lists = 0;
  for (const held of [5, 6]) old.write([running(account(101, held)), running(account(102, 5))], 100);
  expect(lists).toBe(0);
  old.write([running(account(102, 5))], 100);
  expect(bc()).toEqual(['102', 'resources']);
});

it('is for root alone and as old as the look, whether or not anything has changed', () => {
  const node = loadNodeConfig(linuxFiles, root);
  const old = openOldFiles(HOST, node);
  const path = join(root, 'run/vzdeck/proc/bc/101/resources');
  for (const held of [5, 5, 9]) {
    const began = Date.now();
    old.write([running(account(101, held))], 100);
    expect(statSync(path).mode & 0o777).toBe(0o400);
    expect(statSync(path).mtimeMs).toBeGreaterThanOrEqual(began - 20);
    expect(readdirSync(join(root, 'run/vzdeck/proc/bc/101'))).toEqual(['resources']);
  }
  old.close();
});

it('is left as it was shown by a writer that ends, and tidied by the next, whoever was killed', () => {
  const node = loadNodeConfig(linuxFiles, root);
  const dir = join(root, 'run/vzdeck/proc');
  // of a process that has been killed: no pid is that high
  mkdirSync(join(dir, '.bc.99999999.0/101'), { recursive: true });
  const [ours, other] = [openOldFiles(HOST, node), openOldFiles(HOST, node)];
  const directories = (): readonly string[] => readdirSync(dir).filter((name) => name.startsWith('.bc.'));
  ours.write([running(account(101, 5))], 100);
  expect(directories()).toHaveLength(2);
  // takes the others away, who go on at their next look
  other.write([running(account(101, 6))], 100);
  for (const held of [7, 8, 9]) {
    ours.write([running(account(101, held))], 100);
    expect(readFileSync(join(dir, 'bc/101/resources'), 'utf8')).toBe(ctResourcesText(account(101, held)));
  }
  other.close();
  ours.close();
  expect(readFileSync(join(dir, 'bc/101/resources'), 'utf8')).toBe(ctResourcesText(account(101, 9)));
  expect(directories()).toHaveLength(1);
});

it('is written again where somebody else has replaced it, though nothing has changed for whoever looks', () => {
  const node = loadNodeConfig(linuxFiles, root);
  const [ours, other] = [openOldFiles(HOST, node), openOldFiles(HOST, node)];
  const read = (name: string): string => readFileSync(join(root, 'run/vzdeck/proc', name), 'utf8');
  const six = [account(101, 6)];
  ours.write(six.map(running), 100);
  other.write([account(101, 7)].map(running), 100);
  ours.write(six.map(running), 100);
  expect([read('bc/101/resources'), read('user_beancounters')]).toEqual([ctResourcesText(account(101, 6)), userBeancountersText(six)]);
});
