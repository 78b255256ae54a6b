// The other faces of a screen: nothing there yet, still being read, gone wrong, not allowed.
import { type Engine, VzError } from '../../../src/engine/index.ts';
import { failureOf } from '../../../src/tui/store/failure.ts';
import { FakeEngine, sampleOf } from '../fake-engine.ts';
import { BAD_TEMPLATE, sceneEngine } from './scene.ts';
import { keys, shows, toTab, type Way, way } from './way.ts';

const oneOnly = (): FakeEngine => new FakeEngine([sampleOf(101, { name: 'web' })]);
const over = (...pressed: readonly string[]): Way => way((rig) => rig.press(...pressed), oneOnly);

/** An engine that never answers to one question. */
const silent = (question: 'followLog' | 'inspectTemplates' | 'watchConsole'): FakeEngine => {
  const engine = sceneEngine();
  const { asEngine } = engine;
  engine.asEngine = () => ({ ...asEngine.call(engine), [question]: () => new Promise<never>(() => {}) });
  return engine;
};

const OBSTACLES: Awaited<ReturnType<Engine['obstacles']>> = [
  { what: 'The file system of /vz/private cannot map ids', remedy: 'Use ext4, xfs or btrfs there', fatal: true },
  { what: 'nft is missing', remedy: 'apt-get install nftables', fatal: false },
];

export const FACE_SCREENS: Readonly<Record<string, Way>> = {
  empty: way(
    () => {},
    () => new FakeEngine(),
  ),
  obstacles: way(
    () => {},
    () => Object.assign(new FakeEngine(), { obstacleList: OBSTACLES }),
  ),
  loading: { engine: sceneEngine, blind: true, go: (rig) => rig.manager.store.setState({ engine: 'loading' }) },
  error: {
    engine: sceneEngine,
    blind: true,
    go: (rig) => rig.manager.store.setState({ engine: { failed: failureOf(BAD_TEMPLATE) } }),
  },
  'node-unseen': way((rig) =>
    rig.manager.store.setState({ sampleTrouble: 'The cgroup tree cannot be read: EACCES', now: rig.state.now + 42_000 }),
  ),
  'read-only': { ...keys('x'), readOnly: true },
  'no-match': way((rig) => {
    rig.press('/');
    rig.type('nothing');
    rig.press('enter');
  }),
  'container-stopped': keys('end', 'up', 'enter'),
  'container-gone': way((rig) => {
    rig.press('enter');
    rig.engine.remove(101);
    rig.look();
  }),
  'log-reading': way(
    async (rig) => toTab(rig, 'log', 'Reading'),
    () => silent('followLog'),
  ),
  'log-refused': way(async (rig) => {
    rig.press('down', 'down', 'down', 'down');
    await toTab(rig, 'log', 'not running');
  }),
  'log-no-match': way(async (rig) => {
    await toTab(rig, 'log', 'it broke');
    rig.press('/');
    rig.type('nowhere');
  }),
  'console-opening': way(
    async (rig) => toTab(rig, 'console', 'Opening'),
    () => silent('watchConsole'),
  ),
  'processes-stopped': way(async (rig) => {
    rig.press('down', 'down', 'down', 'down');
    rig.press('enter', '2');
  }),
  'events-none': over('enter', '6'),
  'tasks-none': over('t'),
  'journal-none': over('J'),
  'templates-reading': way(
    (rig) => rig.press('O'),
    () => silent('inspectTemplates'),
  ),
  'templates-none': way(
    async (rig) => {
      rig.press('O');
      await shows(rig, /template/);
    },
    () => Object.assign(oneOnly(), { templateNames: [] }),
  ),
  'palette-none': over(':', ...'zzzz'),
  'columns-none': over('|', ...'nothing so'),
  'journal-no-match': keys('J', '/', ...'nowhere'),
  'create-fault': over('c', 'ctrl-u', ...'web', 'enter'),
  'plan-failed': way(async (rig) => {
    rig.press('c', 'enter');
    await shows(rig, 'mkdir');
    rig.manager.store.setState({
      plan: { lines: [], failure: failureOf(new VzError('bad-template', { template: 'busybox', cause: 'is truncated' })), top: 0 },
    });
  }),
};
