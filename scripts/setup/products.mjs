// What is built from the project's sources: the launcher, one bundle per program, the embedded template.
import { inProject, projectNode, which } from './machine.mjs';
import { run } from './run.mjs';
import { snapshotsFit } from './snapshot.mjs';
import { hashOf, stamped } from './stamp.mjs';

const node = (script) => run(projectNode(), [inProject(script)], { cwd: inProject() });

const launcher = stamped({
  name: 'Launcher',
  stamp: 'launcher',
  products: ['build/launcher'],
  key: () => hashOf(['src/engine/launcher', 'src/engine/spec/op.ts', which('gcc')]),
  do: () => node('src/engine/launcher/build.mjs'),
});

const BUNDLING = [
  'bundle-door.mjs',
  'bundle-ink.mjs',
  'bundle-lazy.mjs',
  'code-cache.mjs',
  'late-segmenter.mjs',
  'place.mjs',
  'practice.cjs',
  'snapshot.mjs',
];

const programs = stamped({
  name: 'Programs',
  stamp: 'programs',
  products: ['dist/cli.cjs', 'dist/manager.mjs'],
  key: () =>
    hashOf(
      ['src', 'themes', 'package.json', 'package-lock.json', 'scripts/bundle.mjs', ...BUNDLING.map((name) => `scripts/setup/${name}`)],
      (name) => /\.(ts|tsx|json)$/.test(name),
    ),
  do: () => node('scripts/bundle.mjs'),
});

const bundles = { ...programs, needed: () => programs.needed() || (snapshotsFit() ? '' : 'node has changed') };

const embedded = stamped({
  name: 'Embedded template',
  stamp: 'embedded-template',
  products: ['build/templates/busybox.tar.zst'],
  key: () => hashOf(['src/engine/template', 'scripts/embedded-template.mjs', which('busybox')]),
  do: () => node('scripts/embedded-template.mjs'),
});

export const products = [launcher, bundles, embedded];
