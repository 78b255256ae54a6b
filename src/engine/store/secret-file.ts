// A file that a person asked for, with what nobody else may read. It is new: what lies there already, a link above all, is not written into.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { strerror } from '../spec/errno.ts';

export interface SecretFile {
  add(line: string): void;
  /** Takes it away again: nothing came of it. */
  drop(): void;
}

/** Throws VzError 'file-exists', and 'system' where it cannot be made. */
export function secretFile({ files }: Pick<Host, 'files'>, path: string): SecretFile {
  if (files.lstat(path) !== null) throw new VzError('file-exists', { path });
  try {
    files.write(path, '', 0o600);
  } catch (error) {
    throw new VzError('system', { what: path, cause: strerror(error) }, error);
  }
  return { add: (line) => files.append(path, `${line}\n`, 0o600), drop: () => files.unlink(path) };
}
