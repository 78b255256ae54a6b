// Writes the reference pages to docs/reference.
import { mkdirSync, writeFileSync } from 'node:fs';
import { PAGES } from './reference-pages.ts';

const directory = new URL('../docs/reference/', import.meta.url);
mkdirSync(directory, { recursive: true });
for (const [name, text] of Object.entries(PAGES)) writeFileSync(new URL(name, directory), text());
