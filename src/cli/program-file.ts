// Where this program lies: asked when it runs, since a snapshot may be older than the place of the project.
import { realpathSync } from 'node:fs';

/** The file that node was given, also where the program came out of a snapshot instead. */
export const programFile = (): string => realpathSync(process.argv[1] ?? '');

/** dist/ and src/cli/ both lie in the project. */
export const programHome = (): string => programFile().replace(/\/(dist|src\/cli)\/[^/]+$/, '');
