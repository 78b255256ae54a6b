// Plans of several verbs in one go: each begins where the one before it would have ended, and nothing of it happens.
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VzError } from '../../src/engine/errors.ts';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('a plan', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = openLab();
  });
  afterAll(() => lab.down());

  test.each(['simfs', 'overlay'] as const)('of create and start (%s) tells both in an empty prefix, which stays empty', async (layout) => {
    const lines = await lab.engine.plan(async (engine) => {
      await engine.create(101, { ostemplate: 'busybox', layout, values: { HOSTNAME: 'planned' } });
      await engine.start(101);
    });
    const texts = lines.map(({ what, detail }) => `${what} ${detail}`);
    const order = [
      /^file write .*vz\.conf /,
      /^file write .*101\.conf /,
      /^(node|prepare) cloneTree .*private\/101 /,
      /^clone /,
      /^inside exec /,
    ];
    const places = order.map((line) => texts.findIndex((text) => line.test(text)));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(texts).toContainEqual('inside hostname name=planned');
    expect(readdirSync(lab.root)).toEqual([]);
  });

  test('of a start that would be refused is the refusal', async () => {
    const error = await lab.engine
      .plan(async (engine) => {
        await engine.create(102, { ostemplate: 'busybox', values: { DISABLED: 'yes' } });
        await engine.start(102);
      })
      .catch((e: unknown) => e as VzError);
    expect(error).toMatchObject({ code: 'start-disabled' });
    expect(existsSync(`${lab.root}/etc`)).toBe(false);
  });
});
