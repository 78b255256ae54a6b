// The reference pages in the tree are those that the tables give.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PAGES } from '../../scripts/reference-pages.ts';
import type { Finding } from '../../src/engine/host/probe/probe.ts';
import { PROBES } from '../../src/engine/host/probe/probes.ts';

const directory = new URL('../../docs/reference/', import.meta.url);

test.each(Object.entries(PAGES))('%s is up to date (npm run docs)', (name, text) => {
  expect(readFileSync(new URL(name, directory), 'utf8')).toBe(text());
});

test('there are no others', () => {
  expect(readdirSync(directory).sort()).toEqual(Object.keys(PAGES).sort());
});

test('what recorded kernels are said to be good for is what the table of probes says', () => {
  const kernels = JSON.parse(readFileSync(new URL('../kernels.json', directory), 'utf8')) as readonly {
    readonly findings: readonly Finding[];
  }[];
  for (const { group, name, use, without } of kernels.flatMap(({ findings }) => findings)) {
    const probe = PROBES.find((one) => one.name === name && one.group === group);
    if (probe) expect({ name, use, without }).toEqual({ name, use: probe.use, without: probe.without });
  }
});
