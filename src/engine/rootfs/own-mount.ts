// Which mounts are a container's own: told by what is mounted, since any path can stand in a config.
import type { Mount } from '../host/mountinfo.ts';
import { inside } from '../host/paths.ts';
import type { RootMount } from './root-mount.ts';

/** Of a directory whose mount point was deleted under it. */
const DELETED = /\/\/deleted$/;

/** Does `mount` show the container's private area (simfs), or an overlay over it? `area`: where that really lies. */
export function isOwnMount(table: readonly Mount[], mount: Mount, area: string, { scratch }: Pick<RootMount, 'scratch'>): boolean {
  if (mount.superOptions.split(',').includes(`upperdir=${scratch}/upper/upper`)) return true;
  const holders = table.filter((m) => m.path === '/' || inside(area, m.path)).sort((a, b) => a.path.length - b.path.length || a.id - b.id);
  const holder = holders.at(-1);
  if (!holder) return false;
  const shown = `${holder.root}/${area.slice(holder.path.length)}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
  return mount.device === holder.device && mount.root.replace(DELETED, '') === shown;
}
