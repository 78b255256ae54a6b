// Configs for whoever asks for all of them again and again: one is read again only when its file has changed. Remembers, and decides nothing.
import type { FileInfo, Host } from '../host/port.ts';
import type { NodeConfig } from './node-config.ts';
import { type CtConfig, configIds, lookAtCt } from './registry.ts';

/** Milliseconds: a file that was changed so shortly before we looked may change once more within the same tick of its time stamp. */
export const RACY_MS = 1_000;

/** What was looked at again is as it was: no other file, nor another content. */
export const sameFile = (a: FileInfo | null, b: FileInfo | null): boolean =>
  a === b || (a?.ino === b?.ino && a?.mtimeMs === b?.mtimeMs && a?.size === b?.size);

/** Every call tells all containers' configs, ascending, as they are on disk at that moment. */
export function openConfigs(host: Pick<Host, 'files' | 'now'>, node: NodeConfig): () => readonly CtConfig[] {
  /** `lasting`: nobody can change it any more without its stamp becoming another one. */
  let known = new Map<number, { readonly file: FileInfo | null; readonly lasting: boolean; readonly config: CtConfig }>();
  const look = (id: number) => {
    const file = host.files.stat(node.conf(id));
    const before = known.get(id);
    if (before?.lasting && sameFile(before.file, file)) return before;
    return { file, lasting: file !== null && host.now() - file.mtimeMs > RACY_MS, config: lookAtCt(host, node, id) };
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
