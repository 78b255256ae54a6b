// From a template's archive to a tree: unpacked for one container, or once as the lower layer that overlays share.
import { VzError } from '../errors.ts';
import { removeTree } from '../host/remove-tree.ts';
import { type FoundTemplate, findTemplate } from '../template/cache.ts';
import { careFor } from '../template/care.ts';
import { checkTemplate } from '../template/check.ts';
import { unpackTemplate } from '../template/unpack.ts';
import { INIT } from './launch-plan.ts';
import { shut } from './shut.ts';
import type { VerbContext } from './verb.ts';

type Templates = Pick<VerbContext, 'host' | 'node' | 'home' | 'report' | 'signal'>;

/** Where archives are looked for, in this order: the node's cache, then what came with the engine. */
export const templateDirs = ({ node, home }: Pick<Templates, 'node' | 'home'>): readonly [cache: string, embedded: string] => [
  `${node.templateDir}/cache`,
  `${home}/build/templates`,
];

/** In the node's cache, or among those that came with the engine. Throws VzError 'no-template' (91). */
export function archiveOf(context: Templates, name: string): FoundTemplate {
  const found = findTemplate(context.host, templateDirs(context), name);
  if (!found) throw new VzError('no-template', { path: `${context.node.templateDir}/cache/${name}` });
  return found;
}

/** Programs of which every root file system has one: an init, or at least a shell to install one with. */
const PROGRAMS = [...INIT, '/bin/sh', '/bin/bash', '/bin/busybox', '/usr/bin/sh', '/usr/lib/systemd/systemd'];

/** Reads the whole archive and writes nothing. Throws VzError 'no-template', 'bad-template', 'cancelled'. */
export async function checkArchive(context: Templates, name: string): Promise<void> {
  const { host, report, signal } = context;
  const progress = (done: number, total: number): void =>
    report({ level: 1, text: `Reading ${name}`, progress: { done, total, unit: 'bytes' } });
  const programs = new Set(PROGRAMS.map((path) => path.slice(1)));
  await checkTemplate(host, archiveOf(context, name), { programs, signal, progress });
}

/** Throws VzError 'bad-template' for a tree that is none to run; then it is gone. */
async function checkRootFs({ host }: Templates, template: string, directory: string): Promise<void> {
  if (host.planning) return;
  const found = await host.launcher.tree(
    directory,
    PROGRAMS.map((path) => ({ op: 'stat', path, follow: false })),
  );
  if (found.some(({ ok }) => ok)) return;
  await removeTree(host, directory);
  throw new VzError('bad-template', { template, cause: 'it holds no root file system: there is neither /sbin/init nor /bin/sh in it' });
}

/** Unpacks into an empty directory and takes care of what is wrong in a container. */
export async function fillFromTemplate(context: Templates, name: string, directory: string): Promise<void> {
  const { host, report, signal } = context;
  const progress = (done: number, total: number): void => {
    report({ level: 1, text: `Unpacking ${name}`, progress: { done, total, unit: 'bytes' } });
  };
  const { leftOut } = await unpackTemplate(host, archiveOf(context, name), directory, { signal, progress });
  await checkRootFs(context, name, directory);
  if (leftOut > 0) report({ level: 1, text: `${leftOut} device nodes and fifos of ${name} were left out` });
  await careFor(host, directory, name);
}

/** The unpacked template in the cache; made beside its place and renamed. Of several creates that want it at once the first makes it. */
export async function shareTemplate(context: Templates, name: string): Promise<void> {
  const { host, node, signal } = context;
  const { files } = host;
  const template = archiveOf(context, name).name;
  const cache = `${node.templateDir}/cache`;
  const place = `${cache}/${template}`;
  if (files.stat(place)) return;
  files.mkdir(cache, 0o700);
  await shut(context, cache);
  const lock = await host.launcher.lock(`${cache}/.${template}.lock`, { wait: true, signal });
  try {
    if (files.stat(place)) return;
    const growing = `${cache}/.${template}.new`;
    await removeTree(host, growing);
    files.mkdir(growing, 0o700);
    await fillFromTemplate(context, name, growing);
    files.rename(growing, place);
  } finally {
    await lock?.release();
  }
}
