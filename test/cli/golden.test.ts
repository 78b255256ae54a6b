// The recorded answers of the original tools: every case that differs is on the list of deliberate deviations, and every line of that list
// still differs. The recordings are not part of the project; VZDECK_GOLDEN names their folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { matchesPattern } from '../../src/engine/spec/ctid.ts';

const GOLDEN = process.env['VZDECK_GOLDEN'] ?? '';
const BIN = new URL('../../bin', import.meta.url).pathname;
const DEVIATIONS = new URL('../golden-deviations.md', import.meta.url).pathname;
/** Programs that this version does not have yet. */
const LATER = /^(vzcalc|vzcfgvalidate|vzcpucheck|vzmemcheck|vzoversell|vzpid|vzsplit|vzubc)\//;

const reason = (): string => {
  if (!existsSync(`${GOLDEN}/compare.py`)) return 'VZDECK_GOLDEN names no folder with recordings of the original tools';
  return process.getuid?.() === 0 ? '' : 'needs root';
};

const deviations = (): readonly string[] =>
  [...readFileSync(DEVIATIONS, 'utf8').matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '');

test('the list of deviations names each case once', () => {
  expect(new Set(deviations()).size).toBe(deviations().length);
  expect(deviations().length).toBeGreaterThan(30);
});

test('the programs answer as the original did', { timeout: 900_000 }, ({ skip }) => {
  if (reason() !== '') skip(reason());
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-golden-'));
  try {
    const args = [
      `${GOLDEN}/compare.py`,
      '--bin',
      BIN,
      '--json',
      `${dir}/results`,
      `--filter=^(?!${LATER.source.slice(1)})`,
      `${GOLDEN}/cases.jsonl`,
    ];
    const { stderr } = spawnSync('python3', args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const results: readonly { id: string; differs: readonly string[] }[] = JSON.parse(readFileSync(`${dir}/results`, 'utf8'));
    const differing = results.filter((result) => result.differs.length > 0).map((result) => result.id);
    expect(results.length).toBeGreaterThan(1500);
    expect(differing.filter((id) => !deviations().some((pattern) => matchesPattern(pattern, id)))).toEqual([]);
    expect(deviations().filter((pattern) => !differing.some((id) => matchesPattern(pattern, id)))).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
