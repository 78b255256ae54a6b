// The frame of live parts: everything is checked before anything is done, and a refusal at any place leaves nothing behind.
import { describe, expect, test } from 'vitest';
import { applyLive, planLive } from '../../../src/engine/ct/live/apply.ts';
import type { LivePart, LiveStep, LiveTarget } from '../../../src/engine/ct/live/part.ts';
import { REFUSALS } from '../../../src/engine/ct/live/refusals.ts';
import { VzError } from '../../../src/engine/errors.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];

interface World {
  readonly steps: readonly LiveStep[];
  readonly done: string[];
  readonly undone: string[];
}

/** Five steps of which some refuse to be applied, or to be undone. */
function world(refused: readonly string[] = [], stuck: readonly string[] = []): World {
  const [done, undone]: [string[], string[]] = [[], []];
  const steps = NAMES.map(
    (name): LiveStep => ({
      keys: [name.toUpperCase()],
      what: `${name} 1`,
      lines: [`${name} is set`],
      async apply() {
        if (refused.includes(name)) throw new VzError('launch-failed', { errno: 'EBUSY', path: `/${name}` });
        done.push(name);
      },
      async undo() {
        if (stuck.includes(name)) throw new VzError('launch-failed', { errno: 'EIO', path: `/${name}` });
        done.splice(done.lastIndexOf(name), 1);
        undone.push(name);
      },
    }),
  );
  return { steps, done, undone };
}

describe('all or nothing', () => {
  test('all: in order, and their lines after the last one', async () => {
    const { steps, done } = world();
    expect(await applyLive(steps)).toEqual(NAMES.map((name) => `${name} is set`));
    expect(done).toEqual(NAMES);
  });

  test.each(NAMES)('nothing: a refusal of %s takes back what was before it, last first', async (name) => {
    const { steps, done, undone } = world([name]);
    const at = NAMES.indexOf(name);
    const error = await applyLive(steps).catch((thrown: unknown) => thrown);
    expect(done).toEqual([]);
    expect(undone).toEqual(NAMES.slice(0, at).reverse());
    expect(error).toBeInstanceOf(VzError);
    const text = (error as Error).message;
    expect(text).toContain(`Unable to set ${name} 1: Device or resource busy (/${name})`);
    for (const [i, other] of NAMES.entries()) {
      if (i === at) continue;
      expect(text.slice(text.indexOf(';'))).toContain(`${other} 1`);
    }
    expect(text.includes('taken back')).toBe(at > 0);
    expect(text.includes('not tried')).toBe(at < NAMES.length - 1);
  });

  test('what cannot be taken back is named, with why, and the others are taken back all the same', async () => {
    const { steps, done } = world(['d'], ['b']);
    const error = await applyLive(steps.filter((s) => s.what !== 'c 1')).catch((thrown: Error) => thrown);
    expect((error as Error).message).toMatch(
      /a 1 was taken back; b 1 \(Input\/output error \(\/b\)\) could not be taken back; e 1 was not tried$/,
    );
    expect(done).toEqual(['b']);
  });

  test('a refusal keeps the exit status of what refused', async () => {
    const { steps } = world();
    const refusing: LiveStep = {
      keys: ['X'],
      what: 'x',
      apply: () => Promise.reject(new VzError('frozen', { ct: 1 })),
      undo: async () => {},
    };
    await expect(applyLive([...steps, refusing])).rejects.toMatchObject({ code: 'not-applied', exit: 31 });
    await expect(applyLive([world(['a']).steps[0]!])).rejects.toMatchObject({ exit: 1 });
  });

  test('who cancels between two of them has none', async () => {
    const { steps, done } = world();
    let asked = 0;
    const cancelled = (): void => {
      if (++asked === 3) throw new VzError('cancelled', { what: 'Set' });
    };
    await expect(applyLive(steps, cancelled)).rejects.toThrow('Set was cancelled');
    expect(done).toEqual([]);
  });
});

describe('what is planned', () => {
  const target = {
    config: {
      values: new Map([
        ['A', '1'],
        ['B', '1'],
      ]),
    },
  } as unknown as LiveTarget;
  const part = (key: string, plan: LivePart['plan'], held: string): LivePart => ({ keys: [key], plan, read: () => new Map([[key, held]]) });

  test('sees what the kernel has before what the file says, and the call before both', async () => {
    const seen: unknown[] = [];
    const plan: LivePart['plan'] = ({ before, after }) => {
      seen.push([...before.entries()], [...after.entries()]);
      return [];
    };
    await planLive(target, new Map([['A', '3']]), [part('A', plan, '2'), part('B', plan, '9')]);
    expect(seen).toEqual([
      [
        ['A', '2'],
        ['B', '1'],
      ],
      [
        ['A', '3'],
        ['B', '1'],
      ],
    ]);
  });

  test('a value that cannot be is refused before any part is asked to do anything', async () => {
    const refuse: LivePart['plan'] = () => {
      throw new VzError('bad-value', { key: 'B', value: 'x', hint: 'less' });
    };
    const applied: string[] = [];
    const step: LiveStep = { keys: ['A'], what: 'a', apply: async () => void applied.push('a'), undo: async () => {} };
    const changed = new Map([
      ['A', '3'],
      ['B', 'x'],
    ]);
    await expect(planLive(target, changed, [part('A', () => [step], '1'), part('B', refuse, '1')])).rejects.toThrow('Bad parameter for B');
    expect(applied).toEqual([]);
  });
});

describe('promised memory where programs refuse it', () => {
  /** What the programs are told, in pages, when `changed` comes to a config that runs with `held` pages at most. */
  async function toldBy(own: Readonly<Record<string, string>>, held: number, changed: Readonly<Record<string, string>>): Promise<unknown> {
    const told: unknown[] = [];
    const config = { id: 101, values: new Map(Object.entries(own)) };
    const refusals = {
      held: () => ({ privvmpages: held }),
      change: async (_id: number, { privvmpages }: { privvmpages?: number }) => void told.push(privvmpages),
    };
    const target = { config, context: { refusals, node: { around: {} } } } as unknown as LiveTarget;
    await applyLive(await planLive(target, new Map(Object.entries(changed)), [REFUSALS]));
    return told[0];
  }
  const FILE = { PHYSPAGES: '0:1000', SWAPPAGES: '0', VM_OVERCOMMIT: '1.5' };

  test.each([
    ['follows RAM', FILE, 1500, { PHYSPAGES: '0:2000' }, 3000],
    ['follows it again after a change that was not saved', FILE, 3000, { PHYSPAGES: '0:1200' }, 1800],
    ['follows the factor', FILE, 1500, { VM_OVERCOMMIT: '2' }, 2000],
    ['stays where the file says it', { ...FILE, PRIVVMPAGES: '700' }, 700, { PHYSPAGES: '0:2000' }, undefined],
    ['is what the call says', FILE, 1500, { PHYSPAGES: '0:2000', PRIVVMPAGES: '900' }, 900],
  ])('%s', async (_what, own, held, changed, wanted) => {
    expect(await toldBy(own, held, changed)).toBe(wanted);
  });
});
