// The screens that are kept as text, and the keys that lead to each. Knows not how they are kept.
import { expect } from 'vitest';
import { VzError } from '../../../src/engine/index.ts';
import type { ManagerRig } from '../manager-rig.tsx';
import { FACE_SCREENS } from './face-screens.ts';
import { NETWORK_SCREENS } from './network-screens.ts';
import { PANE_SCREENS } from './pane-screens.ts';
import { PARAMETER_SCREENS } from './parameter-screens.ts';
import { BAD_TEMPLATE, NO_INIT } from './scene.ts';
import { UBC_SCREENS } from './ubc-screens.ts';
import { keys, shows, tab, toTab, type Way, way } from './way.ts';

const DOWN_TO_105 = ['down', 'down', 'down', 'down'] as const;

async function templates(rig: ManagerRig): Promise<void> {
  rig.press('O');
  await expect.poll(() => rig.state.templateRows?.length).toBe(4);
}

/** Keys that are about the second process of the first container. */
const onProcess = (...pressed: readonly string[]): Way =>
  way(async (rig) => {
    await toTab(rig, 'processes', 'root');
    rig.press('down', ...pressed);
  });

/** Ten by one form; passwords are made by chance. */
async function made(rig: ManagerRig): Promise<void> {
  rig.press('ctrl-n', 'enter');
  await expect.poll(() => rig.state.plan?.lines.length).toBe(10);
  rig.press('enter');
  rig.manager.store.setState((state) => ({
    made: state.made.map((list) => ({ ...list, rows: list.rows.map((row, i) => ({ ...row, password: `Kx7-pq${i}-Rt` })) })),
  }));
}

async function failedStart(rig: ManagerRig): Promise<void> {
  rig.engine.fail('start', NO_INIT);
  rig.press(...DOWN_TO_105, 's');
  await rig.manager.tasks.settled();
}

/** Name of the file → how one comes to it. */
export const SCREENS: Readonly<Record<string, Way>> = {
  table: keys(),
  'table-of-fields': way((rig) =>
    rig.manager.store.setState({ columns: ['ctid', 'numproc.b', 'hostname', 'kmemsize.l', 'onboot', 'mem'] }),
  ),
  marked: keys('space', 'down', 'space'),
  filter: way((rig) => {
    rig.press('/');
    rig.type('mem>much name:漢');
  }),
  columns: keys('|', 'down', 'down'),
  container: tab('overview', /Waits/),
  processes: tab('processes', /root/),
  log: tab('log', /it broke/),
  'log-wrapped': way(async (rig) => {
    await toTab(rig, 'log', 'it broke');
    rig.press('w');
  }),
  events: tab('events', /by ada/),
  node: way(async (rig) => {
    rig.press('P');
    await shows(rig, 'cron');
  }),
  signal: onProcess('K', 'down'),
  'signal-question': onProcess('K', 'down', 'enter'),
  renice: onProcess('n', 'ctrl-u', ...'20', 'enter'),
  create: keys('c'),
  plan: way(async (rig) => {
    rig.press('c', 'enter');
    await shows(rig, 'mkdir');
  }),
  'create-many': keys('ctrl-n'),
  made: way(async (rig) => {
    rig.engine.brokenSeats.set(1_000_002, BAD_TEMPLATE);
    await made(rig);
    await rig.manager.tasks.settled();
    await shows(rig, 'failed');
  }),
  'made-save': way(async (rig) => {
    await made(rig);
    await rig.manager.tasks.settled();
    await shows(rig, 'made and started');
    rig.press('S', 'ctrl-u', ...'list.tsv', 'enter');
  }),
  templates: way(templates),
  'template-build': keys('B'),
  'template-building': way(async (rig) => {
    await templates(rig);
    rig.engine.hold('template');
    rig.press('B');
    rig.type('debian-13');
    rig.press('enter');
    await shows(rig, 'Fetching');
  }),
  'template-removal': way(async (rig) => {
    await templates(rig);
    rig.press('down', 'down', 'D');
  }),
  tasks: way(async (rig) => {
    rig.press('down', 'r', 'enter');
    await rig.manager.tasks.settled();
    rig.engine.hold('stop');
    rig.press('x', 'enter', 't');
  }),
  'task-log': way(async (rig) => {
    await failedStart(rig);
    rig.press('t', 'L', 'up');
  }),
  journal: keys('J'),
  palette: way((rig) => {
    rig.press(':');
    rig.type('st');
  }),
  'palette-why-not': way((rig) => {
    rig.press(...DOWN_TO_105, ':');
    rig.type('e');
  }),
  help: keys('?'),
  question: keys(...DOWN_TO_105, 'D'),
  'marked-question': keys('A', 'x'),
  'marked-running': way(async (rig) => {
    rig.engine.hold('stop');
    rig.press('A', 'x', 'y');
    await shows(rig, 'stop begins');
    rig.press('w');
  }),
  'marked-result': way(async (rig) => {
    rig.engine.fail('stop', new VzError('stop-timeout'));
    rig.press('A', 'x', 'y');
    await rig.manager.tasks.settled();
    await expect.poll(() => rig.state.bulk?.endedAt).not.toBeNull();
    rig.press('w');
  }),
  'failed-start': way(async (rig) => {
    await failedStart(rig);
    rig.press('e');
  }),
  'limit-reached': keys('e'),
  tour: keys('ctrl-g'),
  ...PARAMETER_SCREENS,
  ...UBC_SCREENS,
  ...NETWORK_SCREENS,
  ...PANE_SCREENS,
  ...FACE_SCREENS,
};
