import { describe, expect, test } from 'vitest';
import type { LedgerHistory } from '../../../src/engine/index.ts';
import { lineInput } from '../../../src/tui/forms/line-input.ts';
import { withSample } from '../../../src/tui/store/ingest.ts';
import { noticesBetween } from '../../../src/tui/store/notices.ts';
import { DEFAULT_SETTINGS } from '../../../src/tui/store/settings.ts';
import type { ManagerState } from '../../../src/tui/store/state.ts';
import { createManagerStore } from '../../../src/tui/store/store.ts';
import type { Task } from '../../../src/tui/store/task.ts';
import { ofOneLife } from '../../engine/account/one-life.ts';
import { beanOf, nodeOf, sampleOf, stoppedOf } from '../fake-engine.ts';

const size = { columns: 80, rows: 24 };
const begin = (): ManagerState => createManagerStore({ settings: DEFAULT_SETTINGS, readOnly: false, size, now: 0 }).getState();
/** The state after some looks at the node. */
function looking(state: ManagerState, ...ticks: readonly ReturnType<typeof nodeOf>[]): ManagerState {
  let now = state;
  for (const tick of ticks) now = { ...now, ...withSample(now, tick) };
  return now;
}

const HOSTILE = '\x1b]0;owned\x07\x1b[2Jevil\u202egnp.\r\nx';

describe('the first sample', () => {
  const rows = [beanOf('numproc', { held: 18, barrier: 20n, limit: 20n, failcnt: 242 }), beanOf('numpty', { failcnt: 3 })];
  const web = sampleOf(101, { name: 'web', ubc: ofOneLife({ id: 101, running: true, rows }) });
  const quiet = sampleOf(102, { name: 'db' });
  const told = (lately: readonly (readonly [string, number])[], unseen: readonly (readonly [string, number])[]) => {
    const at = nodeOf([]).at;
    const history: LedgerHistory = {
      points: () => [],
      growth: (id) => (id === 101 ? { since: at - 60_000, failcnt: new Map(lately) } : null),
      unseen: (id) => (id === 101 ? { since: at - 8 * 3_600_000, failcnt: new Map(unseen) } : null),
      times: () => new Map(),
      damaged: () => 0,
    };
    const first = withSample(begin(), nodeOf([web, quiet]), history);
    return (first.notices ?? []).map(({ tone, text }) => [tone, text]);
  };

  test('tells what was refused in the minute before, as far as somebody has looked', () => {
    expect(told([['numproc', 201]], [['numproc', 2]])).toEqual([['alarm', '101 web refused 201 forks at numproc 20 in the last 1m']]);
  });

  test('tells what was refused while nobody looked as that, and what is certain last', () => {
    expect(told([], [['numproc', 20]])).toEqual([['warn', '101 web refused 20 forks at numproc in the last 8h, nobody looked']]);
    expect(told([['numproc', 201]], [['numpty', 3]]).map(([tone]) => tone)).toEqual(['warn', 'alarm']);
  });

  test('says nothing where nothing was', () => {
    expect(told([], [])).toEqual([]);
  });
});

describe('a sample', () => {
  test('is cleaned of everything that would do more than draw', () => {
    const row = sampleOf(101, { name: HOSTILE, hostname: HOSTILE, trouble: HOSTILE, ostemplate: HOSTILE, ips: [HOSTILE] });
    const { sample } = looking(begin(), nodeOf([row], { hostname: HOSTILE }));
    const texts = [sample?.hostname, ...sample!.containers.flatMap((ct) => [ct.name, ct.hostname, ct.trouble, ct.ostemplate, ...ct.ips])];
    for (const text of texts) expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(sample?.containers[0]?.name).toContain('evil');
  });

  test('is cleaned in the fields that configs tell, and only where that is needed', () => {
    const fields = { mount_opts: HOSTILE, nameserver: ['10.0.0.1', HOSTILE], onboot: 'yes', 'numproc.b': 5n, laverage: null };
    const tame = sampleOf(102, { fields: { onboot: 'no', nameserver: ['10.0.0.1'] } });
    const { sample } = looking(begin(), nodeOf([sampleOf(101, { fields }), tame]));
    const [first, second] = sample?.containers ?? [];
    expect([first?.fields?.['mount_opts'], first?.fields?.['nameserver']].join()).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
    expect(first?.fields).toMatchObject({ onboot: 'yes', 'numproc.b': 5n, laverage: null });
    expect(second).toBe(tame);
  });

  test('keeps the identity of rows in which nothing changed, clean or cleaned', () => {
    const tame = sampleOf(101);
    const wild = sampleOf(102, { name: HOSTILE });
    const first = looking(begin(), nodeOf([tame, wild]));
    const second = looking(first, nodeOf([tame, wild]));
    expect(second.rows[0]).toBe(tame);
    expect(second.rows[1]).toBe(first.rows[1]);
    expect(second.rows).toBe(first.rows);
  });

  test('keeps the cursor on its container and the filter in force', () => {
    const first = looking(
      { ...begin(), filter: lineInput('a') },
      nodeOf([sampleOf(101, { name: 'a1' }), sampleOf(102, { name: 'b' }), sampleOf(103, { name: 'a3' })]),
    );
    expect(first.rows.map((row) => row.id)).toEqual([101, 103]);
    const moved = { ...first, cursor: { ct: 103, index: 1, top: 0 } };
    const second = looking(moved, nodeOf([sampleOf(100, { name: 'a0' }), sampleOf(101, { name: 'a1' }), sampleOf(103, { name: 'a3' })]));
    expect(second.cursor).toEqual({ ct: 103, index: 2, top: 0 });
  });

  test('warms a row that was refused something, for five ticks', () => {
    const calm = nodeOf([sampleOf(101)]);
    const refused = nodeOf([sampleOf(101, { numproc: { held: 60, limit: 60, failcnt: 38 } })]);
    let state = looking(begin(), calm, refused);
    expect(state.heat.get(101)).toMatchObject({ delta: 38, ticks: 5 });
    state = looking(state, refused);
    expect(state.heat.get(101)).toMatchObject({ delta: 0, ticks: 4 });
    state = looking(state, refused, refused, refused, refused);
    expect(state.heat.has(101)).toBe(false);
  });

  test('does not take the counters of a first look for something new', () => {
    const state = looking(begin(), nodeOf([sampleOf(101, { numproc: { held: 1, limit: 2, failcnt: 400 } })]));
    expect(state.heat.size).toBe(0);
    expect(state.notices).toEqual([]);
  });

  test('remembers CPU use for the last ticks only', () => {
    let state = begin();
    for (let i = 0; i < 300; i++) state = looking(state, nodeOf([sampleOf(101, { cpu: i })], { cpu: i % 100 }));
    expect(state.cpuHistory.length).toBe(120);
    expect(state.ctHistory.get(101)?.at(-1)).toBe(299);
    expect(state.ctHistory.get(101)?.length).toBe(120);
  });
});

describe('events between two samples', () => {
  const said = (before: ReturnType<typeof sampleOf>[], now: ReturnType<typeof sampleOf>[], tasks: readonly Task[] = []): string[] =>
    noticesBetween(nodeOf(before), nodeOf(now), tasks).map((notice) => notice.text);

  test('tell what nobody here did', () => {
    expect(said([sampleOf(101, { name: 'web' })], [stoppedOf(101, { name: 'web', trouble: 'Init exited with 127' })])).toEqual([
      '101 web has failed: Init exited with 127',
    ]);
    expect(said([sampleOf(101)], [stoppedOf(101)])).toEqual(['101 is stopped now, was running']);
    expect(said([], [sampleOf(101)])).toEqual(['101 is new']);
    expect(said([sampleOf(101)], [])).toEqual(['101 is gone']);
    expect(said([sampleOf(101)], [sampleOf(101, { init: { pid: 7, startTime: 9n } })])).toEqual(['101 has started anew']);
    expect(said([sampleOf(101)], [sampleOf(101, { unattended: true })])[0]).toMatch(/^101 lost its keeper/);
  });

  test('count refusals', () => {
    const full = sampleOf(101, { numproc: { held: 60, limit: 60, failcnt: 38 }, memory: { held: 4096, limit: 4096, failcnt: 1 } });
    expect(said([sampleOf(101)], [full])).toEqual([
      '101 refused 38 forks at numproc 60 in the last second',
      '101 refused 1 charge of memory at physpages 4.00K in the last second',
    ]);
  });

  test('that go on are one line that counts, and what else happens comes after it', () => {
    const refused = (failcnt: number, at: number) =>
      nodeOf([sampleOf(104, { numproc: { held: 24, limit: 24, failcnt } }), at > 3000 ? stoppedOf(101) : sampleOf(101)], { at });
    const ticks = [0, 1, 2, 3, 4, 5].map((n) => refused(10 + n, 1000 * n));
    const state = looking(begin(), ...ticks);
    expect(state.notices.map(({ at, text }) => [at, text])).toEqual([
      [1000, '104 refused 5 forks at numproc 24 in the last 4s'],
      [4000, '101 is stopped now, was running'],
    ]);
    const later = looking(state, refused(15, 60_000), refused(17, 66_000));
    expect(later.notices.at(-1)?.text).toBe('104 refused 2 forks at numproc 24 in the last second');
  });

  test('keep quiet about containers that a task has worked on since', () => {
    const task = { ct: 101, state: 'done', endedAt: nodeOf([]).at + 1 } as unknown as Task;
    expect(said([sampleOf(101)], [stoppedOf(101)], [task])).toEqual([]);
    expect(said([sampleOf(101)], [stoppedOf(101)], [{ ...task, endedAt: 5 }])).toEqual(['101 is stopped now, was running']);
  });
});
