// Bundles each program into one file of dist/, behind a start module of two lines that switches the compile cache on. A file appears
// by rename: a keeper may start the old or the new program at any moment, never half of one.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { FOR_INK, withoutDevtools } from './setup/bundle-ink.mjs';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** Modules of Node that take milliseconds to load and that most calls never need → what is used of them. */
const LAZY = { 'node:child_process': ['spawn', 'execFileSync'], 'node:net': ['connect'] };

/** Program → entry, and what else its bundle needs. CommonJS starts 3 ms earlier; Ink needs modules. */
const PROGRAMS = {
  cli: {
    entry: 'src/cli/main.ts',
    format: 'cjs',
    define: { 'import.meta.url': '__url' },
    banner: 'const __url="file://"+encodeURI(__filename);',
  },
  manager: {
    entry: 'src/tui/main.tsx',
    format: 'esm',
    banner: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    define: FOR_INK,
  },
};

const START = {
  cjs: (file) => `require('node:module').enableCompileCache?.(__dirname + '/cache');
require('./${file}');
`,
  esm: (file) => `import { enableCompileCache } from 'node:module';
enableCompileCache(new URL('./cache', import.meta.url).pathname);
await import('./${file}');
`,
};
const EXTENSION = { cjs: 'cjs', esm: 'mjs' };

const place = (file, text) => {
  const path = join(PROJECT, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
};

const lazily = {
  name: 'lazily',
  setup: (build) => {
    build.onResolve({ filter: /^node:(child_process|net)$/ }, (args) => ({ path: args.path, namespace: 'lazily' }));
    build.onLoad({ filter: /.*/, namespace: 'lazily' }, ({ path }) => ({
      contents: LAZY[path]
        .map((name) => `export const ${name} = (...args) => process.getBuiltinModule('${path}').${name}(...args);`)
        .join('\n'),
    }));
  },
};

for (const [program, { entry, format, banner, define }] of Object.entries(PROGRAMS)) {
  const file = `${program}-program.${EXTENSION[format]}`;
  const result = await build({
    absWorkingDir: PROJECT,
    entryPoints: [entry],
    outfile: `dist/${file}`,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format,
    target: 'node24',
    minify: true,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', ...define },
    banner: { js: banner },
    plugins: [withoutDevtools, lazily],
    logLevel: 'warning',
  });
  for (const { contents } of result.outputFiles) place(`dist/${file}`, contents);
  place(`build/${program}-bundle.json`, JSON.stringify(result.metafile));
  place(`dist/${program}.${EXTENSION[format]}`, START[format](file));
}
