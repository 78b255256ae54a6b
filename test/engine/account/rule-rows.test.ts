import { expect, test } from 'vitest';
import { countRules, knownRules, RULE_ROWS } from '../../../src/engine/account/rule-rows.ts';
import type { CgroupTopology } from '../../../src/engine/cgroup/face.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import type { RuleCount, RulesAsked } from '../../../src/engine/launcher/launcher.ts';

const ct = (id: number, startTime = 1n) => ({ id, init: { pid: 1000 + id, startTime } });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A launcher that has the same answer for all. */
function asked(answer: RuleCount) {
  const questions: number[][] = [];
  const state = { now: 0, questions, answer };
  const launcher = {
    rules: async (asked: readonly RulesAsked[]) => {
      questions.push(asked.map(({ init }) => init.pid - 1000));
      return asked.map(() => state.answer);
    },
  };
  const host = { launcher, uptime: () => state.now, planning: false } as unknown as Host;
  const open = () => RULE_ROWS.open(host, TOPOLOGY, RULE_ROWS.rows, {} as never, () => null);
  return { state, host, open };
}

const TOPOLOGY = { unified: '/groups', controllers: new Map(), hierarchies: [], top: '/vz' } as unknown as CgroupTopology;

const FOUR: RuleCount = { ok: true, rules: 4, more: false };
const SOURCE = 'rules in its networks';

test('who looks once asks nobody; who looks again is told a look later, and each container is asked for anew after half a minute', async () => {
  const { state, open } = asked(FOUR);
  const source = open();
  expect(source?.look([ct(101)]).size).toBe(0);
  await turn();
  expect(state.questions).toEqual([]);
  expect(source?.look([ct(101)]).size).toBe(0);
  await turn();
  expect(source?.look([ct(101)]).get(101)).toEqual({ numiptent: { held: 4, source: SOURCE } });
  state.now = 10_000;
  source?.look([ct(101), ct(102)]);
  await turn();
  state.now = 29_999;
  source?.look([ct(101), ct(102)]);
  await turn();
  expect(state.questions).toEqual([[101], [102]]);
  state.now = 30_000;
  source?.look([ct(101), ct(102)]);
  source?.look([ct(101), ct(102)]);
  await turn();
  expect(state.questions).toEqual([[101], [102], [101]]);
});

test('what is known is of one start; what is not answered is not known', async () => {
  const { state, host } = asked({ ...FOUR, more: true });
  await countRules(host, TOPOLOGY, [ct(101)]);
  expect(knownRules(host, [ct(101)]).get(101)).toEqual({ numiptent: { held: 4, atLeast: true, source: SOURCE } });
  expect(knownRules(host, [ct(101, 2n)]).size).toBe(0);
  state.answer = { ok: false, errno: 'ESRCH' };
  await countRules(host, TOPOLOGY, [ct(101)]);
  expect(knownRules(host, [ct(101)]).get(101)).toEqual({});
});
