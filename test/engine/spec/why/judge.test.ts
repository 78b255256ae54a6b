// The rules against situations that were recorded when they really happened (test/kernel/why provokes them), and against changes of these.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { whyLines } from '../../../../src/cli/commands/why.ts';
import type { CtEvidence, Evidence } from '../../../../src/engine/spec/why/evidence.ts';
import { answerOf, judge, RULES } from '../../../../src/engine/spec/why/judge.ts';
import { SEVERITIES, type Sentence } from '../../../../src/engine/spec/why/sentence.ts';

const DIR = new URL('situations/', import.meta.url).pathname;
const NAMES = readdirSync(DIR).flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []));
const read = (name: string): Evidence => JSON.parse(readFileSync(`${DIR}${name}.json`, 'utf8'));

/** The same situation with something else in one container. */
function changed(name: string, id: number, change: (ct: CtEvidence) => Partial<CtEvidence>): Evidence {
  const evidence = read(name);
  return { ...evidence, containers: evidence.containers.map((ct) => (ct.id === id ? { ...ct, ...change(ct) } : ct)) };
}
const said = (evidence: Evidence, rule: string): Sentence | undefined => judge(evidence).find((one) => one.rule === rule);

describe('recorded situations', () => {
  test.each(NAMES)('%s is told as a person would read it', async (name) => {
    const lines = whyLines(answerOf(read(name)), 100);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`situations/${name}.txt`);
  });

  test.each([
    ['fork-storm', 'refused', 101],
    ['terminals', 'full', 101],
    ['shared-memory', 'full', 101],
    ['socket-leak', 'close-wait', 101],
    ['ended-children', 'zombies', 101],
    ['memory-leak', 'leak', 101],
    ['oom-loop', 'oom', 101],
    ['full-disk', 'disk-full', 101],
    ['spin', 'spin', 101],
    ['held-back', 'held-back', 101],
    ['storm-of-writes', 'disk-storm', 101],
    ['noisy-neighbour', 'noisy-neighbour', 101],
    ['frozen', 'frozen', 102],
    ['dead-init', 'ended-badly', 102],
  ])('%s: the worst of all containers is %s', (name, rule, id) => {
    const found = judge(read(name)).filter((one) => one.id !== 0);
    expect(found[0]).toMatchObject({ rule, id });
    // nobody else is blamed
    expect(found.filter((one) => one.id !== id)).toEqual([]);
  });

  test.each(NAMES)('%s: every sentence shows what it is told by, and the worse come first', (name) => {
    const found = judge(read(name));
    for (const { evidence, text } of found) {
      expect(evidence.length).toBeGreaterThan(0);
      expect(evidence.every((line) => line !== '')).toBe(true);
      expect(text).not.toMatch(/undefined|null|NaN|Infinity|\.$/);
    }
    const ranks = found.map(({ severity }) => SEVERITIES.indexOf(severity));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  });
});

describe('the rules', () => {
  test('have a name of their own each, and say in words when they speak', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    for (const { when, looksAt } of RULES) expect([/^[A-Z0-9].*\.$/.test(when), looksAt !== '']).toEqual([true, true]);
  });

  test('name no culprit that nobody has seen, and no limit that nobody has lowered', () => {
    const alone = changed('fork-storm', 101, () => ({ who: {}, changes: [] }));
    const text = said(alone, 'refused')?.text ?? '';
    expect(text).toMatch(/^refused \d+ forks in the last [\d.]+ s at numproc 60$/);
    expect(said(alone, 'refused')?.remedy).toBe('vzctl set 101 --numproc 90 --save');
  });

  test('say of signals who lets them wait, not how many: the kernel tells kinds of a process', () => {
    const queued = changed('terminals', 101, ({ rows, who }) => ({
      rows: rows.map((row) => (row.name === 'numpty' ? { ...row, name: 'numsiginfo' } : row)),
      who: { numsiginfo: who['numpty'] ?? [] },
    }));
    expect(said(queued, 'full')?.text).toMatch(/^numsiginfo is full, \d+ of \d+: the next signal is refused; \S+ lets them wait$/);
  });

  test('say of locked memory whom its limit binds: each process alone, so that all together may hold more', () => {
    const locked = changed('terminals', 101, ({ rows, who }) => ({
      rows: rows.map((row) => (row.name === 'numpty' ? { ...row, name: 'lockedpages', unit: 'pages', held: 64, limit: 64 } : row)),
      who: { lockedpages: who['numpty'] ?? [] },
    }));
    expect(said(locked, 'full')?.text).toMatch(
      /^lockedpages is full, 256 KiB of 256 KiB: a process that holds as much alone can lock no more; ptys holds /,
    );
  });

  test('tell of refusals that nobody has seen happen, unless somebody would have', () => {
    const earlier = (unwatched: number | null, held = 18) =>
      changed('fork-storm', 101, ({ rows }) => ({
        unwatched,
        rows: rows.map((row) => (row.name === 'numproc' ? { ...row, held, refused: 0, minute: null, hour: null, failcnt: 3 } : row)),
      }));
    expect(said(earlier(240), 'refused-unseen')).toMatchObject({ severity: 'warning', remedy: 'vzctl set 101 --numproc 120 --save' });
    expect(said(earlier(240), 'refused-unseen')?.text).toMatch(/^refused 3 forks in the last 4 minutes at numproc 60, nobody looked when/);
    expect(said(earlier(7200), 'refused-unseen')).toMatchObject({ severity: 'note', remedy: '' });
    expect(said(earlier(null), 'refused-unseen')).toBeUndefined();
    expect(said(earlier(240, 60), 'refused-unseen')).toBeUndefined();
    expect(said(earlier(240, 60), 'full')?.text).toContain('numproc is full');
  });

  test('do not call a raise a lowering', () => {
    const raised = changed('fork-storm', 101, ({ changes }) => ({
      changes: changes.map((one) => ({ ...one, before: '30', after: '60' })),
    }));
    expect(said(raised, 'refused')?.text).not.toContain('lowered');
    const lifted = changed('fork-storm', 101, ({ changes }) => ({
      changes: changes.map((one) => ({ ...one, before: '60', after: 'unlimited' })),
    }));
    expect(said(lifted, 'refused')?.text).not.toContain('lowered');
    const bounded = changed('fork-storm', 101, ({ changes }) => ({
      changes: changes.map((one) => ({ ...one, before: 'unlimited', after: '60' })),
    }));
    expect(said(bounded, 'refused')?.text).toContain('lowered from unlimited');
    // no end of it is no advice: what the manager says is
    expect(said(bounded, 'refused')?.remedy).toBe('vzctl set 101 --numproc 90 --save');
  });

  test('do not blame a limit that was raised meanwhile, and advise no more where that was enough', () => {
    const seen = (refused: number, ago: number, held: number) =>
      changed('fork-storm', 101, ({ rows, changes }) => ({
        rows: rows.map((row) => (row.name === 'numproc' ? { ...row, held, refused, minute: 0, hour: 301 } : row)),
        changes: changes.map((one) => ({ ...one, ago, before: '20', after: '60' })),
      }));
    const raised = said(seen(0, 120, 14), 'refused');
    expect(raised?.text).toMatch(
      /^refused 301 forks in the last hour at numproc; the limit was raised from 20 to 60 by `vzctl set` 2 minutes ago/,
    );
    expect(raised?.evidence.join()).toContain('NUMPROC was 20');
    expect(raised?.remedy).toBe('');
    expect(said(seen(0, 120, 60), 'refused')?.remedy).not.toBe('');
    expect(said(seen(0, 7200, 14), 'refused')?.text).toContain('at numproc 60');
    expect(said(seen(9, 120, 14), 'refused')?.text).toContain('at numproc 60');
  });

  test('tell what the history has seen: the last minute as an alarm, the last hour alone as a warning', () => {
    const rows = (minute: number | null, hour: number | null) =>
      changed('fork-storm', 101, (ct) => ({
        rows: ct.rows.map((row) => (row.name === 'numproc' ? { ...row, refused: 0, minute, hour } : row)),
      }));
    expect(said(rows(412, 412), 'refused')).toMatchObject({ severity: 'alarm' });
    expect(said(rows(412, 412), 'refused')?.text).toContain('refused 412 forks in the last minute at numproc 60');
    expect(said(rows(0, 7), 'refused')).toMatchObject({ severity: 'warning' });
    expect(said(rows(0, 7), 'refused')?.text).toContain('refused 7 forks in the last hour');
    expect(said(rows(0, 0), 'refused')).toBeUndefined();
    const then = (refused: number, minute: number, hour: number, first: number, last: number) =>
      said(
        changed('fork-storm', 101, (ct) => ({
          changes: [],
          rows: ct.rows.map((row) => (row.name === 'numproc' ? { ...row, refused, minute, hour, when: { first, last } } : row)),
        })),
        'refused',
      )?.text.replace(/;.*/, '');
    // as close as somebody has looked
    expect(then(0, 0, 7, 2820, 720)).toBe('refused 7 forks between 47 and 12 minutes ago at numproc 60');
    expect(then(0, 0, 7, 725, 715)).toBe('refused 7 forks 12 minutes ago at numproc 60');
    expect(then(0, 0, 7, 700, 90)).toBe('refused 7 forks between 12 minutes and 90 s ago at numproc 60');
    expect(then(0, 38, 1204, 2820, 0)).toBe('refused 38 forks in the last minute (1,204 in the last 47 minutes) at numproc 60');
    expect(then(0, 38, 38, 40, 0)).toBe('refused 38 forks in the last minute at numproc 60');
    expect(then(5, 0, 7, 700, 0)).toMatch(/^refused 5 forks in the last [\d.]+ s \(7 in the last 12 minutes\) at numproc 60$/);
    // full, and nothing refused lately
    expect(said(rows(null, null), 'full')).toMatchObject({ severity: 'warning' });
  });

  test('do not blame a raise for what was refused after it', () => {
    const raisedAfter = (first: number, last: number) =>
      said(
        changed('fork-storm', 101, ({ rows, changes }) => ({
          rows: rows.map((row) =>
            row.name === 'numproc' ? { ...row, held: 14, refused: 0, minute: 0, hour: 301, when: { first, last } } : row,
          ),
          changes: changes.map((one) => ({ ...one, ago: 1200, before: '20', after: '60' })),
        })),
        'refused',
      )?.text;
    expect(raisedAfter(900, 300)).toContain('at numproc 60');
    expect(raisedAfter(1500, 1300)).toContain('the limit was raised from 20 to 60 by `vzctl set` 20 minutes ago');
  });

  test('tell when processes were killed, and when a container ended, as the history and the journal know it', () => {
    const killed = changed('oom-loop', 101, ({ oom, rows }) => ({
      oom: oom && { ...oom, kills: 0 },
      rows: rows.map((row) => (row.name === 'oomguarpages' ? { ...row, hour: 3, when: { first: 1900, last: 600 } } : row)),
    }));
    expect(said(killed, 'oom')?.text).toContain('killed 3 processes for lack of memory between 32 and 10 minutes ago');
    const ended = changed('dead-init', 102, () => ({ endings: [240, 300, 900], ended: 240 }));
    expect(said(ended, 'ended-badly')?.text).toBe('init was ended by signal 9, 4 minutes ago');
    expect(said(ended, 'ended-badly')?.evidence).toContain('journal: it ended by itself 3 times in the last 15 minutes');
  });

  test('answer for one container with its node, and with who keeps it waiting', () => {
    const evidence = read('noisy-neighbour');
    expect(judge({ ...evidence, only: 103 }).map(({ id, rule }) => [id, rule])).toContainEqual([101, 'noisy-neighbour']);
    expect(judge({ ...evidence, only: 103 }).some(({ id, rule }) => id === 101 && rule !== 'noisy-neighbour')).toBe(false);
  });

  test('do not blame a container for what the node itself does', () => {
    const idle = changed('noisy-neighbour', 101, ({ cpu }) => ({ cpu: cpu && { ...cpu, used: 3 } }));
    expect(said(idle, 'noisy-neighbour')).toBeUndefined();
  });

  test('say of a limit that nobody enforces no more than that', () => {
    const open = changed('fork-storm', 101, ({ rows }) => ({
      rows: rows.map((row) => (row.name === 'numproc' ? { ...row, refused: 0, held: 70, enforced: 'accounting-only' as const } : row)),
    }));
    expect(judge(open).filter(({ id }) => id === 101)[0]).toMatchObject({ rule: 'above-limit', severity: 'note', remedy: '' });
  });

  test('tell who was killed before what was refused or is full, and nothing of what nobody is to have', () => {
    const row = {
      unit: 'items',
      before: 0,
      refused: 0,
      minute: null,
      hour: null,
      when: null,
      failcnt: 0,
      source: '',
      failSource: 'none',
    } as const;
    const killed = changed('oom-loop', 101, ({ rows }) => ({
      rows: [
        ...rows,
        { ...row, name: 'numfile', held: 50, maxheld: 50, limit: 50, refused: 9, failcnt: 9, enforced: 'kernel' },
        { ...row, name: 'numpty', held: 5, maxheld: 5, limit: 5, enforced: 'kernel' },
        { ...row, name: 'swappages', unit: 'pages', held: 96, maxheld: 96, limit: 0, enforced: 'kernel' },
      ],
    }));
    const found = judge(killed).flatMap(({ id, rule }) => (id === 101 ? [rule] : []));
    expect(found.filter((rule) => ['oom', 'refused', 'full', 'growing'].includes(rule))).toEqual(['oom', 'refused', 'full']);
  });

  test('survive figures that are not there, and names that are meant to harm', () => {
    for (const name of NAMES) {
      const bare = (ct: CtEvidence): CtEvidence => ({
        ...ct,
        name: '‮\u001b[2Jevil',
        ...{ cpu: null, oom: null, memory: null, io: null, network: null, disk: null, processes: null },
        pressure: { cpu: null, memory: null, io: null },
        who: {},
        rows: [],
        unwatched: null,
        changes: [],
        deeds: [],
      });
      const evidence = read(name);
      const lines = whyLines(answerOf({ ...evidence, seconds: 0, containers: evidence.containers.map(bare) }), 60);
      for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }
  });
});
