// Paths of the node: cgroups and files. Nothing below a private area is opened or followed: a path is taken as it is written.
import { harmless } from '../account/process-stat.ts';
import type { LensCt, LensKind } from './kind.ts';
import { ctOfCgroup } from './processes.ts';
import { called, type Found, facts } from './words.ts';

/** "/a//b/./c/" as "/a/b/c"; null for one that is not absolute, or goes up. */
function plain(path: string): string | null {
  if (!path.startsWith('/') || path.includes('\0')) return null;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? null : `/${parts.join('/')}`;
}

/** Rest of a path below a directory; null for one that lies elsewhere. */
const below = (path: string, dir: string): string | null =>
  dir !== '' && (path === dir || path.startsWith(`${dir}/`)) ? path.slice(dir.length) || '/' : null;

export const cgroupKind: LensKind = {
  name: 'cgroup',
  looks: '/sys/fs/cgroup/vz/101, /vz/101/init',
  key: plain,
  find(path, sources) {
    const { mounts, top, containers } = sources;
    const mount = mounts.find((one) => below(path, one) !== null);
    const group = mount === undefined ? path : (below(path, mount) ?? path);
    // without its mount point it is what /proc/PID/cgroup has
    const ct = ctOfCgroup(group, sources);
    if (ct !== null) {
      const inner = /^\/init(\/.*)?$/.exec(group.slice(`${top}/${ct.id}`.length));
      return [
        {
          ct: ct.id,
          says: `${harmless(path)} is a cgroup of ${called(ct)}`,
          facts: facts({ 'path inside': inner === null ? null : harmless(inner[1] ?? '/') }),
        },
      ];
    }
    if (below(group, `${top}/keepers`) === null) return [];
    const keepers = containers.flatMap(({ id, keeper }) => (keeper === null ? [] : [`${keeper} of ${id}`]));
    return [{ ct: 0, says: `${harmless(path)} is the cgroup of all keepers`, facts: facts({ keepers: keepers.join(', ') }) }];
  },
};

const AREAS: readonly (readonly [key: 'private' | 'root' | 'run', says: string])[] = [
  ['root', 'lies in what is mounted as the root of'],
  ['private', 'lies in the private area of'],
  ['run', 'is kept of the start of'],
];

const foundIn = (ct: LensCt, path: string): readonly Found[] =>
  AREAS.flatMap(([key, says]) => {
    const inside = below(path, ct[key]);
    return inside === null
      ? []
      : [
          {
            ct: ct.id,
            says: `${harmless(path)} ${says} ${called(ct)}`,
            facts: facts({ 'path inside': key === 'run' ? null : harmless(inside) }),
          },
        ];
  });

export const fileKind: LensKind = {
  name: 'file',
  looks: '/vz/private/101/etc/passwd',
  key: plain,
  find: (path, { containers }) => containers.flatMap((ct) => foundIn(ct, path)),
};
