// The groups above a container let its guarantee of memory through.
import { VzError } from '../../errors.ts';
import type { VerbContext } from '../verb.ts';

const encoder = new TextEncoder();

/** What all levels above must have when the container is promised so many bytes; what stands there already is not written. */
export async function letThrough({ host, cgroups }: Pick<VerbContext, 'host' | 'cgroups'>, id: number, bytes: number): Promise<void> {
  for (const { path, unit, now, wanted } of cgroups(id).above(bytes)) {
    if (now === wanted) continue;
    if (unit === null) {
      const text = Number.isFinite(wanted) ? String(wanted) : 'max';
      await host.launcher.ops({ ops: [{ op: 'write', path, data: encoder.encode(text) }] });
      continue;
    }
    const amount = Number.isFinite(wanted) ? String(wanted) : 'infinity';
    const { status, stderr } = await host.run('systemctl', ['set-property', '--runtime', unit, `MemoryLow=${amount}`]);
    if (status !== 0) throw new VzError('system', { what: `Setting MemoryLow of ${unit}`, cause: stderr.trim() });
  }
}
