// The door of the engine names everything that is behind it: whoever imports one word of it through a bundler gets all of it into memory. So what the
// manager takes from there is bundled as if it came from the file that has it, and the rest stays in a part of its own, to be loaded later.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const NAMES = /\{([^{}]*)\} from '(\.[^']+)'/.source;

const words = (list) =>
  list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '' && !word.startsWith('type '));

/** A plugin of esbuild for the files of one folder; `door` exports names of other files and nothing of its own. */
export function lookThrough(door, folder) {
  const at = resolve(door, '..');
  const origin = new Map();
  for (const [, list, file] of readFileSync(door, 'utf8').matchAll(new RegExp(`^export ${NAMES};`, 'gm')))
    for (const word of words(list)) origin.set(word, join(at, file));
  return {
    name: 'look-through-the-door',
    setup: (build) => {
      build.onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
        if (!path.startsWith(`${resolve(folder)}/`)) return undefined;
        const contents = readFileSync(path, 'utf8').replace(new RegExp(`^import ${NAMES};`, 'gm'), (all, list, file) =>
          resolve(path, '..', file) === resolve(door)
            ? words(list)
                .map((word) => `import { ${word} } from '${origin.get(word)}';`)
                .join(' ')
            : all,
        );
        return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
      });
    },
  };
}
