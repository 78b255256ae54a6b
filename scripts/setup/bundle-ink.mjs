// What a bundle needs that has Ink in it.

/** yoga's loader would pull in all of undici for a data: URL if it saw these (45 ms). */
export const FOR_INK = { fetch: 'undefined', navigator: 'undefined', 'globalThis.navigator': 'undefined' };

/** A package that Ink imports for debugging only and that is not installed. */
export const withoutDevtools = {
  name: 'without-devtools',
  setup: (build) => {
    build.onResolve({ filter: /^react-devtools-core$/ }, (args) => ({ path: args.path, namespace: 'empty' }));
    build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {}' }));
  },
};
