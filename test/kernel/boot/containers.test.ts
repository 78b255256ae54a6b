// The node goes down with containers on it, once by its own shutdown and once by a power cut: what they were is there afterwards, what was
// only in the kernel is forgotten without a trace, and they start as if nothing had been. One part per boot.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

/** The same in all boots. */
const ROOT = '/var/tmp/vzdeck-reboot';
const BOOT = Number(process.env['VZDECK_BOOT'] ?? 0);
const LAST = 3;

/** What belongs to another boot is not there at all. */
const inBoot = (now: boolean): ((title: string, body: () => void) => void) => (now ? describe : () => {});

const suite = requires('root', 'launcher', 'boots');

/** What people see of each container. */
const picture = (lab: Lab): readonly unknown[] =>
  lab.engine.list().map(({ id, name, state, layout, unattended, trouble, restartAt }) => ({
    id,
    name,
    state,
    layout,
    unattended,
    trouble,
    restartAt,
  }));
const AT_REST = { unattended: false, trouble: '', restartAt: null };

suite(`boot ${BOOT} of the node`, () => {
  let lab: Lab;
  beforeAll(() => {
    mkdirSync(ROOT, { recursive: true });
    lab = openLab(ROOT);
  });
  afterAll(() => (BOOT < LAST ? lab.engine.close() : lab.down()));

  inBoot(BOOT === 1)('before it ever went down', () => {
    test('containers are made in every state', async () => {
      await lab.born(101, { NAME: 'web' });
      lab.engine.bootstrap();
      for (const id of [102, 103, 104]) await lab.engine.create(id, { ostemplate: 'busybox', layout: 'overlay', values: {} }, lab.run);
      await lab.engine.start(102, {}, lab.run);
      await lab.engine.mount(103, lab.run);
      expect(lab.engine.list().map(({ state }) => state)).toEqual(['running', 'running', 'mounted', 'stopped']);
    });
  });

  inBoot(BOOT > 1)('after it went down', () => {
    test('all are stopped, and nothing is said to be wrong with them', () => {
      expect(picture(lab)).toEqual([
        { id: 101, name: 'web', state: 'stopped', layout: 'simfs', ...AT_REST },
        { id: 102, name: '', state: 'stopped', layout: 'overlay', ...AT_REST },
        { id: 103, name: '', state: 'stopped', layout: 'overlay', ...AT_REST },
        { id: 104, name: '', state: 'stopped', layout: 'overlay', ...AT_REST },
      ]);
      expect(lab.engine.status(101)).toMatchObject({ exists: true, mounted: false });
    });

    test('what they wrote is there, and they start without a word of warning', async () => {
      for (const id of [101, 102]) {
        lab.said();
        await lab.engine.start(id, {}, lab.run);
        expect(lab.said().filter((line) => line.startsWith('!') || /warning/i.test(line))).toEqual([]);
        expect((await lab.inside(id, 'cat /root/written')).out).toBe(`by ${id} in boot ${BOOT - 1}\n`);
      }
      await lab.engine.mount(103, lab.run);
    });
  });

  test('they write something', async () => {
    for (const id of [101, 102]) expect((await lab.inside(id, `echo by ${id} in boot ${BOOT} >/root/written; sync`)).code).toBe(0);
  });

  inBoot(BOOT === LAST)('at the end', () => {
    test('nothing of the boots before has been left anywhere', async () => {
      for (const id of [101, 102]) await lab.engine.stop(id, { fast: true }, lab.run);
      await lab.engine.umount(103, lab.run);
      expect(existsSync('/run/vzdeck-ids') ? readdirSync('/run/vzdeck-ids') : []).toEqual([]);
      expect(readdirSync(join(ROOT, 'var/lib/vz/lock'))).toEqual([]);
    });
  });
});
