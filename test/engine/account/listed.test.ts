// What the fields of vzlist tell of a container that has lived before.
import { expect, test } from 'vitest';
import { listedFields, ofAllLives, wantedFields } from '../../../src/engine/account/listed.ts';
import { beanOf } from '../../tui/fake-engine.ts';

const ENTRY = {
  id: 101,
  name: '',
  values: new Map<string, string>(),
  layout: 'simfs',
  private: '',
  root: '',
  state: 'running',
  init: {},
  uptime: 5,
} as const;

const lived = (name: string, failcnt: number, maxheld: number, other = {}) => ({
  ...beanOf(name, { failcnt, maxheld, ...other }),
  everheld: 90,
  lifeFailcnt: 1,
});

test('refusals are those of all lives, the highest value that of the present one, and what nobody ever counted stays nothing', () => {
  const rows = { numproc: { held: 7, maxheld: 9, failcnt: 1 }, kmemsize: { held: 5, maxheld: 5 }, numfile: { held: 3 } };
  const known = [
    lived('numproc', 412, 9),
    lived('kmemsize', 0, 5, { failSource: 'none' }),
    lived('numfile', 4, 3, { failSource: 'none' }),
    lived('numpty', 8, 8),
  ];
  const wanted = wantedFields(['numproc', 'numproc.m', 'numproc.f', 'kmemsize.f', 'numfile.f']);
  expect(listedFields(ENTRY, ofAllLives(rows, { rows: known }), wanted)).toEqual({
    numproc: 7,
    'numproc.m': 9,
    'numproc.f': 412,
    'kmemsize.f': null,
    'numfile.f': 4,
  });
});
