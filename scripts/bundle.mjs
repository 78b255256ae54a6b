// Bundles each program into dist/, behind a start module of two lines that switches the compile cache on: the command line into one file, the manager
// into one for its first frame and one for what it loads then. The command line is snapshots as well, which bin/ prefers. Files appear by rename, the first one last: a keeper may start the old or the new program at
// any moment, never half of one.
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lookThrough } from './setup/bundle-door.mjs';
import { FOR_INK } from './setup/bundle-ink.mjs';
import { nodeModules, SHOWS_SOON } from './setup/bundle-lazy.mjs';
import { dropOlder, place } from './setup/place.mjs';
import { BUNDLE, makeSnapshots } from './setup/snapshot.mjs';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** Program → entry, and what else its bundle needs. CommonJS starts 3 ms earlier; Ink needs modules. */
const PROGRAMS = {
  cli: { entry: 'src/cli/main.ts', format: 'cjs', plugins: [nodeModules(false)] },
  manager: {
    entry: 'src/tui/main.tsx',
    format: 'esm',
    banner: "const require=process.getBuiltinModule('node:module').createRequire(import.meta.url);",
    define: { ...FOR_INK, ...SHOWS_SOON.define },
    inject: SHOWS_SOON.inject,
    plugins: [...SHOWS_SOON.plugins, lookThrough(join(PROJECT, 'src/engine/index.ts'), join(PROJECT, 'src/tui'))],
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

/** A program loads all of its parts within a second; parts of an old one may still be on their way into one that starts right now. */
const PART_OUTLIVES_MS = 60_000;

function dropParts(program, kept) {
  const part = new RegExp(`^${program}-[0-9A-Z]{8}\\.`);
  dropOlder(join(PROJECT, 'dist'), PART_OUTLIVES_MS, (name) => (part.test(name) && !kept.has(name)) || name.endsWith('.new'));
}

const bundle = ({ entry, format, banner = '', ...more }, names) =>
  build({
    absWorkingDir: PROJECT,
    entryPoints: [entry],
    ...names,
    splitting: format === 'esm',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format,
    target: 'node24',
    minify: true,
    jsx: 'automatic',
    banner: { js: banner },
    logLevel: 'warning',
    ...more,
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', ...more.define },
  });

for (const [program, options] of Object.entries(PROGRAMS)) {
  const extension = EXTENSION[options.format];
  const file = `${program}-program.${extension}`;
  const result = await bundle(options, {
    outdir: 'dist',
    entryNames: `${program}-program`,
    chunkNames: `${program}-[hash]`,
    outExtension: { '.js': `.${extension}` },
  });
  const parts = result.outputFiles.filter(({ path }) => basename(path) !== file);
  for (const { contents, path } of [...parts, ...result.outputFiles.filter((one) => !parts.includes(one))]) place(path, contents);
  dropParts(program, new Set(parts.map(({ path }) => basename(path))));
  place(join(PROJECT, `build/${program}-bundle.json`), JSON.stringify(result.metafile));
  place(join(PROJECT, `dist/${program}.${extension}`), START[options.format](file));
}
const { outputFiles } = await bundle({ ...PROGRAMS.cli, entry: 'src/cli/snapshot.ts' }, { outfile: BUNDLE });
place(BUNDLE, outputFiles[0].contents);
makeSnapshots();
