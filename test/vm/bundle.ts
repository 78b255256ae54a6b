// Bundles tests for the test machine: one file each, with "vitest" replaced by the stand-in. Files that a test looks for
// beside itself are where they were, since each source keeps its own address.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { FOR_INK, withoutDevtools } from '../../scripts/setup/bundle-ink.mjs';
import { inProject } from '../../scripts/setup/machine.mjs';

/** Where the project lies in the test machine. */
const THERE = '/project';

const addresses: Plugin = {
  name: 'addresses',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
      const address = pathToFileURL(`${THERE}/${relative(inProject(), path)}`).href;
      const contents = readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(address));
      return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
    });
  },
};

/** `files` are paths in the project; bundles are at the same paths below `into`, ending in .mjs. */
export async function bundleTests(files: readonly string[], into: string): Promise<void> {
  await build({
    absWorkingDir: inProject(),
    entryPoints: [...files, 'test/vm/guest-files.ts'],
    outdir: into,
    outbase: '.',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // what all have is compiled and run once there
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    jsx: 'automatic',
    alias: { vitest: inProject('test', 'vm', 'guest-vitest.ts') },
    // their compiled parts are found by path beside the packages
    external: ['node-pty', 'esbuild'],
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', ...FOR_INK },
    plugins: [addresses, withoutDevtools],
    logLevel: 'warning',
  });
}
