// Somebody who types at random, for hours: nothing throws, nothing is stuck, no cell of the screen is wrong, and what is looked at read-only
// stays as it is. Each run can be had again: its seed is in the name of its test, and VZDECK_SEED=N takes the place of the fresh one.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VzError } from '../../../src/engine/errors.ts';
import { freshSeed, type Random } from '../../tui/screen/random.ts';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { changes, proofOf } from './node-proof.ts';
import { RobotInside } from './robot-inside.ts';
import { RobotOutside } from './robot-outside.ts';

const suite = requires('root', 'launcher', 'busybox');

/** Keys, pastes, mouse events and sizes of all tests here together. */
const INPUTS = Number(process.env['VZDECK_ROBOT'] ?? 50_000);
const part = (share: number): number => Math.ceil(INPUTS * share);
/** They have found something once. */
const KEPT = [1, 289745702];
const ROUNDS = 5;
/** Emulated machines need longer for everything. */
const LIMIT = 300_000;

suite('a robot', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { NAME: 'web', NUMPROC: '60' });
    await lab.born(102, { NAME: 'db' });
    await lab.engine.create(103, { ostemplate: 'busybox', values: { NAME: 'old' } });
    await lab.born(104, { NAME: 'ice' });
    await lab.engine.freeze(104);
  });
  afterAll(() => lab.down());

  test.each([1, freshSeed()])(
    'that may only look changes nothing, seed %i',
    async (seed) => {
      const robot = new RobotInside(seed, lab, true);
      const before = proofOf(lab);
      await robot.does(async () => {
        await robot.storm(part(0.16));
        await robot.finishes();
      });
      expect(changes(before, proofOf(lab))).toEqual([]);
    },
    LIMIT,
  );

  test.each([freshSeed()])(
    'that has ended its rights by Ctrl-R changes nothing, nor what it has open in panes, seed %i',
    async (seed) => {
      // It leaves the manager sooner or later, and its panes with it.
      for (let round = 0; round < ROUNDS; round++) {
        const robot = new RobotInside(seed + round, lab, false);
        await robot.does(async () => {
          for (const id of [101, 102]) await robot.enters(id, `exec cat > /typed-${round}\r`);
          for (const id of [101, 102]) await until(() => existsSync(`${lab.root}/vz/private/${id}/typed-${round}`));
          await robot.looksOnly();
          const before = proofOf(lab);
          await robot.storm(part(0.1 / ROUNDS));
          await robot.finishes();
          expect(changes(before, proofOf(lab))).toEqual([]);
        });
      }
    },
    LIMIT,
  );

  test.each([freshSeed()])(
    'at the program in a terminal, which may only look, seed %i',
    async (seed) => {
      const before = proofOf(lab);
      const robot = new RobotOutside(seed, lab, true);
      await robot.does(async () => {
        await robot.storm(part(0.08));
        await robot.finishes(102);
      });
      expect(changes(before, proofOf(lab))).toEqual([]);
    },
    LIMIT,
  );

  /** As other people on the node do. */
  async function others({ chance, below, pick }: Random): Promise<void> {
    if (!chance(0.03)) return;
    const list = lab.engine.list();
    try {
      if (list.length < 4) await lab.born(101 + below(20));
      else if (list.length > 12) {
        const { id } = pick(list);
        await lab.engine.stop(id, { fast: true });
        await lab.engine.destroy(id);
      } else await lab.engine.start(pick(list).id);
    } catch (error) {
      // Somebody is at it already, or it is there already.
      if (!(error instanceof VzError)) throw error;
    }
  }

  test.each([...KEPT, freshSeed()])(
    'with all rights, seed %i',
    async (seed) => {
      const robot = new RobotInside(seed, lab, false);
      await robot.does(async () => {
        await robot.storm(part(0.14), others);
        await robot.finishes();
        await robot.mayAll();
        await robot.closesPanes();
        await lab.born(199);
        await robot.enters(199);
      });
      await lab.engine.stop(199, { fast: true });
      await lab.engine.destroy(199);
      // It has really done something, if it had the time to.
      expect(robot.tasks).toBeGreaterThan(part(0.14) / 700 - 1);
    },
    LIMIT,
  );

  test.each([freshSeed()])(
    'at the program in a terminal, with all rights, seed %i',
    async (seed) => {
      const robot = new RobotOutside(seed, lab, false);
      await robot.does(async () => {
        await robot.storm(part(0.08));
        await lab.born(198);
        await robot.finishes(198);
      });
    },
    LIMIT,
  );
});
