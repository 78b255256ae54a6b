// The layer rules of the design. An import, of types as well, goes only downwards; each rule says why.

/** Lowest first. What stands in one layer are strangers to each other where `strangers` is set. */
const LAYERS = [
  { name: 'errors', path: '^src/engine/(errors|launch-failures)[.]ts$' },
  { name: 'spec', path: '^src/engine/spec/' },
  // launcher.ts and terminal-link.ts are the launcher's face and belong to the port; what does it lies above
  { name: 'port', path: '^src/engine/(host/|launcher/(launcher|terminal-link)[.]ts$|store/node-config[.]ts$|cgroup/face[.]ts$)' },
  { name: 'mechanisms', path: '^src/engine/(launcher|cgroup|rootfs|quota|net|template|checkpoint|watch|store)/', strangers: true },
  { name: 'account', path: '^src/engine/(account|lens)/' },
  { name: 'ct', path: '^src/engine/ct/' },
  { name: 'lab', path: '^src/engine/lab/' },
  { name: 'engine', path: '^src/engine/(index|engine|open)[.]ts$' },
  { name: 'programs', path: '^src/(cli|tui)/', strangers: true },
];

const above = LAYERS.slice(0, -1).map((layer, i) => ({
  name: `${layer.name}-imports-downwards`,
  comment: `${layer.name} knows nothing of the layers above it (design §2); move what is shared down, or pass it in`,
  severity: 'error',
  from: { path: layer.path, pathNot: LAYERS.slice(0, i).map((l) => l.path) },
  to: { path: LAYERS.slice(i + 1).map((l) => l.path), pathNot: LAYERS.slice(0, i + 1).map((l) => l.path) },
}));

const SYSTEM = '^(node:)?(fs|child_process|net|tty|dgram|os|worker_threads|cluster|http|https|tls|dns|inspector|v8|vm)(/|$)';

module.exports = {
  forbidden: [
    ...above,
    {
      name: 'mechanisms-are-strangers',
      comment: 'cgroup, rootfs, net … do not know each other; they meet in ct/ (design §2)',
      severity: 'error',
      from: { path: '^src/engine/(launcher|cgroup|rootfs|quota|net|template|checkpoint|watch|store)/' },
      to: {
        path: '^src/engine/(launcher|cgroup|rootfs|quota|net|template|checkpoint|watch|store)/',
        pathNot: ['^src/engine/$1/', LAYERS[2].path],
      },
    },
    {
      name: 'programs-use-the-door',
      comment: 'cli and tui see the engine through engine/index.ts only, so that everything behind it can change (design §2)',
      severity: 'error',
      from: { path: '^src/(cli|tui)/' },
      to: { path: '^src/engine/', pathNot: '^src/engine/index[.]ts$' },
    },
    {
      name: 'cli-and-tui-are-strangers',
      comment: 'the command line must not load Ink, and the manager needs no argument parser (design §8)',
      severity: 'error',
      from: { path: '^src/(cli|tui)/' },
      to: { path: '^src/(cli|tui)/', pathNot: '^src/$1/' },
    },
    {
      name: 'cli-without-react',
      comment: 'vzctl has 70 ms; Ink and React alone take more (design §8)',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/tui/' },
      to: { path: '(^|/)node_modules/(@types/)?(ink|react|zustand|@xterm|yoga-layout)/' },
    },
    {
      name: 'spec-is-pure',
      comment: 'spec is knowledge without input and output: usable in any test, generator or browser',
      severity: 'error',
      from: { path: '^src/engine/(spec/|(errors|launch-failures)[.]ts$)' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'system-behind-the-port',
      comment: 'only host/linux, the launcher’s client and its links, tui/screen and the edges of the command line touch the system; everybody else asks Host, which can be recorded (design §1.6)',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(engine/host/linux/|engine/launcher/(client|visit|shell-link|kept-reader|keeper-link|foreground|build)[.]|tui/screen/|cli/(raw-terminal|secrets|program-file|snapshot)[.])' },
      to: { path: SYSTEM },
    },
    {
      name: 'store-and-keys-without-react',
      comment: 'tui/store and tui/keys are plain data: the sampling path never waits for React (design §7)',
      severity: 'error',
      from: { path: '^src/tui/(store|keys)/' },
      to: { path: ['(^|/)node_modules/(@types/)?(ink|react)/', '^src/tui/(app|views|panes)/'] },
    },
    {
      name: 'screen-without-engine',
      comment: 'the screen draws rectangles of text; containers are not its business (design §7)',
      severity: 'error',
      from: { path: '^src/tui/screen/' },
      to: { path: ['^src/engine/', '^src/tui/(app|store|keys|views|panes|forms)/'] },
    },
    {
      name: 'no-tests-in-sources',
      comment: 'what ships must not depend on what only tests it',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: ['^test/', '[.]test[.]tsx?$', '^scripts/'] },
    },
    {
      name: 'no-development-dependencies',
      comment: 'a package that only development needs is not there on a node that was installed without it',
      severity: 'error',
      from: { path: '^src/', pathNot: '[.]d[.]ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'no-cycles',
      comment: 'two files that need each other are one thing cut at the wrong place',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'nothing-unresolved',
      comment: 'an import that leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-orphans',
      comment: 'a file that nobody imports and that imports nothing is dead',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '[.]d[.]ts$' },
      to: {},
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: '^node_modules/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.tsx', '.js'] },
  },
};
