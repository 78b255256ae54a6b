// Directories above a path, by its text and by what is there.
import type { Files } from './port.ts';

/** The directory that an absolute path lies in; "/" for itself. */
export const above = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** The directory itself, or anything below it; both by their text. */
export const inside = (path: string, directory: string): boolean => path === directory || path.startsWith(`${directory}/`);

/** The path, or the nearest directory above it that is there: what is still to be made will lie on its file system. */
export const nearest = (files: Pick<Files, 'stat'>, path: string): string =>
  path === '/' || files.stat(path) !== null ? path : nearest(files, above(path));
