// What is loaded and made only when somebody asks for it: modules of Node, packages and tables that most calls never need, and milliseconds each.
import { readFileSync } from 'node:fs';

/** Modules of Node that take milliseconds to load → what is used of them. */
const LATE = {
  'node:child_process': ['spawn', 'execFileSync'],
  'node:crypto': ['randomInt'],
  'node:fs/promises': ['open'],
  'node:net': ['connect'],
  'node:zlib': ['crc32'],
};

const taken = (name) => `process.getBuiltinModule('${name}')`;

const late = (name) => LATE[name].map((word) => `export const ${word} = (...args) => ${taken(name)}.${word}(...args);`).join('\n');

/** What an import of a module would ask for all at once, getters as well: of node:process they open the terminal and load the inspector. */
function plain(name) {
  const words = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name)))
    .filter(([word, { value }]) => value !== undefined && /^[a-z]\w*$/i.test(word))
    .map(([word]) => `const _${word} = /* @__PURE__ */ (() => all.${word})(); export { _${word} as ${word} };`);
  return `const all = /* @__PURE__ */ (() => ${taken(name)})(); export default all; ${words.join('\n')}`;
}

/** @param {boolean} all  the modules of Node that are needed at once as well */
export const nodeModules = (all) => ({
  name: 'node-modules',
  setup: (build) => {
    build.onResolve({ filter: /^node:/ }, ({ path }) =>
      all || path in LATE ? { path, namespace: 'node', sideEffects: false } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'node' }, ({ path }) => ({ contents: path in LATE ? late(path) : plain(path) }));
  },
});

/** A package that is needed from the first pane on. */
const EMULATOR = '@xterm/headless';

const latePackage = {
  name: 'late-package',
  setup: (build) => {
    build.onResolve({ filter: new RegExp(`^${EMULATOR}$`) }, ({ path, namespace, resolveDir }) =>
      namespace === 'late' ? undefined : { path, namespace: 'late', pluginData: resolveDir },
    );
    build.onLoad({ filter: /.*/, namespace: 'late' }, ({ path, pluginData: resolveDir }) => ({
      contents: `export default { get Terminal() { return require('${path}').Terminal; } };`,
      resolveDir,
    }));
  },
};

const EMOJI = '/^\\p{RGI_Emoji}$/v';

/** End of a path in a package of exactly known version → what stands there, and what takes its place. */
const INSTEAD = {
  // V8 takes 25 ms to compile it, and only what is beyond plain letters asks
  '/string-width/index.js': [[EMOJI, `{ test(text) { return (this.made ??= ${EMOJI}).test(text); } }`]],
  // 5 ms for one question
  '/signal-exit/index.js': [["require('assert')", '{ equal(a, b, text) { if (a !== b) throw new TypeError(text); } }']],
  // two objects for each line that a flood pushes out, which live as long as a thousand lines do: half of all garbage, and 40 MB of it old
  '/headless/lib-headless/xterm-headless.js': [
    [
      ',this._combined={};for(const t in e._combined)',
      ';for(const t in this._combined){this._combined={};break}for(const t in e._combined)',
    ],
    [
      'this._extendedAttrs={};for(const t in e._extendedAttrs)',
      'for(const t in this._extendedAttrs){this._extendedAttrs={};break}for(const t in e._extendedAttrs)',
    ],
  ],
  // what is never loaded would be parts of their own
  '/ink/build/reconciler.js': [
    ["process.env['DEV'] === 'true'", 'false'],
    ["await import('node:fs')", 'null'],
  ],
};

const instead = {
  name: 'instead',
  setup: (build) => {
    for (const [end, changes] of Object.entries(INSTEAD))
      build.onLoad({ filter: new RegExp(`${end.replaceAll('.', '\\.')}$`) }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const missing = changes.find(([text]) => !source.includes(text));
        if (missing) throw new Error(`${path} has no ${missing[0]} any more: see scripts/setup/bundle-lazy.mjs`);
        return { contents: changes.reduce((done, [text, other]) => done.replaceAll(text, () => other), source) };
      });
  },
};

/** For a program that shows something before it is asked anything. */
export const SHOWS_SOON = {
  plugins: [nodeModules(true), latePackage, instead],
  define: { 'Intl.Segmenter': 'LateSegmenter' },
  inject: ['scripts/setup/late-segmenter.mjs'],
};
