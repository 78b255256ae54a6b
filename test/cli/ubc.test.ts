// vzdeck ubc on accounts and pasts that are made up: what it says of refusals that nobody has counted, and what fits on which screen.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseUbc, ubc } from '../../src/cli/commands/ubc.ts';
import { grownSince, grownText } from '../../src/cli/commands/ubc-growth.ts';
import { ACCOUNT_ROWS, type CtLedger, type Engine, type HistoryPoint, type HistorySpan, type LedgerRow } from '../../src/engine/index.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-22T06:00:00Z');
const at = (ago: number, failcnt: number): HistoryPoint => ({ at: NOW - ago, held: 0, failcnt });

describe('growth since a moment', () => {
  const since = (points: readonly HistoryPoint[], failcnt: number, ago = 10 * MINUTE, span: HistorySpan = 'seconds') => {
    vi.setSystemTime(NOW);
    return grownSince([{ span, points }], failcnt, NOW - ago);
  };
  afterEach(() => vi.useRealTimers());

  test('is known where somebody looked then, or where nothing was refused meanwhile', () => {
    expect(since([at(11 * MINUTE, 1), at(10 * MINUTE + 500, 3), at(9 * MINUTE, 9)], 12)).toEqual({
      least: 9,
      most: 9,
      from: NOW - 10 * MINUTE - 500,
      blind: null,
    });
    expect(grownText(since([at(600 * MINUTE, 12), at(MINUTE, 12)], 12))).toBe('');
    expect(grownText(since([at(11 * MINUTE, 3)], 3 + 2 ** 32, 10 * MINUTE, 'minutes'))).toBe('');
  });

  test('is at least what was counted after the first look, and at most what was since the one before', () => {
    const late = since([at(3 * MINUTE, 40), at(MINUTE, 41)], 45);
    expect(late).toEqual({ least: 5, most: 45, from: NOW - 3 * MINUTE, blind: { after: null, before: NOW - 3 * MINUTE } });
    expect(grownText(late)).toBe('≥5');
    const hole = since([at(600 * MINUTE, 10), at(3 * MINUTE, 45)], 45);
    expect(hole).toMatchObject({ least: 0, most: 35, blind: { after: NOW - 600 * MINUTE, before: NOW - 3 * MINUTE } });
    expect(grownText(hole)).toBe('?');
    expect(grownText(since([at(3 * MINUTE, 45)], 45))).toBe('?');
    expect([since([], 45), grownText(null)]).toEqual([null, '?']);
  });

  test('of several rings has the look that is nearest', () => {
    vi.setSystemTime(NOW);
    const past = [
      { span: 'seconds', points: [at(5 * MINUTE, 30)] },
      { span: 'minutes', points: [at(12 * MINUTE, 5), at(10 * MINUTE + 1000, 7), at(6 * MINUTE, 20)] },
    ] as const;
    expect(grownSince(past, 40, NOW - 10 * MINUTE)).toMatchObject({ least: 33, most: 33 });
  });
});

const row = (name: string, own: Partial<LedgerRow> = {}): LedgerRow => ({
  name,
  held: 1,
  maxheld: 2,
  everheld: 2,
  barrier: 1000n,
  limit: 1000n,
  failcnt: 0,
  lifeFailcnt: 0,
  source: 'net.netfilter.source',
  failSource: 'counter',
  enforced: 'kernel',
  reason: '',
  ...own,
});

/** One that began long ago. */
const ct = (id: number, own: Readonly<Record<string, Partial<LedgerRow>>> = {}): CtLedger => ({
  id,
  running: true,
  since: NOW - 1e9,
  gaps: [],
  rows: ACCOUNT_ROWS.map((name) => row(name, own[name])),
});

/** Only what ubc asks of an engine. */
function engineOf(accounts: readonly CtLedger[], points: readonly HistoryPoint[] = []): Engine {
  const asked = {
    list: () => accounts.map(({ id }) => ({ id, name: '' })),
    tools: () => ({ running: () => accounts.map(({ id }) => id) }),
    ubc: () => accounts,
    countRules: async () => {},
    ubcHistory: () => ({
      points: (_id: number, _name: string, span: HistorySpan) => (span === 'seconds' ? points : []),
      damaged: (id: number, span: HistorySpan) => (id === 102 && span !== 'hours' ? 2 : 0),
    }),
    sampler: () => ({ tick: () => ({ containers: accounts.map((of) => ({ id: of.id, ubc: of })) }), close: () => {} }),
  };
  return asked as unknown as Engine;
}

async function said(engine: Engine, ...words: string[]): Promise<string> {
  let out = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    if (words.includes('--watch')) process.emit('SIGINT');
    return true;
  });
  try {
    await ubc(engine, null, parseUbc(words.filter((word) => word !== '--json')).asked, words.includes('--json'));
  } finally {
    write.mockRestore();
  }
  return out;
}

describe('--since where nobody has looked long enough', () => {
  const engine = engineOf([ct(101, { numproc: { failcnt: 40 } })], [{ at: Date.now() - MINUTE, held: 0, failcnt: 40 }]);

  test('shows what was once refused as not known, and says why', async () => {
    const out = await said(engine, '--failing', '--since', '10m');
    expect(out).toMatch(/^numproc .* 40 +\? +kernel/m);
    expect(out).toMatch(/\n\? and ≥ Nobody looked at 101 before \d{4}-\d\d-\d\d \d\d:\d\d:\d\d: the past is kept while/);
    expect(JSON.parse(await said(engine, '--failing', '--since', '10m', '--json'))[0].rows[0].grown).toMatchObject({ by: 0, atMost: 40 });
  });

  test('tells what of the past is damaged, and when counts may be missing', async () => {
    const two = [{ ...ct(101), gaps: [{ from: NOW - 60_000, to: NOW }] }, ct(102)];
    const out = await said(engineOf(two), '--since', '10m');
    expect(out).toMatch(/^101 runs, counts between \d{4}-\d\d-\d\d \d\d:\d\d:\d\d and \d{4}-\d\d-\d\d \d\d:\d\d:\d\d may be missing$/m);
    expect(out.split('\n').slice(-3)).toEqual(['', 'History of 102: 4 damaged samples are left out', '']);
  });

  test('what was never refused has not failed since either', async () => {
    expect(await said(engineOf([ct(101)]), '--failing', '--since', '10m')).toBe(
      'Nothing was refused in the last 10m, and nothing is near its limit\n',
    );
  });
});

test('asked once, a terminal gets the beginning of what does not fit, and a program all of it', async () => {
  const engine = engineOf([ct(101, { swappages: { source: 'memory.memsw.usage_in_bytes - memory.usage_in_bytes' } })]);
  const { isTTY, columns } = process.stdout;
  const row = async (): Promise<string> => (await said(engine)).split('\n').find((line) => line.startsWith('swappages')) ?? '';
  Object.assign(process.stdout, { isTTY: true, columns: 80 });
  try {
    expect(await row()).toMatch(/^.{79}…$/);
  } finally {
    Object.assign(process.stdout, { isTTY, columns });
  }
  expect(await row()).toMatch(/ memory\.memsw\.usage_in_bytes - memory\.usage_in_bytes$/);
});

describe('--watch', () => {
  const accounts = [ct(101), ct(102, { swappages: { held: 900, failcnt: 3 }, numpty: { failcnt: 7 }, numiptent: { held: 950 } })];

  test('has what fails or is near first', async () => {
    const lines = (await said(engineOf(accounts), '--watch')).split('\n');
    expect(lines[0]).toBe('102 runs');
    expect(lines.slice(2, 6).map((line) => line.split(' ')[0])).toEqual(['numiptent', 'swappages', 'numpty', 'kmemsize']);
    // asked once they stand as in the file of old
    expect((await said(engineOf(accounts))).split('\n')[0]).toBe('101 runs');
  });

  test.each([
    [200, 'BEANCOUNTER HELD MAXHELD BARRIER LIMIT FAILCNT GROWTH BY SOURCE'],
    [80, 'BEANCOUNTER HELD MAXHELD BARRIER LIMIT FAILCNT GROWTH BY'],
    [70, 'BEANCOUNTER HELD BARRIER LIMIT FAILCNT GROWTH BY'],
    [20, 'BEANCOUNTER HELD LIMIT FAILCNT GROWTH BY'],
  ])('on %i columns leaves whole columns out, the source first', async (columns, heads) => {
    const { isTTY, columns: before } = process.stdout;
    Object.assign(process.stdout, { isTTY: true, columns });
    try {
      const drawn = await said(engineOf(accounts), '--watch');
      const head = drawn.split(/\x1b\[K/).find((line) => line.includes('BEANCOUNTER')) ?? '';
      expect(head.trim().split(/ +/).join(' ')).toBe(heads);
    } finally {
      Object.assign(process.stdout, { isTTY, columns: before });
    }
  });
});
