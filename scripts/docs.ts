// Writes what documentation is made of tables and results: docs/reference, docs/figures.md, docs/kernels.md, the blocks of README,
// the schema of themes, and completion for shells. With --check it changes
// nothing, names what is out of date and ends with 1.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { THEME_SCHEMA } from '../src/tui/screen/theme-schema.ts';
import { readResults } from './bench/results.ts';
import { bashCompletion } from './completion.ts';
import { KERNELS } from './kernels.ts';
import { kernelsPage } from './kernels-page.ts';
import { figuresPage, withBlocks } from './readme-blocks.ts';
import { PAGES } from './reference-pages.ts';
import { HOME } from './throw-away.ts';

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const README = `${HOME}/README.md`;
const REFERENCE = `${HOME}/docs/reference`;

const results = readResults(HOME);
const kernels = read(KERNELS);
const stale = [
  ...(results === null ? [] : [[`${HOME}/docs/figures.md`, figuresPage(results)] as const]),
  ...(kernels === '' ? [] : [[`${HOME}/docs/kernels.md`, kernelsPage(JSON.parse(kernels))] as const]),
  [`${HOME}/themes/skin.schema.json`, `${JSON.stringify(THEME_SCHEMA, null, 2)}\n`] as const,
  [`${HOME}/completions/vzdeck.bash`, bashCompletion()] as const,
  ...Object.entries(PAGES).map(([name, text]) => [`${REFERENCE}/${name}`, text()] as const),
  [README, withBlocks(read(README), results)] as const,
].filter(([file, text]) => read(file) !== text);

if (process.argv.includes('--check')) {
  for (const [file] of stale) console.error(`${file} is out of date: npm run docs`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  mkdirSync(REFERENCE, { recursive: true });
  for (const [file, text] of stale) writeFileSync(file, text);
}
