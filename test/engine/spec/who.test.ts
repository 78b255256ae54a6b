// How what single processes hold becomes ranked lines.
import { expect, test } from 'vitest';
import { type Holding, headOf, type Relative, ranked } from '../../../src/engine/spec/who.ts';

const process = (pid: number, name: string, parent: number): Relative => ({ pid, inner: pid, name, parent });
const INIT = process(1, 'init', 0);
const one = (of: Relative | null, amount = 1, what = ''): Holding => ({ what, process: of, amount });

test('workers and their master are one line, with whoever began the master', () => {
  const all = [INIT, process(10, 'apache2', 1), ...[11, 12, 13].map((pid) => process(pid, 'apache2', 10)), process(20, 'cron', 1)];
  const { held, lines } = ranked(
    all.map((of) => one(of)),
    all,
    10,
  );
  expect(held).toBe(6);
  expect(lines[0]).toMatchObject({
    what: '4 processes',
    pid: 10,
    name: 'apache2',
    processes: 4,
    amount: 4,
    parent: { pid: 1, name: 'init' },
  });
  expect(lines[0]?.share).toBeCloseTo(4 / 6);
});

test('a storm whose processes begin each other is one line, also when links of the chain have ended', () => {
  const chain = Array.from({ length: 500 }, (_, i) => process(100 + i, 'sh', i === 0 ? 1 : 99 + i));
  const orphans = Array.from({ length: 50 }, (_, i) => process(1000 + i, 'sh', 1));
  const all = [INIT, ...chain, ...orphans];
  const { lines } = ranked(
    all.map((of) => one(of)),
    all,
    3,
  );
  expect(lines[0]).toMatchObject({ name: 'sh', processes: 550, parent: { name: 'init' } });
});

test('two programs of one name with different parents are two lines', () => {
  const all = [process(5, 'cron', 1), process(6, 'sshd', 1), process(50, 'sh', 5), process(60, 'sh', 6)];
  const { lines } = ranked([one(all[2] ?? null), one(all[3] ?? null)], all, 10);
  expect(lines.map(({ parent }) => parent?.name)).toEqual(['cron', 'sshd']);
});

test('kinds are apart, the greatest first, what is nobody’s has no pid, and nothing is left out of the sum', () => {
  const all = [INIT];
  const holdings = [one(INIT, 5, 'own memory'), one(null, 9, 'page cache'), one(INIT, 1, 'locked'), one(INIT, 0, 'nothing')];
  const { held, lines } = ranked(holdings, all, 2);
  expect(held).toBe(15);
  expect(lines.map(({ what, pid, command }) => [what, pid, command])).toEqual([
    ['page cache', null, ''],
    ['own memory', 1, '[init]'],
  ]);
});

test('a ring of parents, which pids that are given anew can make, is no trap', () => {
  const ring = [process(1, 'sh', 2), process(2, 'sh', 1)];
  expect(headOf(ring[0] as Relative, new Map(ring.map((p) => [p.pid, p])))).toBeDefined();
  expect(
    ranked(
      ring.map((of) => one(of)),
      ring,
      5,
    ).held,
  ).toBe(2);
});
