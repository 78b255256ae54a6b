// Beancounters in their faces: what is refused just now, narrowed, explained, of a container that does not run.
import { expect } from 'vitest';
import { FakeEngine } from '../fake-engine.ts';
import type { ManagerRig } from '../manager-rig.tsx';
import { BAD_TEMPLATE, sceneEngine } from './scene.ts';
import { keys, shows, type Way, way } from './way.ts';

/** The tab, after some seconds in which forks were refused. */
async function refused(rig: ManagerRig, ...pressed: readonly string[]): Promise<void> {
  rig.press('b');
  await shows(rig, 'numproc');
  for (const more of [0, 12, 0, 38]) {
    rig.engine.refuse(101, 'numproc', more);
    rig.look();
  }
  rig.press(...pressed);
}

/** An engine that lets one question wait. */
function holding(question: string): FakeEngine {
  const engine = sceneEngine();
  engine.hold(question);
  return engine;
}

const after = (...pressed: readonly string[]): Way => way((rig) => refused(rig, ...pressed));

export const UBC_SCREENS: Readonly<Record<string, Way>> = {
  beans: after(),
  'beans-as-in-the-file': after('>'),
  'beans-trouble-only': after('t', 'down'),
  'beans-explained': after('e'),
  'beans-counted': after('/', ...'privv', 'enter', 'e'),
  'beans-no-match': after('/', ...'nowhere'),
  'beans-who': way(async (rig) => {
    await refused(rig, 'w');
    await shows(rig, 'apache2');
  }),
  'beans-who-reading': way(
    (rig) => refused(rig, 'w'),
    () => holding('who'),
  ),
  'beans-who-other-row': way(async (rig) => {
    await refused(rig, 'w');
    await shows(rig, 'apache2');
    rig.press('down');
  }),
  'beans-set': way(async (rig) => {
    await refused(rig, 'e', 's');
    await expect.poll(() => rig.state.overlay?.kind).toBe('parameter');
  }),
  'beans-history': way(async (rig) => {
    const now = rig.state.now;
    const points = Array.from({ length: 400 }, (_, i) => ({
      at: now - 2000 * (400 - i),
      held: Math.round(30 + 30 * Math.sin(i / 30)),
      failcnt: i < 300 ? 0 : 4 * (i - 300),
    }));
    rig.engine.past.set('101 numproc seconds', points);
    await refused(rig, 'h');
    await shows(rig, 'at most');
  }),
  'beans-history-none': way(async (rig) => {
    await refused(rig, 'h', 'h');
    await shows(rig, '24 hours');
  }),
  'beans-reset': after('R'),
  'node-beans': way(async (rig) => {
    rig.press('N');
    for (const more of [0, 12, 38]) {
      rig.engine.refuse(101, 'numproc', more);
      rig.look();
    }
    rig.press('right');
    await shows(rig, 'Beancounters of the node');
  }),
  'node-beans-trouble-only': keys('N', 't', ...Array<string>(14).fill('right')),
  'node-beans-none': way(
    (rig) => rig.press('N'),
    () => new FakeEngine(),
  ),
  why: way(async (rig) => {
    rig.press('W');
    await shows(rig, '412 forks');
  }),
  'why-of-container': way(async (rig) => {
    rig.press('down', 'down', 'enter', 'W');
    await shows(rig, 'takes 98');
  }),
  'why-reading': way(
    (rig) => rig.press('W'),
    () => holding('why'),
  ),
  'why-nothing': way(async (rig) => {
    rig.press('down', 'enter', 'W');
    await shows(rig, 'Nothing wrong');
  }),
  'why-failed': way(
    async (rig) => {
      rig.press('W');
      await expect.poll(() => rig.state.why.trouble).not.toBe('');
    },
    () => {
      const engine = sceneEngine();
      engine.fail('why', BAD_TEMPLATE);
      return engine;
    },
  ),
  'beans-stopped': keys('down', 'down', 'down', 'down', 'b'),
};
