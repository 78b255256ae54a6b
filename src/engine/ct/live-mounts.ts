// What the mount table of a running container says of what it was given. Everything in it but numbers is the container's own word: compared,
// never followed.
import { type Mount, parseMountinfo } from '../host/mountinfo.ts';
import { inside } from '../host/paths.ts';
import type { Host } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import type { GivenBind } from '../store/given.ts';

/** As its init sees it, in the order of mounting; empty when it has gone. */
export function mountsInside(host: Pick<Host, 'files' | 'proc'>, { pid }: ProcessId): readonly Mount[] {
  return parseMountinfo(host.files.read(`${host.proc}/${pid}/mountinfo`) ?? '');
}

/** Of a source that has been removed the kernel says so behind its name. */
const DELETED = /\/\/deleted$/;

const shows = (mount: Mount, { device, root }: GivenBind): boolean => mount.device === device && mount.root.replace(DELETED, '') === root;

/** The given mount at its place, if it still is what is seen there. */
export function mountOf(table: readonly Mount[], given: GivenBind): Mount | null {
  const top = table.findLast((m) => m.path === given.place);
  return top && shows(top, given) ? top : null;
}

/**
 * Mounts that must go so that nothing of what was given is seen any more, in order: covers over it, it, and copies that root inside has made.
 * `others`: what else was given, which may be a part of the same.
 */
export function tracesOf(table: readonly Mount[], given: GivenBind, others: readonly GivenBind[] = []): readonly Mount[] {
  const kept = new Set(others.flatMap((other) => (inside(other.place, given.place) ? [] : (mountOf(table, other) ?? []))));
  const part = (m: Mount): boolean =>
    !kept.has(m) && m.device === given.device && inside(m.root.replace(DELETED, ''), given.root === '/' ? '' : given.root);
  const there = table.filter(part);
  const from = there[0]?.id;
  // what lies over one of them at the same place or below must go first
  const over = (m: Mount): boolean => there.some((t) => m.id !== t.id && table.indexOf(m) > table.indexOf(t) && inside(m.path, t.path));
  return from === undefined ? [] : table.filter((m) => part(m) || over(m)).reverse();
}
