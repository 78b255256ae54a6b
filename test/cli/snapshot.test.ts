// The command line as a snapshot: nothing of the process that made it is in it, and it says the same as the program that is loaded from its file.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutCodeCache } from '../../scripts/setup/code-cache.mjs';
import { PROJECT } from '../../scripts/setup/machine.mjs';
import { BUILDER, BUNDLE, snapshotFile } from '../../scripts/setup/snapshot.mjs';
import { NODE, openPrefix, type Prefix } from './run.ts';

const PROGRAM = join(PROJECT, 'dist/cli.cjs');

/** Goes before the modules of the program: from then on each question to the process, the clock or the machine is told and ends the build. */
const ASKED_TOO_SOON = `{
  const asked = (what) => () => {
    require('node:fs').writeSync(2, 'asked for ' + what + '\\n');
    process.reallyExit(9);
  };
  const traps = (name) => new Proxy({}, Object.fromEntries(['get', 'has', 'ownKeys', 'set'].map((way) => [way, asked(name)])));
  const forbid = (object, name, words) => {
    for (const word of words) Object.defineProperty(object, word, { get: asked(name + '.' + word), set: asked(name + '.' + word), configurable: true });
  };
  const fs = require('node:fs');
  const { writeSync } = fs;
  for (const name of ['node:fs', 'node:os']) {
    const all = require(name);
    for (const word of Object.keys(all)) if (typeof all[word] === 'function' && all[word] !== writeSync) all[word] = asked(name + '.' + word);
  }
  process.env = traps('process.env');
  forbid(process, 'process', ['argv', 'pid', 'ppid', 'cwd', 'getuid', 'geteuid', 'umask', 'hrtime', 'uptime', 'title', 'stdin', 'stdout', 'stderr']);
  const { getBuiltinModule } = process;
  process.getBuiltinModule = (name) => (/^node:(child_process|net)$/.test(name) ? getBuiltinModule(name) : asked(name)());
  forbid(performance, 'performance', ['now', 'timeOrigin']);
  Math.random = asked('Math.random');
  globalThis.Date = new Proxy(Date, { get: asked('Date'), apply: asked('Date'), construct: asked('Date') });
}
`;

describe('what makes it', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'vzdeck-snapshot-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const build = (script: string, options = {}): { readonly status: number | null; readonly stderr: string; readonly blob: string } => {
    const blob = join(dir, 'made.blob');
    const config = join(dir, 'config.json');
    writeFileSync(config, JSON.stringify({ builder: script, withoutCodeCache: true }));
    const args = [`--snapshot-blob=${blob}`, '--build-snapshot-config', config];
    return { ...spawnSync(NODE, args, { encoding: 'utf8', env: {}, ...options }), blob };
  };

  test('no module asks for anything of the process, the clock or the node when it is loaded', () => {
    const script = join(dir, 'traps.cjs');
    writeFileSync(script, `const module = {};${ASKED_TOO_SOON}${readFileSync(BUNDLE, 'utf8')}`);
    expect(build(script)).toMatchObject({ status: 0, stderr: '' });
  });

  test.each(['process.env.HOME', 'process.cwd()', 'Date.now()', 'new Date()', 'Math.random()', "require('node:os').hostname()"])(
    '%s would be noticed',
    (question) => {
      const script = join(dir, 'asks.cjs');
      writeFileSync(script, `${ASKED_TOO_SOON}globalThis.kept = ${question};`);
      expect(build(script)).toMatchObject({ status: 9, stderr: expect.stringMatching(/^asked for /) });
    },
  );

  test('environment and directory of the builder are not in it, nor what was practised', () => {
    const mark = 'q7MARKq7';
    const cwd = join(dir, mark);
    mkdirSync(cwd);
    const names = ['HOME', 'USER', 'LANG', 'SSH_CONNECTION', 'SUDO_USER', 'VZDECK_OWN'];
    const env = Object.fromEntries(names.map((name) => [name, `/${mark}-${name}`]));
    const root = mkdtempSync(join(dir, `${mark}-practice-`));
    const { status, blob } = build(BUILDER, { cwd, env: { ...env, BUNDLE, CALLED_AS: PROGRAM, VZDECK_ROOT: root } });
    expect(status).toBe(0);
    // it has really been done
    const result = '203.0.113.102 203.0.113.2';
    expect(readFileSync(join(root, 'etc/vz/conf/102.conf'), 'utf8')).toContain(result);
    const bytes = readFileSync(blob);
    const has = (text: string): boolean => bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le'));
    expect([has(mark), has(result), has('VZDECK_ROOT')]).toEqual([false, false, true]);
    const empty = join(dir, 'root');
    const { stderr } = spawnSync(NODE, [`--snapshot-blob=${blob}`, PROGRAM, 'vzctl', 'status', '101'], {
      encoding: 'utf8',
      env: { VZDECK_ROOT: empty },
    });
    expect(stderr).toBe(`Unable to open ${empty}/etc/vz/vz.conf: No such file or directory\n`);
  });

  test('what practises leaves no listener, timer, child or exit status behind, and cannot end the builder', () => {
    const script = join(dir, 'leaves.cjs');
    writeFileSync(
      script,
      `const left = () => [process.getActiveResourcesInfo().filter((name) => !/^(TTY|Pipe|FS)/.test(name)), process.exitCode ?? null,
         ['exit', 'SIGINT', 'uncaughtException'].map((event) => process.listenerCount(event)), process.argv.length];
       exports.main = () => {
         const told = left();
         process.on('SIGINT', () => {}).on('exit', () => {}).on('uncaughtException', () => {});
         setTimeout(() => {}, 60_000);
         AbortSignal.timeout(60_000);
         const child = process.getBuiltinModule('node:child_process').spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
         for (const one of [child, child.stdin, child.stdout]) one.unref();
         process.exitCode = 7;
         process.stdout.write(JSON.stringify(told));
         process.exit();
       };`,
    );
    const root = mkdtempSync(join(dir, 'practice-'));
    const { status, blob } = build(BUILDER, { env: { PATH: process.env['PATH'], BUNDLE: script, CALLED_AS: PROGRAM, VZDECK_ROOT: root } });
    expect(status).toBe(0);
    const { stdout } = spawnSync(NODE, [`--snapshot-blob=${blob}`, PROGRAM, 'one', 'two'], { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toEqual([[], null, [0, 0, 0], 4]);
  });
});

test('what node itself keeps is new in each process', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-snapshot-'));
  try {
    const [blob, script] = [join(dir, 'made.blob'), join(dir, 'asks.cjs')];
    writeFileSync(
      script,
      `const asked = () => ({ chance: Math.random(), pid: process.pid, cwd: process.cwd(), env: { ...process.env }, words: process.argv.slice(2),
         zone: new Date().getTimezoneOffset(), age: performance.now(), since: performance.timeOrigin, title: process.title, mask: process.umask() });
       asked();
       require('node:v8').startupSnapshot.setDeserializeMainFunction(() => process.stdout.write(JSON.stringify(asked())));`,
    );
    execFileSync(NODE, [`--snapshot-blob=${blob}`, '--build-snapshot', script], { cwd: '/', env: { TZ: 'UTC', MADE: 'before' } });
    const run = (cwd: string, zone: string) =>
      JSON.parse(execFileSync(NODE, [`--snapshot-blob=${blob}`, 'program', 'word'], { cwd, env: { TZ: zone }, encoding: 'utf8' }));
    const began = Date.now();
    const [one, other] = [run('/etc', 'Asia/Tokyo'), run('/usr', 'Asia/Kolkata')];
    expect(one).toMatchObject({ cwd: '/etc', env: { TZ: 'Asia/Tokyo' }, words: ['word'], zone: -540 });
    expect(other).toMatchObject({ cwd: '/usr', env: { TZ: 'Asia/Kolkata' }, zone: -330 });
    expect(one.env).not.toHaveProperty('MADE');
    expect(one.since).toBeGreaterThan(began - 1000);
    for (const what of ['chance', 'pid', 'since']) expect(one[what]).not.toBe(other[what]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

describe("the code of node's own modules", () => {
  const blob = readFileSync(snapshotFile() ?? '');
  test('is not in the one of bin/', () => {
    expect(blob.readBigUInt64LE(blob.length - 8)).toBe(0n);
    expect(blob.equals(withoutCodeCache(blob))).toBe(true);
  });
  test.each([
    ['cut short', blob.subarray(0, blob.length - 8)],
    ['with something behind it', Buffer.concat([blob, Buffer.alloc(8)])],
    ['of another kind', Buffer.concat([Buffer.alloc(8), blob])],
  ])('is not looked for in a file %s', (_, bytes) => {
    expect(() => withoutCodeCache(bytes)).toThrow('adapt scripts/setup/code-cache.mjs');
  });
});

describe('the one of bin/', () => {
  const snapshot = ['--no-rehash-snapshot', `--snapshot-blob=${snapshotFile()}`];
  let prefix: Prefix;
  beforeAll(() => {
    prefix = openPrefix();
  });
  afterAll(() => prefix.remove());

  const run = (options: readonly string[], words: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const { status, stdout, stderr } = spawnSync(NODE, [...options, PROGRAM, ...words], {
      encoding: 'utf8',
      cwd: prefix.root,
      env: { PATH: process.env['PATH'], VZDECK_ROOT: prefix.root, TERM: 'dumb', ...env },
    });
    return { status, stdout, stderr };
  };

  test.each([
    ['vzctl', '--version'],
    ['vzctl', '--help'],
    ['vzctl'],
    ['vzctl', 'status', '101'],
    ['vzctl', 'status', '999'],
    ['vzctl', 'set', '101', '--numproc', 'x'],
    ['vzctl', '--dry-run', 'set', '101', '--numproc', '60:60', '--save'],
    ['vzctl', 'nonsense', '101'],
    ['vzlist', '-a'],
    ['vzlist', '-L'],
    ['vzlist', '--nonsense'],
    ['vzdeck', 'help'],
    ['vzdeck', 'help', 'set'],
    ['vzdeck', 'list', '--json'],
    ['vzdeck', 'params', 'cpulimit'],
    ['vzdeck', 'config', 'get', '101', 'PHYSPAGES'],
    ['vzdeck', 'start', '101', '--dry-run', '--nonsense'],
    ['vzcalc', '101'],
    ['vzcfgvalidate', 'etc/vz/conf/101.conf'],
    ['vzsplit', '-n', '20'],
    ['vzubc'],
    ['vzpid', '1'],
    ['vzmemcheck', '-v'],
    ['vzcpucheck'],
    ['vzoversell'],
  ])('%s %s %s says the same', (...words) => {
    expect(run(snapshot, words)).toEqual(run([], words));
  });

  test.each([
    '--max-old-space-size=200',
    '--stack-trace-limit=20',
    '--jitless',
    '--v8-pool-size=0',
    '--enable-source-maps',
    '--no-warnings',
    '--disable-proto=delete',
  ])('goes with NODE_OPTIONS=%s', (options) => {
    expect(run(snapshot, ['vzctl', 'status', '101'], { NODE_OPTIONS: options })).toEqual(run([], ['vzctl', 'status', '101']));
  });

  test('knows the directory that it is called in', () => {
    writeFileSync(join(prefix.root, 'relative.conf'), 'NUMPROC="x"\n');
    const { stderr, ...rest } = run(snapshot, ['vzcfgvalidate', 'relative.conf']);
    expect({ stderr, ...rest }).toEqual(run([], ['vzcfgvalidate', 'relative.conf']));
    expect(stderr).toContain('NUMPROC');
  });
});
