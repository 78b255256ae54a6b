// From a template's archive to a tree: unpacked for one container, or once as the lower layer that overlays share.
import { VzError } from '../errors.ts';
import { type FoundTemplate, findTemplate } from '../template/cache.ts';
import { unpackTemplate } from '../template/unpack.ts';
import type { VerbContext } from './verb.ts';

type Templates = Pick<VerbContext, 'host' | 'node' | 'home' | 'report' | 'signal'>;

/** In the node's cache, or among those that came with the engine. Throws VzError 'no-template' (91). */
export function archiveOf({ host, node, home }: Templates, name: string): FoundTemplate {
  const cache = `${node.templateDir}/cache`;
  const found = findTemplate(host, [cache, `${home}/build/templates`], name);
  if (!found) throw new VzError('no-template', { path: `${cache}/${name}` });
  return found;
}

/** Unpacks into an empty directory and takes care of what is wrong in a container. */
export async function fillFromTemplate(context: Templates, name: string, directory: string): Promise<void> {
  const { host, report, signal } = context;
  const progress = (done: number, total: number): void => {
    report({ level: 1, text: `Unpacking ${name}`, progress: { done, total, unit: 'bytes' } });
  };
  await unpackTemplate(host, archiveOf(context, name), directory, { signal, progress });
}

/** The unpacked template in the cache; made beside its place and renamed, so that nobody sees half of it. */
export async function shareTemplate(context: Templates, name: string): Promise<void> {
  const { host, node } = context;
  const { files } = host;
  const place = `${node.templateDir}/cache/${archiveOf(context, name).name}`;
  if (files.stat(place)) return;
  const growing = `${place}.tmp${process.pid}`;
  files.mkdir(growing, 0o700);
  try {
    await fillFromTemplate(context, name, growing);
    files.rename(growing, place);
  } catch (error) {
    await host.run('rm', ['-rf', '--one-file-system', '--', growing]);
    // Somebody else was quicker with the same template: his tree is as good.
    if (!files.stat(place)) throw error;
  }
}
