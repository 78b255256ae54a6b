// Taking down a container's root: everything mounted at and below it as the mount table shows it now, deepest first, and what the
// overlay's layers needed. Works whatever a crash has left; running it twice is harmless.
import { parseMountinfo } from '../host/mountinfo.ts';
import type { Host } from '../host/port.ts';
import type { Op } from '../spec/op.ts';
import { MNT_DETACH } from './flags.ts';
import { below } from './mount-table.ts';
import type { RootMount } from './root-mount.ts';

/** `recorded`: mount points that the start's record names, should the config have changed since. */
export function takeDownRoot(host: Host, { root, scratch }: RootMount, recorded: readonly string[] = []): readonly Op[] {
  const table = parseMountinfo(host.files.read(`${host.proc}/self/mountinfo`) ?? '');
  const layers = [`${scratch}/lower`, `${scratch}/upper`];
  const points = [...new Set([...recorded, root, ...layers])];
  return [
    ...points.flatMap((path) => below(table, path).map((m): Op => ({ op: 'umount', path: m.path, flags: MNT_DETACH }))),
    ...[...layers, scratch].map((path): Op => ({ op: 'rmdir', path })),
  ];
}
