// Runs vzctl, vzlist and vzdeck as programs in a throw-away prefix. The prefix is cut out of what they print.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The project's own, whatever node runs the tests. */
export const NODE = new URL('../../node_modules/.bin/node', import.meta.url).pathname;
/** Bundled tests lie elsewhere than the tree that they were made from. */
const PROJECT = process.env['VZDECK_PROJECT'] ?? new URL('../..', import.meta.url).pathname;
/** All commands in one file; bin/ starts from a snapshot of it. */
export const MAIN = join(PROJECT, 'dist/cli.cjs');
/** Commands as people call them, which start in half the time. */
export const BIN = join(PROJECT, 'bin');

/** Whoever is out of time is told to end and not heard any more: it looks like a program that has said nothing, with status 0. */
const PATIENCE_MS = 60_000 * Number(process.env['VZDECK_PATIENCE'] ?? 1);

export interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Prefix {
  readonly root: string;
  run(program: string, ...args: string[]): Ran;
  /** On a node of which /proc says what stands in the prefix's own `proc`. */
  runByProc(program: string, ...args: string[]): Ran;
  write(path: string, text: string): void;
  /** null when it is not there. */
  read(path: string): string | null;
  link(path: string, target: string): void;
  drop(path: string): void;
  remove(): void;
}

export const VZ_CONF = `LOCKDIR=/vz/lock
DUMPDIR=/vz/dump
TEMPLATE=/vz/template
VE_ROOT=/vz/root/$VEID
VE_PRIVATE=/vz/private/$VEID
CONFIGFILE="small"
DEF_OSTEMPLATE="tiny"
VE_LAYOUT=simfs
`;

export const CT_CONF = `# container
PHYSPAGES="0:256M"
SWAPPAGES="0:512M"
CPUUNITS="1000"
VE_ROOT="/vz/root/$VEID"
VE_PRIVATE="/vz/private/$VEID"
OSTEMPLATE="tiny"
VE_LAYOUT="simfs"
`;

/** Programs of a prefix, which is cut out of what they print. */
export function programs(root: string, more: NodeJS.ProcessEnv = {}): (program: string, args: readonly string[], input?: string) => Ran {
  const cut = (text: string): string => text.replaceAll(root, '');
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TERM: 'dumb', VZDECK_ROOT: root, ...more };
  return (program, args, input = '') => {
    const { status, stdout, stderr } = spawnSync(join(PROJECT, 'bin', program), args, {
      env,
      input,
      encoding: 'utf8',
      timeout: PATIENCE_MS,
    });
    return { exit: status, out: cut(stdout), err: cut(stderr) };
  };
}

/** A node with one stopped container, 101. */
export function openPrefix(): Prefix {
  const root = mkdtempSync(join(tmpdir(), 'vzdeck-cli-'));
  const at = (path: string): string => join(root, path);
  const run = programs(root);
  const prefix: Prefix = {
    root,
    run: (program, ...args) => run(program, args),
    runByProc: (program, ...args) => programs(root, { VZDECK_PROC: at('proc') })(program, args),
    write(path, text) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
    },
    read: (path) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : null),
    link(path, target) {
      mkdirSync(dirname(at(path)), { recursive: true });
      symlinkSync(target, at(path));
    },
    drop: (path) => rmSync(at(path), { recursive: true }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  prefix.write('etc/vz/vz.conf', VZ_CONF);
  prefix.write('etc/vz/conf/101.conf', CT_CONF);
  prefix.write('etc/vz/conf/ve-small.conf-sample', 'NUMPROC="100"\n');
  for (const dir of ['vz/private/101', 'vz/root/101', 'vz/lock', 'vz/dump', 'vz/template/cache', 'etc/vz/names'])
    mkdirSync(at(dir), { recursive: true });
  return prefix;
}
