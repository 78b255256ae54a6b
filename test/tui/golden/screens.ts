// The screens that are kept as text, and the keys that lead to each. Knows not how they are kept.
import { expect } from 'vitest';
import { failureOf } from '../../../src/tui/store/failure.ts';
import { TABS } from '../../../src/tui/store/tabs.ts';
import { FakeEngine } from '../fake-engine.ts';
import type { ManagerRig } from '../manager-rig.tsx';
import { FakeLink } from '../panes/fake-link.ts';
import { BAD_TEMPLATE, NO_INIT, sceneEngine } from './scene.ts';

export interface Way {
  readonly engine: () => FakeEngine;
  /** Before the first look at the node. */
  readonly blind?: true;
  readonly go: (rig: ManagerRig) => Promise<void> | void;
}

const way = (go: Way['go'], engine: Way['engine'] = sceneEngine): Way => ({ engine, go });
const keys = (...pressed: readonly string[]): Way => way((rig) => rig.press(...pressed));
const tab = (name: (typeof TABS)[number], shown: RegExp): Way =>
  way(async (rig) => {
    rig.press('enter', String(TABS.indexOf(name) + 1));
    await expect.poll(() => rig.text()).toMatch(shown);
  });

async function twoPanes(rig: ManagerRig): Promise<void> {
  for (const [id, name, said] of [
    [101, 'web', 'root@web:/var/log# tail -f error.log\r\nfork: Resource temporarily unavailable\r\n漢字 שרת e\u0301\r\n'],
    [102, 'db', 'root@db:~# mysql\r\nMariaDB [(none)]> '],
  ] as const) {
    const link = new FakeLink();
    await rig.manager.panes.enter({ shell: async () => link }, { id, name }, id === 101 ? null : 'columns');
    link.say(said);
  }
  await expect.poll(() => rig.text()).toContain('mysql');
}

/** Name of the file → how one comes to it. */
export const SCREENS: Readonly<Record<string, Way>> = {
  table: keys(),
  marked: keys('space', 'down', 'space'),
  filter: way((rig) => {
    rig.press('/');
    rig.type('mem>much name:漢');
  }),
  'no-match': way((rig) => {
    rig.press('/');
    rig.type('nothing');
    rig.press('enter');
  }),
  columns: keys('|', 'down', 'down'),
  container: tab('overview', /Waits/),
  processes: tab('processes', /root/),
  parameters: tab('parameters', /NUMPROC/),
  log: tab('log', /it broke/),
  events: tab('events', /by ada/),
  node: way(async (rig) => {
    rig.press('P');
    await expect.poll(() => rig.text()).toContain('cron');
  }),
  panes: way(twoPanes),
  create: keys('c'),
  'create-many': way((rig) => {
    rig.press('ctrl-n');
  }),
  templates: way(async (rig) => {
    rig.press('O');
    await expect.poll(() => rig.state.templateRows?.length).toBe(4);
  }),
  'template-build': way((rig) => rig.press('b')),
  tasks: way(async (rig) => {
    rig.press('down', 'r', 'enter');
    await rig.manager.tasks.settled();
    rig.engine.hold('stop');
    rig.press('x', 'enter', 't');
  }),
  journal: keys('J'),
  palette: way((rig) => {
    rig.press(':');
    rig.type('st');
  }),
  help: keys('?'),
  question: keys('down', 'down', 'down', 'down', 'D'),
  'failed-start': way(async (rig) => {
    rig.engine.fail('start', NO_INIT);
    rig.press('down', 'down', 'down', 'down', 's');
    await rig.manager.tasks.settled();
    rig.press('e');
  }),
  tour: keys('ctrl-g'),
  empty: way(
    () => {},
    () => new FakeEngine(),
  ),
  loading: { engine: sceneEngine, blind: true, go: (rig) => rig.manager.store.setState({ engine: 'loading' }) },
  error: {
    engine: sceneEngine,
    blind: true,
    go: (rig) => rig.manager.store.setState({ engine: { failed: failureOf(BAD_TEMPLATE) } }),
  },
};
