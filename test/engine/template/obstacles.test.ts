// Programs for templates that a node lacks, told by what each is for.
import { expect, test } from 'vitest';
import type { Obstacle } from '../../../src/engine/host/obstacles.ts';
import type { Files } from '../../../src/engine/host/port.ts';
import { programObstacles } from '../../../src/engine/template/obstacles.ts';

const ALL = ['tar', 'gzip', 'bzip2', 'xz', 'zstd', 'mmdebstrap', 'apt-get'];

function without(...missing: readonly string[]): readonly Obstacle[] {
  const there = new Set(ALL.filter((name) => !missing.includes(name)).map((name) => `/usr/bin/${name}`));
  return programObstacles({ stat: (path) => (there.has(path) ? ({ type: 'file' } as ReturnType<Files['stat']>) : null) });
}

test('none where all are installed', () => {
  expect(without()).toEqual([]);
});

test('all that are missing are one line to type, and in the way of nothing else', () => {
  expect(without('xz', 'bzip2', 'mmdebstrap')).toEqual([
    {
      what: 'Not installed: bzip2, which unpacks templates .tar.bz2; xz, which unpacks templates .tar.xz; mmdebstrap, which builds templates',
      remedy: 'Type apt-get install bzip2 xz-utils mmdebstrap',
      fatal: false,
    },
  ]);
});

test('every other one counts, too', () => {
  for (const name of ['tar', 'gzip', 'zstd'])
    expect(without(name)[0]?.what).toMatch(new RegExp(`^Not installed: ${name}, which unpacks templates`));
});

test('without apt the packages are named only', () => {
  expect(without('zstd', 'apt-get')[0]?.remedy).toMatch(/^Install zstd; /);
});
