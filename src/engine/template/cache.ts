// Which templates there are: archives NAME.tar[.gz|.bz2|.xz|.zst] in the template cache, and those that came with the engine.
import type { Host } from '../host/port.ts';
import { FORMATS } from './formats.ts';

type Disk = Pick<Host, 'files'>;

export interface FoundTemplate {
  readonly name: string;
  readonly file: string;
  /** Bytes of the archive. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly made: number;
}

/** OSTEMPLATE may be written as a path; only its last part is a name. */
const nameOf = (ostemplate: string): string => ostemplate.slice(ostemplate.lastIndexOf('/') + 1);

/** First hit in the order of directories, then of formats. null when no directory has it. */
export function findTemplate({ files }: Disk, directories: readonly string[], ostemplate: string): FoundTemplate | null {
  const name = nameOf(ostemplate);
  if (name === '') return null;
  for (const dir of directories) {
    for (const { suffix } of FORMATS) {
      const file = `${dir}/${name}.tar${suffix}`;
      const info = files.stat(file);
      if (info?.type === 'file') return { name, file, size: info.size, made: info.mtimeMs };
    }
  }
  return null;
}

const ARCHIVE = /^(.+)\.tar(\.gz|\.bz2|\.xz|\.zst)?$/;

/** All templates by name, each as findTemplate would find it. */
export function listTemplates(disk: Disk, directories: readonly string[]): readonly FoundTemplate[] {
  const all = directories.flatMap((dir) => disk.files.list(dir) ?? []).flatMap((file) => ARCHIVE.exec(file)?.[1] ?? []);
  const names = [...new Set(all)].filter((name) => !name.startsWith('.')).sort();
  return names.flatMap((name) => findTemplate(disk, directories, name) ?? []);
}

/** Archives of a template in one directory, of whatever format. */
export function archivesOf({ files }: Disk, dir: string, name: string): readonly string[] {
  return FORMATS.map(({ suffix }) => `${dir}/${nameOf(name)}.tar${suffix}`).filter((file) => files.stat(file)?.type === 'file');
}
