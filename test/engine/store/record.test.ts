// The record of a start on plain directories: what comes back, and what is refused or passed over.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';
import { loadNodeConfig, type NodeConfig } from '../../../src/engine/store/node-config.ts';
import { closeRecord, readRecord, restartDue, runDirOf, writeRecord } from '../../../src/engine/store/record.ts';

let root: string;
let host: Host;
let node: NodeConfig;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-record-'));
  host = openLinuxHost(root, {} as Launcher);
  node = loadNodeConfig(host.files, root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const RECORD = { at: 1, mounts: ['/vz/root/101'], idBase: 0x7000_0000, lease: '/run/vzdeck-ids/70000000', ttys: [1, 2], reboots: 0 };

function lies(text: string): void {
  mkdirSync(runDirOf(node, 101), { recursive: true });
  writeFileSync(`${runDirOf(node, 101)}/record`, text);
}

test('what was written is read, and nothing is read where nothing was', () => {
  expect(readRecord(host, node, 101)).toBeNull();
  writeRecord(host, node, 101, RECORD);
  expect(readRecord(host, node, 101)).toMatchObject(RECORD);
});

test('one of a later form is refused by name, not misread', () => {
  lies(JSON.stringify({ ...RECORD, protocol: 2, mounts: 'elsewhere' }));
  expect(() => readRecord(host, node, 101)).toThrow('Container 101 was started by a newer vzdeck');
});

test('fields that nobody here knows do not matter, and a damaged one is none', () => {
  lies(JSON.stringify({ protocol: 1, ...RECORD, engine: '0.0.9', boot: 'x' }));
  expect(readRecord(host, node, 101)).toMatchObject(RECORD);
  lies('{"protocol":1,');
  expect(readRecord(host, node, 101)).toBeNull();
});

test('a start is due after reboots until somebody starts or stops it', () => {
  closeRecord(host, node, 101, null);
  expect(restartDue(host, node, 101)).toBeNull();
  writeRecord(host, node, 101, RECORD);
  closeRecord(host, node, 101, { at: 7, trouble: '', lines: [], reboots: 2 });
  expect(restartDue(host, node, 101)).toBe(7);
  writeRecord(host, node, 101, { ...RECORD, reboots: 2 });
  expect(restartDue(host, node, 101)).toBeNull();
});
