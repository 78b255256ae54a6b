// What the set-up must know of the machine before anything is installed. Plain JavaScript for Node 20, no dependencies.
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Top of the project, without trailing slash. */
export const PROJECT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export const inProject = (...parts) => join(PROJECT, ...parts);

/** Of V8, with which bin/vzdeck starts the manager. */
export const MANAGER_OPTIONS = ['--invocation-count-for-turbofan=100000', '--max-semi-space-size=4'];

export const isRoot = () => process.getuid?.() === 0;

/** The search path without node_modules/.bin, which npm puts first: `npm ci` must not run on the node that it replaces. */
export function systemPath() {
  const usual = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  const given = (process.env.PATH ?? '').split(delimiter).filter((dir) => dir !== '' && !dir.includes('node_modules'));
  return [...new Set([...given, ...usual])].join(delimiter);
}

/** Full path of a program in the system's search path, or "". */
export function which(program) {
  for (const dir of systemPath().split(delimiter)) {
    const file = join(dir, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  return '';
}

/** The project's own node, or the running one while it is not installed. */
export function projectNode() {
  const own = inProject('node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  return existsSync(own) ? own : process.execPath;
}

/** Whether an ELF program needs no dynamic linker: it has no PT_INTERP header. 64-bit little-endian only, which is all that we run on. */
export function isStatic(file) {
  const elf = readFileSync(file);
  if (elf.length < 64 || elf.readUInt32BE(0) !== 0x7f454c46) return false;
  const start = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  const count = elf.readUInt16LE(56);
  for (let i = 0; i < count; i++) if (elf.readUInt32LE(start + i * size) === 3) return false;
  return true;
}

/** Whether one of the directories /usr/lib* (or one level below) has the file: places of libraries differ between distributions. */
export function inLibraries(name) {
  const roots = ['/usr/lib', '/usr/lib64'].filter((dir) => existsSync(dir));
  const below = roots.flatMap((dir) =>
    readdirSync(dir)
      .filter((d) => d.endsWith('-linux-gnu'))
      .map((d) => join(dir, d)),
  );
  return [...roots, ...below].some((dir) => existsSync(join(dir, name)));
}

/** Family of the distribution by os-release: debian, fedora, suse, arch or "". */
export function family() {
  let text = '';
  try {
    text = readFileSync('/etc/os-release', 'utf8');
  } catch {}
  const words = [...text.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap((match) => match[1].split(' '));
  const known = {
    debian: 'debian',
    ubuntu: 'debian',
    fedora: 'fedora',
    rhel: 'fedora',
    centos: 'fedora',
    suse: 'suse',
    opensuse: 'suse',
    arch: 'arch',
  };
  return words.map((word) => known[word]).find((name) => name !== undefined) ?? '';
}
