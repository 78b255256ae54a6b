// The sums of traffic against a model: links that come and go, looks that are told twice, late, or after a clock was set back.
import { expect, test } from 'vitest';
import {
  beginOf,
  counted,
  emptyTraffic,
  KEPT,
  type LinkTraffic,
  mayBeEarlier,
  OTHER_LINKS,
  type TrafficAccount,
  trafficSum,
} from '../../../src/engine/spec/traffic.ts';

const NOON = new Date(2026, 10, 22, 12).getTime();
const DAY = 86_400_000;
const link = (life: string, up: number, down = 0, name = 'venet0'): LinkTraffic => ({
  name,
  life,
  up,
  down,
  upPackets: up / 10,
  downPackets: 0,
});
const look = (account: TrafficAccount, at: number, ...found: LinkTraffic[]): TrafficAccount => counted(account, at, found);
const sumOf = (account: TrafficAccount): number => trafficSum(account.total).up;

test('what a link has carried is counted once, however often it is told', () => {
  const first = look(emptyTraffic(NOON), NOON, link('a', 100, 40));
  const twice = look(first, NOON + 1, link('a', 100, 40));
  expect(twice).toBe(first);
  const more = look(twice, NOON + 2, link('a', 150, 40));
  expect(more.total).toEqual({ venet0: { up: 150, down: 40, upPackets: 15, downPackets: 0 } });
  // a look that was slow: somebody has written since
  expect(sumOf(look(more, NOON + 3, link('a', 120, 40)))).toBe(150);
});

test('another link begins at 0, also where it has carried more than the one before', () => {
  const first = look(emptyTraffic(NOON), NOON, link('a', 100));
  expect(sumOf(look(first, NOON, link('b', 30)))).toBe(130);
  expect(sumOf(look(first, NOON, link('b', 300)))).toBe(400);
  expect(sumOf(look(look(first, NOON), NOON, link('a', 110)))).toBe(110);
});

test('where nobody tells which link it is, a count that is smaller is that of another one', () => {
  const first = look(emptyTraffic(NOON), NOON, link('a', 100));
  const unknown = look(first, NOON, link('', 110));
  expect(sumOf(unknown)).toBe(110);
  expect(sumOf(look(unknown, NOON, link('a', 115)))).toBe(115);
  expect(sumOf(look(unknown, NOON, link('', 20)))).toBe(130);
});

test('days and months are those of the node’s clock, and one that nobody saw begin says so', () => {
  const first = look(emptyTraffic(NOON), NOON + 1, link('a', 100));
  const next = look(first, NOON + DAY, link('a', 160));
  expect(next.days.map(({ key, links }) => [key, trafficSum(links).up])).toEqual([
    ['2026-11-22', 100],
    ['2026-11-23', 60],
  ]);
  expect(next.days.map(mayBeEarlier)).toEqual([false, true]);
  expect(next.months.map(({ key, links }) => [key, trafficSum(links).up])).toEqual([['2026-11', 160]]);
  // a look just before midnight
  const kept = look(first, beginOf('2026-11-23') - 30_000, link('a', 120));
  expect(look(kept, NOON + DAY, link('a', 160)).days.map(mayBeEarlier)).toEqual([false, false]);
});

test('a clock that was set back adds to the day that it tells', () => {
  const first = look(look(emptyTraffic(NOON), NOON, link('a', 100)), NOON + DAY, link('a', 110));
  const back = look(first, NOON + 1, link('a', 130));
  expect(back.days.map(({ key, links }) => [key, trafficSum(links).up])).toEqual([
    ['2026-11-22', 120],
    ['2026-11-23', 10],
  ]);
});

test('what is kept is bounded, and the sum is not cut with it', () => {
  let account = emptyTraffic(NOON);
  for (let i = 1; i <= 400; i++) account = look(account, NOON + i * DAY, link('a', i * 10));
  expect([account.days.length, account.months.length, sumOf(account)]).toEqual([KEPT.days, 14, 4000]);
  for (let i = 0; i < 100; i++) account = look(account, NOON + 401 * DAY, link(`x${i}`, 10, 0, `eth${i}`));
  expect(Object.keys(account.total)).toContain(OTHER_LINKS);
  expect([Object.keys(account.total).length < 12, Object.keys(account.seen).length <= 16, sumOf(account)]).toEqual([true, true, 5000]);
});

test('an account that went through a file is the same', () => {
  const account = look(emptyTraffic(NOON), NOON, link('a', 100));
  expect(look(JSON.parse(JSON.stringify(account)), NOON, link('a', 100))).toEqual(account);
});
