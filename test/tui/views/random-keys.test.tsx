// Keys, pastes, resizes and a node that changes, at random over an engine in memory: nothing throws, nothing is stuck, and what is looked
// at read-only is never touched. A seed that fails is in the test's name.
import { expect, test } from 'vitest';
import { VzError } from '../../../src/engine/index.ts';
import { modeOf } from '../../../src/tui/keys/mode.ts';
import { ACTION_IDS, KEYS } from '../../../src/tui/keys/table.ts';
import { width } from '../../../src/tui/screen/text.ts';
import { FakeEngine, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig } from '../manager-rig.tsx';
import { FakeLink } from '../panes/fake-link.ts';
import { freshSeed, random } from '../screen/random.ts';

const ALL_KEYS = [...new Set(ACTION_IDS.flatMap((id) => KEYS[id].keys)), ...'abz019-._ ', 'backspace', 'delete', 'ctrl-u', 'ctrl-w'];
/** These leave, or open programs of the node. */
const LEFT_OUT = new Set(['q', 'f10', 'ctrl-c', 'i', 'f4', 'ctrl-z']);
/** What changes containers, from the table. */
const ACTS = ['s', 'x', 'X', 'r', 'D', 'm', 'u', 'z'];
const SIZES = [
  [80, 24],
  [60, 20],
  [200, 50],
  [20, 5],
  [41, 9],
];

const widest = async (rig: ManagerRig): Promise<number> => Math.max(...(await rig.screen()).map(width));

for (const readOnly of [false, true])
  test.each([1, 2, freshSeed()])(`${readOnly ? 'read-only' : 'with all rights'}, seed %i`, async (seed) => {
    const { below, chance, pick } = random(seed);
    const engine = new FakeEngine([sampleOf(101, { name: 'web' }), stoppedOf(102), sampleOf(103, { name: 'db' })]);
    const consoles = [101, 103].map((ct) => {
      engine.logs.set(`${ct} inside`, [{ at: null, level: 3, from: 'app', text: 'too long for a line '.repeat(30) }]);
      const link = new FakeLink();
      engine.consoles.set(ct, link);
      return link;
    });
    const rig = new ManagerRig(engine, { readOnly });
    const keys = ALL_KEYS.filter((key) => !LEFT_OUT.has(key));
    for (let i = 0; i < 1500; i++) {
      // Back to the table now and then: from there everything can be reached.
      if (i % 40 === 0) rig.press('escape', 'escape', 'escape');
      const what = below(200) / 2;
      if (what < 87) rig.press(pick(keys));
      // By chance alone some runs would ask nothing of the engine.
      else if (what < 90) rig.press('escape', 'escape', 'escape', pick(ACTS), 'y');
      else if (what < 93) rig.paste('pasted\ntext \x1b[2J');
      else if (what < 95) rig.resize(...(pick(SIZES) as [number, number]));
      else if (what < 95.5) {
        const link = pick(consoles);
        if (chance(0.7)) link.say('printed \x1b[31m\x1b[2J漢字\r\n');
        else if (chance(0.5)) link.promote(chance(0.5));
        else link.end('The container has ended');
      } else if (what < 96)
        engine.fail(pick(['start', 'stop', 'destroy']), new VzError('init-died', { ct: 1, how: 'exited with 1', lines: 'last' }));
      else {
        const id = 101 + below(6);
        if (chance(0.3)) engine.remove(id);
        else
          engine.put(
            chance(0.5)
              ? sampleOf(id, { numproc: { held: i, limit: i, failcnt: i } })
              : stoppedOf(id, { trouble: pick(['', 'Init exited with 1']) }),
          );
        rig.look();
      }
      // Ctrl-R, or the same by the palette: what comes after it would try nothing any more.
      if (!readOnly) rig.manager.store.setState({ readOnly: false });
      const { state } = rig;
      expect(state.views.length).toBeGreaterThan(0);
      expect(state.rows[state.cursor.index]?.id ?? null).toBe(state.cursor.ct);
      if (modeOf(state) === 'create') expect(state.form).not.toBeNull();
      if (i % 25 === 0) await expect.poll(async () => (await widest(rig)) <= rig.state.size.columns).toBe(true);
    }
    rig.press('escape', 'escape', 'escape', 'escape', 'escape', 'escape');
    await rig.manager.tasks.settled();
    expect(rig.state.overlay).toBeNull();
    expect(rig.state.views.map((view) => view.name)).toEqual(['table']);
    if (readOnly) expect(engine.calls.filter((call) => !call.startsWith('check '))).toEqual([]);
    else expect(engine.calls.length).toBeGreaterThan(0);
    rig.close();
  });
