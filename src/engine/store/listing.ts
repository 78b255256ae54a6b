// What a directory has in it, for whoever asks again and again.
import type { FileInfo, Host } from '../host/port.ts';
import { RACY_MS, sameFile } from './known-configs.ts';

export interface Listing<T> {
  readonly names: T;
  /** Since it was asked before. */
  readonly changed: boolean;
  /** Nothing can come or go any more without its stamp becoming another one. */
  readonly lasting: boolean;
}

/** Listed again only when the directory has changed. */
export function openListing<T>({ files, now }: Pick<Host, 'files' | 'now'>, dir: string, list: () => T): () => Listing<T> {
  let last: (Listing<T> & { readonly file: FileInfo | null }) | null = null;
  return () => {
    const file = files.stat(dir);
    const changed = last === null || !sameFile(last.file, file);
    const lasting = file !== null && now() - file.mtimeMs > RACY_MS;
    if (last === null || changed || !last.lasting) last = { file, lasting, changed, names: list() };
    else if (last.changed) last = { ...last, changed };
    return last;
  };
}
