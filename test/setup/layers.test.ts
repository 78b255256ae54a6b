// The layer rules hold, and they do catch what they forbid: each sample plants one wrong import in a copy of the tree's shape.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const { forbidden, options } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');

async function violations(baseDir: string): Promise<readonly string[]> {
  const result = await cruise(['src'], { ...options, baseDir, ruleSet: { forbidden }, validate: true });
  return (result.output as ICruiseResult).summary.violations.map((v) => `${v.rule.name}: ${v.from} → ${v.to}`);
}

/** Rule → file with an import that it forbids, and what is imported. */
const WRONG: Readonly<Record<string, readonly [from: string, to: string]>> = {
  'spec-imports-downwards': ['src/engine/spec/a.ts', 'src/engine/host/b.ts'],
  'port-imports-downwards': ['src/engine/host/a.ts', 'src/engine/net/b.ts'],
  'mechanisms-imports-downwards': ['src/engine/net/a.ts', 'src/engine/ct/b.ts'],
  'account-imports-downwards': ['src/engine/account/a.ts', 'src/engine/ct/b.ts'],
  'ct-imports-downwards': ['src/engine/ct/a.ts', 'src/engine/index.ts'],
  'engine-imports-downwards': ['src/engine/open.ts', 'src/cli/b.ts'],
  'mechanisms-are-strangers': ['src/engine/net/a.ts', 'src/engine/rootfs/b.ts'],
  'programs-use-the-door': ['src/cli/a.ts', 'src/engine/ct/b.ts'],
  'cli-and-tui-are-strangers': ['src/cli/a.ts', 'src/tui/b.ts'],
  'cli-without-react': ['src/cli/a.ts', 'react'],
  'spec-is-pure': ['src/engine/spec/a.ts', 'node:path'],
  'system-behind-the-port': ['src/engine/ct/a.ts', 'node:fs'],
  'store-and-keys-without-react': ['src/tui/store/a.ts', 'react'],
  'screen-without-engine': ['src/tui/screen/a.ts', 'src/engine/index.ts'],
  'no-tests-in-sources': ['src/engine/ct/a.ts', 'test/b.ts'],
  'no-development-dependencies': ['src/engine/ct/a.ts', 'esbuild'],
  'no-cycles': ['src/engine/ct/a.ts', 'src/engine/ct/b.ts'],
  'nothing-unresolved': ['src/engine/ct/a.ts', './gone.ts'],
};

describe('layer rules', () => {
  let top: string;
  beforeAll(() => {
    top = mkdtempSync(join(tmpdir(), 'vzdeck-layers-'));
  });
  afterAll(() => rmSync(top, { recursive: true, force: true }));

  test('the sources keep them', async () => {
    expect(await violations(PROJECT)).toEqual([]);
  });

  test('each rule has a reason', () => {
    for (const rule of forbidden) expect(rule.comment, rule.name).toMatch(/\w+ \w+/);
  });

  test.each(Object.entries(WRONG))('%s catches it', async (rule, [from, to]) => {
    const base = join(top, rule);
    const place = (file: string, text: string) => {
      mkdirSync(dirname(join(base, file)), { recursive: true });
      writeFileSync(join(base, file), text);
    };
    const local = to.startsWith('src/') || to.startsWith('test/');
    const up = '../'.repeat(from.split('/').length - 1);
    place('package.json', JSON.stringify({ type: 'module', dependencies: { react: '1' }, devDependencies: { esbuild: '1' } }));
    place(from, `import type { X } from '${local ? up + to : to}';\nexport type Y = X;\n`);
    if (local) place(to, rule === 'no-cycles' ? `import type { Y } from './a.ts';\nexport type X = Y;\n` : 'export type X = 1;\n');
    symlinkSync(join(PROJECT, 'node_modules'), join(base, 'node_modules'));
    expect((await violations(base)).map((text) => text.split(':')[0])).toContain(rule);
  });

  test('every rule has its sample', () => {
    // an import of errors.ts cannot be caught alone: what it may import is nothing, which spec-is-pure and the next layers show
    const untested = new Set(['errors-imports-downwards', 'lab-imports-downwards', 'no-orphans']);
    expect(
      forbidden
        .map((rule: { name: string }) => rule.name)
        .filter((name: string) => !untested.has(name))
        .sort(),
    ).toEqual(Object.keys(WRONG).sort());
  });
});
