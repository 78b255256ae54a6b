// The reference pages in the tree are those that the tables give.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PAGES } from '../../scripts/reference-pages.ts';

const directory = new URL('../../docs/reference/', import.meta.url);

test.each(Object.entries(PAGES))('%s is up to date (npm run docs)', (name, text) => {
  expect(readFileSync(new URL(name, directory), 'utf8')).toBe(text());
});

test('there are no others', () => {
  expect(readdirSync(directory).sort()).toEqual(Object.keys(PAGES).sort());
});
