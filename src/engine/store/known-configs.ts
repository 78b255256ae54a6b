// Configs for whoever asks for all of them again and again: one is read again only when its file has changed. Remembers, and decides nothing.
import type { FileInfo, Host } from '../host/port.ts';
import type { NodeConfig } from './node-config.ts';
import { type CtConfig, configIds, lookAtCt } from './registry.ts';

/** Milliseconds: a file that was changed so shortly before we looked may change once more within the same tick of its time stamp. */
export const RACY_MS = 1_000;

/** "" for a file that is not there. */
export const stampOf = (file: FileInfo | null): string => (file === null ? '' : `${file.ino} ${file.mtimeMs} ${file.size}`);

/** Every call tells all containers' configs, ascending, as they are on disk at that moment. */
export function openConfigs(host: Pick<Host, 'files' | 'now'>, node: NodeConfig): () => readonly CtConfig[] {
  let known = new Map<number, { readonly stamp: string; readonly config: CtConfig }>();
  const look = (id: number): { readonly stamp: string; readonly config: CtConfig } => {
    const file = host.files.stat(node.conf(id));
    const stamp = stampOf(file);
    const before = known.get(id);
    if (before?.stamp === stamp) return before;
    const lasting = file !== null && host.now() - file.mtimeMs > RACY_MS;
    return { stamp: lasting ? stamp : 'passing', config: lookAtCt(host, node, id) };
  };
  return () => {
    known = new Map(
      configIds(host, node)
        .ids.filter((id) => id !== 0)
        .map((id) => [id, look(id)]),
    );
    return [...known.values()].map(({ config }) => config);
  };
}
