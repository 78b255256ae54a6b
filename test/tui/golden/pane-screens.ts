// Screens with terminals in them: the ways that panes share the screen, what can be done in one, and the console in its tab.

import type { KeptPanes } from '../../../src/tui/store/pane-info.ts';
import type { ManagerRig } from '../manager-rig.tsx';
import { FakeLink } from '../panes/fake-link.ts';
import { sceneEngine } from './scene.ts';
import { keys, shows, tab, toTab, type Way, way } from './way.ts';

const SAID: readonly (readonly [ct: number, name: string, text: string])[] = [
  [101, 'web', 'root@web:/var/log# tail -f error.log\r\nfork: Resource temporarily unavailable\r\n漢字 שרת e\u0301\r\n'],
  [102, 'db', 'root@db:~# mysql\r\nMariaDB [(none)]> '],
  [103, '', '~ # \x1b[31mred\x1b[0m \x1b[1;7mbold and reversed\x1b[0m\r\n~ # '],
  [106, '', Array.from({ length: 60 }, (_, i) => `line ${i + 1}`).join('\r\n')],
];

type Beside = 'columns' | 'rows' | null;

/** Shells, each beside the one before as asked for; the last one is the chosen one. */
async function panes(rig: ManagerRig, ...beside: readonly Beside[]): Promise<readonly FakeLink[]> {
  const links: FakeLink[] = [];
  for (const [i, side] of beside.entries()) {
    const [id, name, said] = SAID[i % SAID.length]!;
    const link = new FakeLink();
    links.push(link);
    await rig.manager.panes.enter({ shell: async () => link }, { id, name }, side);
    link.say(said);
  }
  await shows(rig, SAID[(beside.length - 1) % SAID.length]![2].includes('line') ? 'line 60' : /MariaDB|bold/);
  return links;
}

const laidOut = (beside: readonly Beside[], ...pressed: readonly string[]): Way =>
  way(async (rig) => {
    await panes(rig, ...beside);
    rig.manager.panes.leave();
    rig.press(...pressed);
  });

const TWO = [null, 'columns'] as const;
const FOUR = [null, 'columns', 'rows', null] as const;

/** Open when the manager was left; one of them does not run any more. */
const LAST_PANES: KeptPanes = {
  panes: [101, 102, 105].map((ct) => ({ ct, kind: 'enter', name: '', pinned: false })),
  arrangement: { split: 'columns', share: 0.5, first: { pane: 0 }, second: { pane: 1 } },
  chosen: 0,
  zoomed: false,
};

/** A keeper shows what was printed to whoever comes. */
class Keeper extends FakeLink {
  override onData(listener: (bytes: Uint8Array) => void): void {
    super.onData(listener);
    this.say('\r\n Debian GNU/Linux 12 web.example.org console\r\n\r\n web.example.org login: ');
  }
}

const withConsole = (): ReturnType<typeof sceneEngine> => {
  const engine = sceneEngine();
  engine.consoles.set(101, new Keeper());
  return engine;
};

export const PANE_SCREENS: Readonly<Record<string, Way>> = {
  panes: way(async (rig) => void (await panes(rig, ...TWO))),
  'panes-split': laidOut([null, 'columns', 'rows']),
  'panes-grid': laidOut(FOUR, 'a'),
  'panes-zoomed': laidOut(TWO, 'z'),
  'panes-pinned': laidOut(FOUR, 'r', ...'deploy', 'enter', 'P', 'tab', 'o'),
  'panes-ended': way(async (rig) => {
    const [, second] = await panes(rig, ...TWO);
    second?.end('Ended with exit code 1');
  }),
  'panes-broadcast': laidOut(TWO, 'm', 'tab', 'm', 'B'),
  'panes-close': way(async (rig) => {
    const [first, second] = await panes(rig, ...TWO);
    for (const link of [first, second]) if (link) link.runs = 'mysql';
    rig.manager.panes.leave();
    rig.press('w');
  }),
  'panes-again': { ...keys('p'), settings: { lastPanes: LAST_PANES } },
  'copy-mode': laidOut([null, 'columns', 'rows', 'rows'], '[', 'k', 'k', 'V', 'k'),
  'copy-search': laidOut([null, null, null, null], '/', ...'line 4'),
  console: tab('console', 'login:', withConsole),
  'console-typing': way(async (rig) => {
    await toTab(rig, 'console', 'login:');
    rig.press('enter');
  }, withConsole),
  'console-silent': tab('console', /nothing printed/, () => {
    const engine = sceneEngine();
    engine.consoles.set(101, new FakeLink());
    return engine;
  }),
  'console-stopped': way(async (rig) => {
    rig.press('down', 'down', 'down', 'down');
    await toTab(rig, 'console', 'I/O error');
  }),
  'console-without-keeper': tab('console', /keeper is gone/),
};
