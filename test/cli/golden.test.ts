// The recorded answers of the original tools: every case that differs is on the list of deliberate deviations, and every line of that list
// still differs. The recordings are not part of the project; VZDECK_GOLDEN names their folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { matchesPattern } from '../../src/engine/spec/ctid.ts';

const GOLDEN = process.env['VZDECK_GOLDEN'] ?? '';
const BIN = new URL('../../bin', import.meta.url).pathname;
const DEVIATIONS = new URL('../golden-deviations.md', import.meta.url).pathname;
/** Their kernel says yes to every limit that is set; ours is asked, and there is nothing to set one on. */
const APPLIED = /^runset\//;
/** What /proc of a recording tells is below the prefix; the size of its disk is that of a file system of our own. */
const NEEDS = 'fake-proc,fake-running';
const DISK = 'size=100g,nr_inodes=6553600';

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

test('the programs answer as the original did', { timeout: 3_600_000 }, ({ skip }) => {
  if (reason() !== '') skip(reason());
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-golden-'));
  try {
    const args = [
      ...[`${GOLDEN}/compare.py`, '--root', `${dir}/disk/root`, '--bin', BIN, '--json', `${dir}/results`, '--needs', NEEDS],
      ...[`--filter=^(?!${APPLIED.source.slice(1)})`, `${GOLDEN}/cases.jsonl`],
    ];
    mkdirSync(`${dir}/disk`);
    const script = 'mount -t tmpfs -o "$2" golden "$1" && mkdir "$1/root" && shift 2 && exec python3 "$@"';
    const { stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', `${dir}/disk`, DISK, ...args], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const results: readonly { id: string; differs: readonly string[] }[] = JSON.parse(readFileSync(`${dir}/results`, 'utf8'));
    const differing = results.filter((result) => result.differs.length > 0).map((result) => result.id);
    expect(results.length).toBeGreaterThan(2100);
    expect(differing.filter((id) => !deviations().some((pattern) => matchesPattern(pattern, id)))).toEqual([]);
    expect(deviations().filter((pattern) => !differing.some((id) => matchesPattern(pattern, id)))).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
