// Taking down what a start or mount made, from its record alone: mounts, deepest first, then cgroups. Running it twice is harmless.
import type { Host } from '../host/port.ts';
import type { Op } from '../spec/op.ts';
import { MNT_DETACH } from './flags.ts';
import { below, parseMountinfo } from './mount-table.ts';

/** Unmounts everything at and below the given mount points as the mount table shows it now. */
export function umountAll(host: Host, paths: readonly string[]): readonly Op[] {
  const table = parseMountinfo(host.files.read(`${host.proc}/self/mountinfo`) ?? '');
  return paths.flatMap((path) => below(table, path).map((m): Op => ({ op: 'umount', path: m.path, flags: MNT_DETACH })));
}
