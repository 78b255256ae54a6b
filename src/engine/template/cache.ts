// Which templates there are: archives NAME.tar[.gz|.bz2|.xz|.zst] in the template cache, and those that came with the engine.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { removeTree } from '../host/remove-tree.ts';
import { FORMATS } from './formats.ts';
import { dropOrigin } from './origin.ts';

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

/** The tree that overlays of a template share; absent until the first one is made. */
export const sharedTree = (cache: string, ostemplate: string): string => `${cache}/${nameOf(ostemplate)}`;

/** Takes the shared tree away, so that the next overlay gets one of the present archive. That no container stands on it is the caller's to know. */
export async function dropSharedTree(host: Host, cache: string, ostemplate: string): Promise<void> {
  if (nameOf(ostemplate) === '') return;
  await removeTree(host, sharedTree(cache, ostemplate));
  host.files.unlink(`${cache}/.${nameOf(ostemplate)}.lock`);
}

/**
 * Removes a template from the first of the directories: its archives of whatever format, and the tree that overlays share. That no container
 * stands on that tree is the caller's to know. Throws VzError 'template-missing', or 'template-embedded' where only another directory has it.
 */
export async function removeTemplate(
  host: Host,
  directories: readonly [cache: string, ...others: string[]],
  ostemplate: string,
): Promise<void> {
  const [cache, ...others] = directories;
  const name = nameOf(ostemplate);
  const archives = FORMATS.map(({ suffix }) => `${cache}/${name}.tar${suffix}`).filter((file) => host.files.stat(file)?.type === 'file');
  if (name === '' || (archives.length === 0 && host.files.lstat(sharedTree(cache, name))?.type !== 'dir')) {
    const embedded = findTemplate(host, others, name) !== null;
    throw new VzError(embedded ? 'template-embedded' : 'template-missing', { template: ostemplate, path: cache });
  }
  for (const file of archives) host.files.unlink(file);
  dropOrigin(host, cache, name);
  await dropSharedTree(host, cache, name);
}
