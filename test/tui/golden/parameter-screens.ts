// The form of a container's parameters in its faces: the list, a value that is changed, what saving would do, samples.
import { expect } from 'vitest';
import { VzError } from '../../../src/engine/index.ts';
import type { ManagerRig } from '../manager-rig.tsx';
import { sceneEngine } from './scene.ts';
import { shows, toTab, type Way, way } from './way.ts';

/** Narrowed, so that another parameter of the table changes no screen of these. */
async function found(rig: ManagerRig, words: string): Promise<void> {
  await toTab(rig, 'parameters', 'NUMPROC');
  rig.press('/');
  rig.type(words);
  rig.press('enter');
}

/** The cursor is on the first parameter that was found. */
const at = (words: string, ...pressed: readonly string[]): Way =>
  way(async (rig) => {
    await found(rig, words);
    rig.press(...pressed);
  });

/** A changed value, as far as it has been found out what saving it would do. */
async function changed(rig: ManagerRig, value: string): Promise<void> {
  await found(rig, 'numproc');
  rig.press('enter', 'ctrl-u', ...value, 'enter', 'w');
  await expect.poll(() => rig.state.review?.lines).not.toBeNull();
}

const refused = (): ReturnType<typeof sceneEngine> => {
  const engine = sceneEngine();
  engine.fail('plan set', new VzError('memory-in-use', { ct: 101, limit: 1024 ** 2 }));
  return engine;
};

const takenAddress = (): ReturnType<typeof sceneEngine> => {
  const engine = sceneEngine();
  engine.taken.set('10.0.0.9', new VzError('address-conflict', { address: '10.0.0.9', why: 'belongs to container 104' }));
  return engine;
};

/** A list in which this is typed, when it is known whether somebody else has it. */
const asked = (words: string, typed: readonly string[], engine = sceneEngine): Way =>
  way(async (rig) => {
    await found(rig, words);
    rig.press('enter', ...typed);
    await expect.poll(() => rig.state.overlay).toMatchObject({ kind: 'items', form: { conflict: { text: expect.any(String) } } });
  }, engine);

export const PARAMETER_SCREENS: Readonly<Record<string, Way>> = {
  parameters: at('beancounters num'),
  'parameters-folded': at('beancounters num', 'up', 'space'),
  'parameters-no-match': way((rig) => found(rig, 'nowhere')),
  'parameters-read-only': { ...at('numproc', 'enter', 'enter'), readOnly: true },
  'parameters-changed': at('numproc', 'enter', '*', 'enter'),
  parameter: at('numproc', 'enter', 'down'),
  'parameter-wrong': at('numproc', 'enter', 'ctrl-u', ...'12x'),
  'parameter-below-use': at('numproc', 'enter', 'ctrl-u', ...'30'),
  'parameter-sides': at('numproc', 'enter', 'tab', '*', '+'),
  'parameter-text': at('hostname', 'enter', ...'.'),
  items: asked('vzdeck_forward', [...'8080', 'down', ...'80', 'enter', 'a', 'up', 'space', 'down', ...'53', 'down', ...'5353', 'enter']),
  'item-wrong': at('ip_address', 'enter', ...'10.0.0'),
  'item-taken': asked('ip_address', [...'10.0.0.9'], takenAddress),
  'item-device': asked('netif', [...'eth1', 'down', ...'br0']),
  changes: way((rig) => changed(rig, '400')),
  'changes-refused': way((rig) => changed(rig, '90'), refused),
  'changes-marked': way(async (rig) => {
    rig.press('A');
    await changed(rig, '400');
    rig.press('A');
  }),
  'changes-result': way(async (rig) => {
    rig.press('A');
    await changed(rig, '400');
    rig.press('A', 'y');
    await rig.manager.tasks.settled();
    await expect.poll(() => rig.state.bulk?.endedAt).not.toBeNull();
  }),
  'changes-undo': way(async (rig) => {
    await changed(rig, '400');
    rig.press('enter');
    await rig.manager.tasks.settled();
    await expect.poll(() => rig.state.saved).not.toBeNull();
    rig.press('ctrl-u');
  }),
  samples: at('beancounters num', 'c'),
  'sample-compared': way(async (rig) => {
    await toTab(rig, 'parameters', 'NUMPROC');
    rig.press('c', 'down', 'enter', 'down');
    await shows(rig, 'SAMPLE');
  }),
  'sample-name': at('beancounters num', 'S'),
};
