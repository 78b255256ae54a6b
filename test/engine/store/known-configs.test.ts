// Configs that are remembered are those on disk: read again only when there is a reason, and always when there is one.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';
import { openConfigs } from '../../../src/engine/store/known-configs.ts';
import { loadNodeConfig, type NodeConfig } from '../../../src/engine/store/node-config.ts';

let root: string;
let node: NodeConfig;
let reads: string[];
let configs: ReturnType<typeof openConfigs>;

/** Old enough to be trusted, unless said otherwise. */
function put(id: number, name: string, secondsAgo = 10): void {
  writeFileSync(node.conf(id), `NAME="${name}"\n`);
  const at = new Date(Date.now() - secondsAgo * 1000);
  utimesSync(node.conf(id), at, at);
}

/** Names by CTID, and the CTIDs whose configs were read for it. */
function look(): readonly [names: Readonly<Record<number, string>>, read: readonly number[]] {
  reads = [];
  const names = Object.fromEntries(configs().map((config) => [config.id, String(config.own.get('NAME'))]));
  return [names, reads.map((path) => Number(/(\d+)\.conf$/.exec(path)?.[1]))];
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-configs-'));
  mkdirSync(join(root, 'etc/vz/conf'), { recursive: true });
  const host = openLinuxHost(root, {} as Launcher);
  node = loadNodeConfig(host.files, root);
  const files = {
    ...host.files,
    read(path: string) {
      reads.push(path);
      return host.files.read(path);
    },
  };
  configs = openConfigs({ ...host, files }, node);
  put(0, 'node');
  put(101, 'web');
  put(102, 'mail');
});
afterEach(() => rmSync(root, { recursive: true }));

test('are read once, and again when their file is another', () => {
  expect(look()).toEqual([{ 101: 'web', 102: 'mail' }, [101, 102]]);
  expect(look()).toEqual([{ 101: 'web', 102: 'mail' }, []]);
  put(102, 'post', 5);
  put(103, 'dns');
  rmSync(node.conf(101));
  expect(look()).toEqual([{ 102: 'post', 103: 'dns' }, [102, 103]]);
});

test('are read again as long as a further change could look the same', () => {
  put(102, 'post', 0);
  look();
  expect(look()).toEqual([{ 101: 'web', 102: 'post' }, [102]]);
});

test('behind a link are those that it leads to', () => {
  symlinkSync(node.conf(102), node.conf(104));
  look();
  put(102, 'post', 5);
  expect(look()).toEqual([{ 101: 'web', 102: 'post', 104: 'post' }, [102, 104]]);
});
