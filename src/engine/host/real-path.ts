// Where a path really lies: links among its directories followed, as the kernel's mount table names places.
import type { Files } from './port.ts';

const MAX_LINKS = 40;

function resolve(files: Files, path: string, links: number): string {
  if (path === '' || path === '/') return '';
  const cut = path.lastIndexOf('/');
  const parent = resolve(files, path.slice(0, cut), links);
  const name = path.slice(cut + 1);
  if (name === '' || name === '.') return parent;
  if (name === '..') return parent.slice(0, Math.max(0, parent.lastIndexOf('/')));
  const here = `${parent}${path.slice(cut)}`;
  const target = links > 0 && files.lstat(here)?.type === 'link' ? files.readLink(here) : null;
  if (target === null) return here;
  const next = target.startsWith('/') ? target : `${parent}/${target}`;
  return resolve(files, next.replace(/\/+$/, ''), links - 1);
}

/** Follows links in the directory part of absolute paths; each directory is looked at once. What does not exist stays as it is written. */
export function realPlaces(files: Files): (path: string) => string {
  const known = new Map<string, string>();
  return (path) => {
    const cut = path.lastIndexOf('/');
    const dir = path.slice(0, cut);
    const before = known.get(dir);
    const real = before ?? resolve(files, dir, MAX_LINKS);
    // A directory that is still to be made may yet become a link (bootstrap).
    if (before === undefined && files.lstat(real)) known.set(dir, real);
    return `${real}${path.slice(cut)}`;
  };
}
