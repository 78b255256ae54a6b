// Bundles a small program with esbuild as the manager itself is bundled, so that tests can run it in a terminal of its own.

import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
/** Loads its native half by path, so it stays where it is. */
const NODE_PTY = require.resolve('node-pty');

export interface Fixture {
  /** Program and first argument to run it with. */
  readonly file: string;
  readonly script: string;
  remove(): void;
}

/** Bundles one entry point into a directory of its own below the system's temporary directory. */
export async function bundleFixture(entry: string): Promise<Fixture> {
  const folder = mkdtempSync(join(tmpdir(), 'vzdeck-fixture-'));
  const script = join(folder, 'fixture.mjs');
  await build({
    entryPoints: [entry],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    jsx: 'automatic',
    logLevel: 'error',
    external: [NODE_PTY],
    alias: { 'node-pty': NODE_PTY },
    plugins: [
      {
        name: 'no-devtools',
        setup(b) {
          b.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'none', namespace: 'empty' }));
          b.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {}' }));
        },
      },
    ],
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', fetch: 'undefined' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return { file: process.execPath, script, remove: () => rmSync(folder, { recursive: true }) };
}
