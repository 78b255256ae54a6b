// Who may go into a container, by the notes that a start and a stop leave: this very process stands for its init.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initToJoin } from '../../../src/engine/ct/ask-table.ts';
import { ENDED } from '../../../src/engine/ct/keeper-plan.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';
import { loadNodeConfig, type NodeConfig } from '../../../src/engine/store/node-config.ts';
import { runDirOf } from '../../../src/engine/store/record.ts';

let root: string;
let host: Host;
let node: NodeConfig;
const isFrozen = (): boolean => false;
const init = () => ({ pid: process.pid, startTime: host.startTime(process.pid) as bigint, parent: process.ppid });
const note = (name: string, text: string): void => writeFileSync(`${runDirOf(node, 101)}/${name}`, text);
const works = (status: string): void => writeFileSync(`${node.lockDir}/101.lck`, `${process.pid}\n${status}\n${init().startTime}\n`);
const lives = (): void => note('init', `${init().pid} ${init().startTime}\n`);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-join-'));
  host = openLinuxHost(root, {} as Launcher);
  node = loadNodeConfig(host.files, root);
  for (const dir of [runDirOf(node, 101), node.lockDir]) mkdirSync(dir, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('nobody into one that does not run, or whose start has not come to the birth', () => {
  expect(() => initToJoin({ host, node, isFrozen }, 'enter', 101)).toThrow('Container is not running');
  works('starting');
  expect(() => initToJoin({ host, node, isFrozen }, 'enter', 101)).toThrow('Container is not running');
});

test('nobody during the birth: what is noted as init still stands on the files of the node', () => {
  works('starting');
  note(ENDED, '');
  lives();
  for (const verb of ['enter', 'exec'] as const)
    expect(() => initToJoin({ host, node, isFrozen }, verb, 101)).toThrow('Container is not running');
  expect(initToJoin({ host, node, isFrozen }, 'console', 101)).toEqual(init());
});

test.each(['', 'starting'])('whoever asks, once init has been seen to live on (lock: %j)', (status) => {
  if (status !== '') works(status);
  lives();
  expect(initToJoin({ host, node, isFrozen }, 'exec', 101)).toEqual(init());
});

test('whoever asks until the end, also when a stop has marked it or its engine was killed', () => {
  lives();
  note(ENDED, '');
  expect(initToJoin({ host, node, isFrozen }, 'enter', 101)).toEqual(init());
  works('stopping');
  expect(initToJoin({ host, node, isFrozen }, 'enter', 101)).toEqual(init());
});
