// Compiles the launcher: node src/engine/launcher/build.mjs [--asan] [--to FILE]. Does nothing when sources, flags and compiler are those of the
// last build. Runs under a plain Node 20 without dependencies, since it runs before they are there.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, '../../..');

const COMMON = ['-std=gnu11', '-D_GNU_SOURCE', '-g', '-fno-strict-aliasing'];
const WARNINGS = [
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wshadow',
  '-Wstrict-prototypes',
  '-Wmissing-prototypes',
  '-Wvla',
  '-Wformat=2',
  '-Wno-unused-parameter',
];
const HARDENED = [
  ...[
    '-O2',
    '-fPIE',
    '-static-pie',
    '-D_FORTIFY_SOURCE=3',
    '-fstack-protector-strong',
    '-fstack-clash-protection',
    '-ftrivial-auto-var-init=zero',
  ],
  ...['-Wl,-z,relro', '-Wl,-z,now', '-Wl,-z,noexecstack', '-Wl,-z,separate-code', '-Wl,--gc-sections', '-ffunction-sections'],
];
const SANITIZED = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'];

/**
 * Builds and returns the path of the binary. `asan`: with address and undefined-behaviour sanitizers, dynamically linked, for tests.
 * Throws an Error whose message is the compiler's output.
 */
export function buildLauncher({ asan = false, to = join(ROOT, 'build', asan ? 'launcher-asan' : 'launcher') } = {}) {
  const compiler = process.env.CC ?? 'cc';
  const flags = [...COMMON, ...WARNINGS, ...(asan ? SANITIZED : HARDENED)];
  const sources = readdirSync(HERE).filter((name) => /\.[ch]$/.test(name));
  const hash = createHash('sha256').update(JSON.stringify([compiler, flags, process.arch]));
  for (const name of sources.sort()) hash.update(name).update(readFileSync(join(HERE, name)));
  const digest = hash.digest('hex');
  const stamp = `${to}.sha256`;
  if (existsSync(to) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return to;
  mkdirSync(dirname(to), { recursive: true });
  const temporary = `${to}.${process.pid}`;
  const files = sources.filter((name) => name.endsWith('.c')).map((name) => join(HERE, name));
  try {
    execFileSync(compiler, [...flags, ...files, '-o', temporary], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Error(`The launcher cannot be compiled by ${compiler}: ${error.stderr?.toString() || error.message}`);
  }
  // Only its owner may run or read it: a container's program that gets at /proc/self/exe gets nothing.
  chmodSync(temporary, 0o700);
  renameSync(temporary, to);
  writeFileSync(stamp, digest);
  return to;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const to = process.argv.indexOf('--to');
  try {
    console.log(buildLauncher({ asan: process.argv.includes('--asan'), ...(to > 0 ? { to: resolve(process.argv[to + 1]) } : {}) }));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
