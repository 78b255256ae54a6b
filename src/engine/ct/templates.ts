// What verbs do with templates: find, unpack and care for one tree, or share one tree below many overlays. Archives are looked for in the
// prefix's cache first, then among those that came with the engine.
import { VzError } from '../errors.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { archivesOf, type FoundTemplate, findTemplate, listTemplates } from '../template/cache.ts';
import { careFor } from '../template/care.ts';
import { unpackTemplate } from '../template/unpack.ts';
import type { Templates } from './create.ts';
import type { VerbContext } from './verb.ts';

export const cacheOf = (node: NodeConfig): string => `${node.templateDir}/cache`;

/** Where the overlays of a template find their lower layer. */
export const sharedTree = (node: NodeConfig, name: string): string => `${cacheOf(node)}/${name.slice(name.lastIndexOf('/') + 1)}`;

function found(context: VerbContext, embedded: string, name: string): FoundTemplate {
  const template = findTemplate(context.host, [cacheOf(context.node), embedded], name);
  if (template === null) throw new VzError('no-template', { path: sharedTree(context.node, name) });
  return template;
}

async function unpack(context: VerbContext, embedded: string, name: string, directory: string): Promise<void> {
  const { host, report, signal } = context;
  const template = found(context, embedded, name);
  const progress = (done: number, total: number): void => {
    report({ level: 1, text: `Unpacking ${template.name}`, progress: { done, total, unit: 'bytes' } });
  };
  const { leftOut } = await unpackTemplate(host, template, directory, { signal, progress });
  if (leftOut > 0) report({ level: 1, text: `${leftOut} device nodes and fifos of ${template.name} were left out` });
  await careFor(host, directory, template.name);
}

/** Two creates may want the same tree at once: the second waits for the first. */
async function share(context: VerbContext, embedded: string, name: string): Promise<void> {
  const { host, node, signal } = context;
  const tree = sharedTree(node, name);
  host.files.mkdir(cacheOf(node), 0o700);
  const lock = await host.launcher.lock(`${tree}.lock`, { wait: true, signal });
  try {
    if (host.files.stat(tree)?.type === 'dir') return;
    const growing = `${tree}.new`;
    await host.run('rm', ['-rf', '--one-file-system', '--', growing]);
    host.files.mkdir(growing, 0o700);
    await unpack(context, embedded, name, growing);
    host.files.rename(growing, tree);
  } finally {
    await lock?.release();
  }
}

/** `embedded`: directory of the archives that came with the engine. */
export function templates(embedded: string): Templates & { list(context: Pick<VerbContext, 'host' | 'node'>): readonly FoundTemplate[] } {
  return {
    find: async (context, name) => void found(context, embedded, name),
    unpack: (context, name, directory) => unpack(context, embedded, name, directory),
    share: (context, name) => share(context, embedded, name),
    list: ({ host, node }) => listTemplates(host, [cacheOf(node), embedded]),
  };
}

/**
 * Removes a template's archives from the cache, and its shared tree. `users`: containers whose overlay stands on that tree; with any, nothing
 * is removed. Throws VzError 'template-missing', 'template-used'.
 */
export async function removeTemplate(
  { host, node }: Pick<VerbContext, 'host' | 'node'>,
  name: string,
  users: readonly number[],
): Promise<void> {
  const archives = archivesOf(host, cacheOf(node), name);
  const tree = sharedTree(node, name);
  const shared = host.files.stat(tree)?.type === 'dir';
  if (archives.length === 0 && !shared) throw new VzError('template-missing', { template: name, path: cacheOf(node) });
  if (shared && users.length > 0) throw new VzError('template-used', { template: name, cts: users.join(', ') });
  for (const file of archives) host.files.unlink(file);
  if (shared) await host.run('rm', ['-rf', '--one-file-system', '--', tree]);
  host.files.unlink(`${tree}.lock`);
}
