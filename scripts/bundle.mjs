// Bundles each program into one file of dist/, behind a start module of two lines that switches the compile cache on. A file appears
// by rename: a keeper may start the old or the new program at any moment, never half of one.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** Program → entry, and what else its bundle needs. */
const PROGRAMS = {
  cli: { entry: 'src/cli/main.ts' },
  manager: {
    entry: 'src/tui/main.tsx',
    // yoga's loader would pull in all of undici for a data: URL if it saw these (45 ms)
    define: { fetch: 'undefined', navigator: 'undefined', 'globalThis.navigator': 'undefined' },
  },
};

const START = (program) => `import { enableCompileCache } from 'node:module';
enableCompileCache(new URL('./cache', import.meta.url).pathname);
await import('./${program}-program.mjs');
`;

const place = (file, text) => {
  const path = join(PROJECT, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
};

/** A package that Ink imports for debugging only and that is not installed. */
const withoutDevtools = {
  name: 'without-devtools',
  setup: (build) => {
    build.onResolve({ filter: /^react-devtools-core$/ }, (args) => ({ path: args.path, namespace: 'empty' }));
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {}' }));
  },
};

for (const [program, { entry, define }] of Object.entries(PROGRAMS)) {
  const result = await build({
    absWorkingDir: PROJECT,
    entryPoints: [entry],
    outfile: `dist/${program}-program.mjs`,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    jsx: 'automatic',
    // its compiled part is found by path beside the package
    external: ['node-pty'],
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', ...define },
    banner: { js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);" },
    plugins: [withoutDevtools],
    logLevel: 'warning',
  });
  for (const file of result.outputFiles) place(`dist/${program}-program.mjs`, file.contents);
  place(`build/${program}-bundle.json`, JSON.stringify(result.metafile));
  place(`dist/${program}.mjs`, START(program));
}
