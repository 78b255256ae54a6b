// The states × verbs table, whole, as a person reviews it: test/table/states.txt. `vitest -u` writes it anew.
import { expect, test } from 'vitest';
import { ERRORS } from '../../src/engine/errors.ts';
import { classicState, decide, MATRIX, STATES, VERBS, type Verdict } from '../../src/engine/spec/states.ts';

function told(verdict: Verdict): string {
  if ('steps' in verdict) return verdict.steps.join(', ');
  if ('idle' in verdict) return `nothing: ${verdict.idle}`;
  return `refused (${ERRORS[verdict.refuse].exit}): ${verdict.refuse}${verdict.instead ? `; ${verdict.instead}` : ''}`;
}

test('the table is the one that was reviewed', async () => {
  const blocks = VERBS.map(
    (verb) => `${verb}\n${STATES.map((state) => `  ${state.padEnd(10)} ${told(decide(verb, state))}`).join('\n')}\n`,
  );
  await expect(blocks.join('\n')).toMatchFileSnapshot('states.txt');
});

test('every verb has a verdict for every state', () => {
  for (const verb of VERBS) expect(Object.keys(MATRIX[verb]).sort()).toEqual([...STATES].sort());
});

test('nothing changes a container that another verb is working on', () => {
  for (const verb of ['start', 'restart', 'set'] as const) expect(decide(verb, 'stopping')).toHaveProperty('refuse');
});

test('vzlist has four words for eight states', () => {
  expect(new Set(STATES.map(classicState))).toEqual(new Set(['running', 'stopped', 'mounted', 'suspended']));
});
