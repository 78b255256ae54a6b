// Taking down a container's root: everything mounted at it and below as the mount table shows it now, deepest first, and what the
// overlay's layers needed. Works whatever a crash has left; running it twice is harmless.
import { parseMountinfo } from '../host/mountinfo.ts';
import type { Host } from '../host/port.ts';
import type { Op } from '../spec/op.ts';
import { MNT_DETACH } from './flags.ts';
import { below } from './mount-table.ts';
import type { RootMount } from './root-mount.ts';

/** `own`: mount points that are the container's. What is mounted elsewhere stays, whatever the config says by now. */
export function takeDownRoot(host: Host, { scratch }: RootMount, own: readonly string[]): readonly Op[] {
  const table = parseMountinfo(host.files.read(`${host.proc}/self/mountinfo`) ?? '');
  const layers = [`${scratch}/lower`, `${scratch}/upper`];
  const points = [...own, ...layers];
  return [
    ...points.flatMap((path) => below(table, path).map((m): Op => ({ op: 'umount', path: m.path, flags: MNT_DETACH }))),
    ...[...layers, scratch].map((path): Op => ({ op: 'rmdir', path })),
  ];
}
