// Where a template comes from: what its build has noted beside the archive, valid as long as the archive is the one that was built.
import type { Host } from '../host/port.ts';

type Disk = Pick<Host, 'files'>;

interface Archive {
  readonly name: string;
  readonly file: string;
  /** Bytes. */
  readonly size: number;
}

export interface Built {
  readonly recipe: string;
  readonly suite: string;
  /** Lines of the apt sources that it was built from. */
  readonly sources: readonly string[];
  readonly include: readonly string[];
}

export type Origin = { readonly kind: 'embedded' } | { readonly kind: 'archive' } | ({ readonly kind: 'built' } & Built);

/** Beside the archive, and hidden: whatever lists a cache takes plain names for templates. */
const noteFile = (cache: string, name: string): string => `${cache}/.${name}.origin`;

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);

export function noteOrigin({ files }: Disk, cache: string, name: string, archive: string, built: Built): void {
  files.write(noteFile(cache, name), `${JSON.stringify({ size: files.stat(archive)?.size, ...built })}\n`, 0o644);
}

export function dropOrigin({ files }: Disk, cache: string, name: string): void {
  files.unlink(noteFile(cache, name));
}

/** An archive of another size has been put in the place of the one that was built. */
export function originOf({ files }: Disk, cache: string, { name, file, size }: Archive): Origin {
  if (!file.startsWith(`${cache}/`)) return { kind: 'embedded' };
  try {
    const note = JSON.parse(files.read(noteFile(cache, name)) ?? 'null') as Record<string, unknown> | null;
    if (note === null || note['size'] !== size) return { kind: 'archive' };
    const text = (key: string): string => (typeof note[key] === 'string' ? note[key] : '');
    return {
      kind: 'built',
      recipe: text('recipe'),
      suite: text('suite'),
      sources: texts(note['sources']),
      include: texts(note['include']),
    };
  } catch {
    return { kind: 'archive' };
  }
}
