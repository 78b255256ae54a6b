// Beancounters in their faces: what is refused just now, narrowed, explained, of a container that does not run.
import type { ManagerRig } from '../manager-rig.tsx';
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

const after = (...pressed: readonly string[]): Way => way((rig) => refused(rig, ...pressed));

export const UBC_SCREENS: Readonly<Record<string, Way>> = {
  beans: after(),
  'beans-as-in-the-file': after('>'),
  'beans-trouble-only': after('t', 'down'),
  'beans-explained': after('e'),
  'beans-counted': after('/', ...'privv', 'enter', 'e'),
  'beans-no-match': after('/', ...'nowhere'),
  'beans-stopped': keys('down', 'down', 'down', 'down', 'b'),
};
