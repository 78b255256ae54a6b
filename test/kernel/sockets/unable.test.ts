// Kernels that let no program count sockets: containers start, and nobody asks twice; what fails once is tried again.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { countSockets } from '../../../src/engine/ct/socket-programs.ts';
import { VzError } from '../../../src/engine/errors.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { dropBpfPlace } from '../../../src/engine/store/bpf-place.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';
import { patience } from '../../../src/engine/watch/timer.ts';
import { LAUNCHER, requires } from '../requires.ts';

const NOTE = '/run/vzdeck-no-sockets';

requires(
  'root',
  'launcher',
  'cgroup2',
  'x64',
)('a kernel without programs that count sockets', () => {
  const root = mkdtempSync(join(tmpdir(), 'vzdeck-unable-'));
  const launcher = openLauncher(LAUNCHER);
  const node = loadNodeConfig(linuxFiles, root);
  const topology = findTopology(linuxFiles, '/proc', node.tag);
  /** What all prefixes share lies in the test's own. */
  const own = (path: string): string => (path === NOTE ? `${root}/note` : path);
  const files: Host['files'] = {
    ...linuxFiles,
    read: (path) => linuxFiles.read(own(path)),
    write: (path, ...rest) => linuxFiles.write(own(path), ...rest),
  };
  const here: Host = { ...openLinuxHost(root, launcher), files };
  const noted = (): boolean => linuxFiles.read(`${root}/note`) !== null;
  const count = async (host: Host): Promise<{ ops: number; said: readonly string[] }> => {
    const said: string[] = [];
    const context = {
      host,
      node,
      cgroups: (id: number) => containerCgroups(linuxFiles, topology, id),
      report: ({ level, text }: { level: number; text: string }) => void said.push(`${level} ${text}`),
    };
    return { ops: (await countSockets(context, 101, { numtcpsock: 5, numothersock: 5 })).length, said };
  };

  beforeAll(() => {
    mkdirSync(`${root}/run/vzdeck/101`, { recursive: true });
    writeFileSync(`${root}/run/vzdeck/101/record`, '');
  });
  afterAll(async () => {
    await dropBpfPlace(here, patience, true);
    launcher.close();
    rmSync(root, { recursive: true });
  });

  test('is asked again after a moment’s trouble', async () => {
    const ops = () => Promise.reject(new VzError('launch-failed', { stage: 'host', op: 'bpf', syscall: 'bpf', path: '', errno: 'ENOMEM' }));
    const { ops: none, said } = await count({ ...here, launcher: { ...launcher, lock: launcher.lock.bind(launcher), ops } });
    expect([none, said, noted()]).toEqual([0, [expect.stringMatching(/^1 Sockets are not counted: .*ENOMEM$/)], false]);
  });

  test('is not asked again when it has said no', async () => {
    let asked = 0;
    const readBytes = () => {
      asked++;
      return null;
    };
    const blind: Host = { ...here, files: { ...files, readBytes } };
    expect(await count(blind)).toEqual({ ops: 0, said: [expect.stringMatching(/^1 Sockets are not counted: .*BTF/)] });
    expect([asked, noted()]).toEqual([1, true]);
    expect(await count(blind)).toEqual({ ops: 0, said: [] });
    expect(asked).toBe(1);
    rmSync(`${root}/note`);
    rmSync(`${root}/run/vzdeck/kernel-types`, { force: true });
    expect((await count(here)).ops).toBeGreaterThan(0);
  });
});
