import { describe, expect, test } from 'vitest';
import { ACCOUNT_ROWS, adviceFor, boundOf, refusedText, UBC_SENSE, UNLIMITED } from '../../../src/engine/index.ts';
import { beanOf } from '../../tui/fake-engine.ts';

const both = (n: number) => ({ barrier: BigInt(n), limit: BigInt(n) });

describe('what a beancounter means', () => {
  test.each(ACCOUNT_ROWS.filter((name) => name !== 'dummy'))('%s is explained in clauses that can stand in a sentence', (name) => {
    const sense = UBC_SENSE[name];
    expect(sense).toBeDefined();
    for (const clause of [sense?.counts, sense?.atLimit, sense?.raisedBy]) expect(clause).toMatch(/^[^.]{8,}[^. ]$/);
    expect(sense?.counts).toMatch(/^[a-z]|^TCP/);
  });

  test('names nothing that is no row', () => {
    expect(Object.keys(UBC_SENSE).filter((name) => !ACCOUNT_ROWS.includes(name))).toEqual([]);
  });

  test('says what was refused, one and several', () => {
    expect(refusedText('numproc', 1)).toBe('refused 1 fork');
    expect(refusedText('numproc', 1200, '1.2k')).toBe('refused 1.2k forks');
    expect(refusedText('oomguarpages', 2)).toBe('lost 2 processes');
  });
});

describe('where refusals begin', () => {
  test('is the barrier of what is counted in pieces, the limit of memory, and nowhere for a guarantee', () => {
    expect(boundOf(beanOf('numflock', { barrier: 100n, limit: 110n }))).toBe(100);
    expect(boundOf(beanOf('physpages', { barrier: 0n, limit: 512n }))).toBe(512);
    expect(boundOf(beanOf('oomguarpages', { barrier: 100n, limit: UNLIMITED }))).toBeNull();
    expect(boundOf(beanOf('numproc'))).toBeNull();
  });
});

describe('a sensible value', () => {
  test('is half as much again as was ever held, where the bound was met or nearly', () => {
    expect(adviceFor(beanOf('numproc', { held: 60, maxheld: 60, failcnt: 412, ...both(60) }))?.value).toBe('90');
    expect(adviceFor(beanOf('numproc', { held: 10, maxheld: 49, ...both(60) }))?.value).toBe('74');
    expect(adviceFor(beanOf('numflock', { held: 100, maxheld: 100, ...both(100) }))?.value).toBe('150:165');
    expect(adviceFor(beanOf('physpages', { held: 131_072, maxheld: 131_072, barrier: 0n, limit: 131_072n }))?.value).toBe('0:196608');
  });

  test('is more than the bound, whatever was held', () => {
    expect(adviceFor(beanOf('numproc', { held: 1, maxheld: 1, ...both(1) }))?.value).toBe('2');
    expect(adviceFor(beanOf('numproc', { held: 90, maxheld: 90, ...both(110) }))?.value).toBe('140');
  });

  test('is not offered where there is room, where nobody enforces, and of a guarantee', () => {
    expect(adviceFor(beanOf('numproc', { held: 10, maxheld: 20, failcnt: 9, ...both(60) }))).toBeNull();
    expect(adviceFor(beanOf('numfile', { held: 60, ...both(60), enforced: 'accounting-only' }))).toBeNull();
    expect(adviceFor(beanOf('vmguarpages', { held: 60, ...both(60) }))).toBeNull();
    expect(adviceFor(beanOf('numproc', { held: 60 }))).toBeNull();
  });
});
