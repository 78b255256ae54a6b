// Who holds a container to a beancounter: the parameter table and the account speak from one table, and every way is one that is tried.
import { expect, test } from 'vitest';
import { LIMIT_PROBES } from '../../src/engine/host/probe/limit-probes.ts';
import { PARAMS } from '../../src/engine/spec/params/table.ts';
import { HOLDS, heldBy, type Mechanism } from '../../src/engine/spec/ubc-holds.ts';
import { ACCOUNT_ROWS } from '../../src/engine/spec/ubc-rows.ts';

const every = new Set(Object.values(HOLDS).flatMap(({ ways }) => ways.map(({ by }) => by)));
const param = (name: string) => PARAMS.find(({ key }) => key === name.toUpperCase());

test.each(ACCOUNT_ROWS)('%s: held by somebody where the table of parameters says so, and only there', (name) => {
  const hold = HOLDS[name];
  expect(hold).toBeDefined();
  expect(hold?.enforcer.by === 'nobody').toBe(hold?.ways.length === 0);
  expect(param(name)?.enforcer.by).toBe(hold?.enforcer.by);
  expect(heldBy(name, every).enforced === 'accounting-only').toBe(hold?.ways.length === 0);
});

test.each(ACCOUNT_ROWS)('%s: says why it is not the kernel alone, in a clause that ends without a stop', (name) => {
  for (const has of [every, new Set<Mechanism>(), null]) {
    const { enforced, reason } = heldBy(name, has);
    if (enforced === 'kernel') expect(reason).toBe('');
    else expect(reason).toMatch(/^[a-zA-Z].*[^.]$/);
  }
});

test('every mechanism of the kernel is tried by running into it', () => {
  const tried: ReadonlySet<string> = new Set(LIMIT_PROBES.map(({ name }) => name));
  for (const mechanism of every) if (!mechanism.startsWith('bpf-')) expect(tried).toContain(mechanism);
});
