import { describe, expect, it } from 'vitest';
import {
  emptyLedger,
  ended,
  growthOf,
  holdsLife,
  type Ledger,
  looked,
  lost,
  merged,
  overAllLives,
  reset,
  type Statement,
} from '../../../src/engine/spec/ubc-ledger.ts';
import type { UbcRow } from '../../../src/engine/spec/ubc-rows.ts';

function row(failcnt: number, held = 0, maxheld = held): UbcRow {
  return {
    name: 'numproc',
    held,
    maxheld,
    barrier: 60n,
    limit: 60n,
    failcnt,
    source: 'pids.current',
    failSource: 'pids.events max',
    enforced: 'kernel',
    reason: '',
  };
}

const says = (life: string, at: number, failcnt: number, maxheld = 0, epoch = 0): Statement => ({
  life,
  at,
  epoch,
  rows: new Map([['numproc', { failcnt, maxheld }]]),
});

function totals(ledger: Ledger): { failcnt: number; lifeFailcnt: number; maxheld: number; everheld: number } {
  const [one] = overAllLives(ledger, { id: 101, running: true, rows: [row(0)] }).rows;
  const { failcnt = 0, lifeFailcnt = 0, maxheld = 0, everheld = 0 } = one ?? {};
  return { failcnt, lifeFailcnt, maxheld, everheld };
}

const all = (...statements: readonly Statement[]): Ledger => statements.reduce(merged, emptyLedger(0));

describe('a ledger', () => {
  it('sums refusals over lives and keeps the highest value of each and of all', () => {
    const ledger = all(says('a', 1, 5, 40), says('a', 2, 7, 30), says('b', 3, 2, 20));
    expect(totals(ledger)).toEqual({ failcnt: 9, lifeFailcnt: 2, maxheld: 20, everheld: 40 });
  });

  it('takes a smaller count of the same life for an older look, and of another life for another life', () => {
    expect(totals(all(says('a', 1, 7), says('a', 2, 5))).failcnt).toBe(7);
    expect(totals(all(says('a', 1, 7), says('b', 2, 5))).failcnt).toBe(12);
    expect(totals(all(says('a', 1, 7), says('b', 2, 7))).failcnt).toBe(14);
  });

  it('takes no life of the same boot for a new one that began before the newest, however many came between', () => {
    const lives = Array.from({ length: 40 }, (_, n) => says(`boot ${100 + n}`, n, 1));
    const ledger = all(...lives);
    expect(totals(ledger).failcnt).toBe(40);
    expect(lives.every(({ life }) => holdsLife(ledger, life))).toBe(true);
    expect(totals(all(...lives, ...lives)).failcnt).toBe(40);
    // numbers say nothing of another boot
    expect(totals(all(...lives, says('next 7', 50, 1))).failcnt).toBe(41);
  });

  it('is the same whatever is told twice, late or in another order, as long as each life was begun once', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    for (let round = 0; round < 300; round++) {
      const lives = Array.from({ length: 1 + random(6) }, (_, n) => ({ life: `life ${n}`, final: random(1000) }));
      let ledger = emptyLedger(0);
      lives.forEach(({ life, final }, n) => {
        // looks of this life in any order, some twice, and stragglers of lives before
        for (let look = 0; look < 5; look++) ledger = merged(ledger, says(life, 10 * n + look, random(final + 1)));
        ledger = merged(ledger, says(life, 10 * n + 9, final));
        const old = lives[random(n + 1)];
        if (old) ledger = merged(ledger, says(old.life, 10 * n, random(old.final + 1)));
      });
      expect(totals(ledger).failcnt).toBe(lives.reduce((sum, { final }) => sum + final, 0));
      expect(totals(ledger).lifeFailcnt).toBe(lives.at(-1)?.final);
    }
  });

  it('tells what is missing of a life whose end nobody saw, and nothing of one that was closed', () => {
    expect(merged(all(says('a', 10, 5)), says('b', 30, 0)).gaps).toEqual([{ from: 10, to: 30 }]);
    expect(merged(ended(all(says('a', 10, 5))), says('b', 30, 0)).gaps).toEqual([]);
    expect(lost(all(says('a', 10, 5)), 20).gaps).toEqual([{ from: 10, to: 20 }]);
    expect(merged(lost(all(says('a', 10, 5)), 20), says('b', 30, 0)).gaps).toEqual([{ from: 10, to: 20 }]);
  });

  it('keeps a bounded number of gaps and of lives', () => {
    let ledger = emptyLedger(0);
    for (let n = 0; n < 1000; n++) ledger = merged(ledger, says(`life ${n}`, n, 1));
    expect([ledger.gaps.length, ledger.past.length, totals(ledger).failcnt]).toEqual([8, 16, 1000]);
  });
});

describe('a reset', () => {
  it('begins all counts at 0 within the life, whoever still tells of before', () => {
    const before = all(says('a', 1, 5, 40), says('b', 2, 7, 50));
    const after = reset(before, 3, [row(7, 10, 50)]);
    expect(totals(after)).toEqual({ failcnt: 0, lifeFailcnt: 0, maxheld: 10, everheld: 10 });
    expect(totals(merged(after, says('b', 2, 6, 45)))).toEqual({ failcnt: 0, lifeFailcnt: 0, maxheld: 10, everheld: 10 });
    expect(totals(merged(after, says('b', 4, 9, 12, 1)))).toEqual({ failcnt: 2, lifeFailcnt: 2, maxheld: 12, everheld: 12 });
    expect(totals(merged(after, says('c', 5, 4, 3, 1)))).toEqual({ failcnt: 4, lifeFailcnt: 4, maxheld: 3, everheld: 10 });
  });

  it('takes a highest value that the kernel still tells from before for none', () => {
    const after = reset(all(says('a', 1, 0, 50)), 2, [row(0, 10, 50)]);
    const looks = (held: number, maxheld: number): number => totals(merged(after, looked(after, 'a', 3, [row(0, held, maxheld)]))).maxheld;
    expect([looks(20, 50), looks(5, 50), looks(20, 60)]).toEqual([20, 10, 60]);
  });

  it('of what does not run leaves 0', () => {
    const after = reset(ended(all(says('a', 1, 5, 40))), 2, []);
    expect(totals(after)).toEqual({ failcnt: 0, lifeFailcnt: 0, maxheld: 0, everheld: 0 });
    expect(totals(merged(after, says('b', 3, 2, 4, 1))).failcnt).toBe(2);
  });
});

it('growth goes on over the end of 32 bits and begins anew after a reset', () => {
  expect([growthOf(5, 9), growthOf(2 ** 32 - 2, 3), growthOf(500, 4)]).toEqual([4, 5, 4]);
});
