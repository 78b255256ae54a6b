// Asks the kernels that the project is tested on what they offer, this machine's and the test machine's, and writes docs/kernels.json, of which
// `npm run docs` makes docs/kernels.md.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../src/engine/index.ts';
import { HOME } from './throw-away.ts';

export interface Kernel {
  /** Distribution and release. */
  readonly name: string;
  readonly findings: readonly Finding[];
}

const NAME = '. /etc/os-release; echo "$PRETTY_NAME, $(uname -r | cut -d- -f1)"';
const PROBE = [NAME, 'vzdeck probe --json'].join('; ');

function kernel(program: string, args: readonly string[]): Kernel {
  const env = { ...process.env, PATH: `${join(HOME, 'bin')}:${process.env['PATH']}` };
  // before them stands what had to be built first
  const [name = '', findings = '[]'] = execFileSync(program, [...args], {
    cwd: HOME,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
    .trim()
    .split('\n')
    .slice(-2);
  return { name, findings: JSON.parse(findings) };
}

/** Where it is kept. */
export const KERNELS = `${HOME}/docs/kernels.json`;

export function asked(): readonly Kernel[] {
  return [kernel('sh', ['-c', PROBE]), kernel(process.execPath, ['scripts/vm.mjs', 'open', 'sh', '-c', PROBE])];
}

if (import.meta.main) writeFileSync(KERNELS, `${JSON.stringify(asked(), null, 1)}\n`);
