// Compiles probe.c and speaks with it: system calls in, results out.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

/** 64: x86-64, 32: as an i386 program calls, x32: x86-64 with bit 30 set. */
export type Way = '64' | '32' | 'x32';

export interface Try {
  readonly way: Way;
  readonly nr: number;
  readonly args?: readonly number[];
}

/** A directory with the static program `probe` in it; the caller removes it. */
export function compileProbe(): string {
  const dir = mkdtempSync('/tmp/vzdeck-probe-');
  execFileSync('cc', ['-O2', '-static', '-o', join(dir, 'probe'), new URL('probe.c', import.meta.url).pathname]);
  return dir;
}

/** Arguments that make any call fail early if it is let through: no address, no descriptor, no size that the kernel would take. */
const NONSENSE = [-1, -1, -1, -1, -1, -1];

export const wire = (tries: readonly Try[]): string =>
  tries.map(({ way, nr, args = [] }) => `${way} ${nr} ${NONSENSE.map((no, i) => args[i] ?? no).join(' ')}\n`).join('');

export const results = (text: string): readonly number[] => text.trim().split('\n').map(Number);

/** On the node itself, under the filter in a file. */
export function probeUnder(dir: string, filter: string, tries: readonly Try[]): readonly number[] {
  const { stdout, stderr, status } = spawnSync(join(dir, 'probe'), [filter], { input: wire(tries), encoding: 'utf8' });
  if (status !== 0) throw new Error(`probe: ${stderr}`);
  return results(stdout);
}
