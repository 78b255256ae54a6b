// Which templates there are: archives NAME.tar[.gz|.bz2|.xz|.zst] in the template cache, and those that came with the engine.
import { VzError } from '../errors.ts';
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

/** OSTEMPLATE may be written as a path; only its last part is a name. "" for what cannot be one. */
function nameOf(ostemplate: string): string {
  const last = ostemplate.slice(ostemplate.lastIndexOf('/') + 1);
  return last.startsWith('.') ? '' : last;
}

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
  const names = [...new Set(all)].sort();
  return names.flatMap((name) => findTemplate(disk, directories, name) ?? []);
}

/**
 * Removes a template from the cache: its archives of whatever format, and the tree that overlays share. That no container stands on that tree
 * is the caller's to know. Throws VzError 'template-missing'.
 */
export async function removeTemplate(host: Host, templateDir: string, ostemplate: string): Promise<void> {
  const name = nameOf(ostemplate);
  const cache = `${templateDir}/cache`;
  const missing = new VzError('template-missing', { template: ostemplate, path: cache });
  if (name === '') throw missing;
  const archives = FORMATS.map(({ suffix }) => `${cache}/${name}.tar${suffix}`).filter((file) => host.files.stat(file)?.type === 'file');
  const tree = `${cache}/${name}`;
  const shared = host.files.lstat(tree)?.type === 'dir';
  if (archives.length === 0 && !shared) throw missing;
  for (const file of archives) host.files.unlink(file);
  if (shared) await host.run('rm', ['-rf', '--one-file-system', '--', tree]);
  host.files.unlink(`${cache}/.${name}.lock`);
}
