// What there is to say about each template without unpacking it: where it comes from, and why nothing can be made from it, as far as its first
// block tells. A look at all of its bytes is check.ts.
import { type Host, PROGRAM_PATH } from '../host/port.ts';
import { type FoundTemplate, listTemplates } from './cache.ts';
import { formatOf } from './formats.ts';
import { type Origin, originOf } from './origin.ts';
import { BLOCK, parseHeader } from './tar-header.ts';

export interface Inspected extends FoundTemplate {
  readonly origin: Origin;
  /** Why no container can be made from it; completes "Template NAME: …", "" when nothing is known against it. */
  readonly fault: string;
  /** It has been unpacked for overlays to share. */
  readonly shared: boolean;
}

function faultOf(host: Host, { size }: FoundTemplate, head: Uint8Array | null): string {
  if (size === 0) return 'is empty';
  if (head === null) return 'cannot be read';
  const { suffix, expand } = formatOf(head);
  if (suffix === '') {
    const plain = head.length === BLOCK && parseHeader(head) !== null;
    return plain ? '' : 'is neither a tar archive nor compressed by gzip, bzip2, xz or zstd';
  }
  const [program] = expand;
  const there = PROGRAM_PATH.split(':').some((dir) => host.files.stat(`${dir}/${program}`) !== null);
  return there ? '' : `${program}, which unpacks it, is not installed`;
}

async function headsOf(host: Host, templates: readonly FoundTemplate[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const byDir = Object.groupBy(templates, ({ file }) => file.slice(0, file.lastIndexOf('/')));
  const heads = new Map<string, Uint8Array>();
  for (const [dir, some = []] of Object.entries(byDir)) {
    const results = await host.launcher.tree(
      dir,
      some.map(({ file }) => ({ op: 'read', path: file.slice(dir.length), max: BLOCK })),
    );
    for (const [i, result] of results.entries()) if (result.ok && result.data) heads.set(some[i]?.file ?? '', result.data);
  }
  return heads;
}

/** Trees whose archive is gone: containers that share one go on, new ones cannot be made. */
function orphans({ files }: Host, cache: string, known: ReadonlySet<string>): readonly Inspected[] {
  return (files.list(cache) ?? [])
    .filter((name) => !name.startsWith('.') && !known.has(name))
    .flatMap((name) => {
      const info = files.lstat(`${cache}/${name}`);
      if (info?.type !== 'dir') return [];
      const fault = 'has lost its archive: what shares its tree goes on, nothing new can be made from it';
      return [{ name, file: `${cache}/${name}`, size: 0, made: info.mtimeMs, origin: { kind: 'archive' }, fault, shared: true } as const];
    });
}

/** All templates by name, the broken ones among them. */
export async function inspectTemplates(
  host: Host,
  directories: readonly [cache: string, ...others: string[]],
): Promise<readonly Inspected[]> {
  const [cache] = directories;
  const templates = listTemplates(host, directories);
  const heads = await headsOf(host, templates);
  const found = templates.map((template) => ({
    ...template,
    origin: originOf(host, cache, template),
    fault: faultOf(host, template, heads.get(template.file) ?? null),
    shared: host.files.lstat(`${cache}/${template.name}`)?.type === 'dir',
  }));
  const lost = orphans(host, cache, new Set(templates.map(({ name }) => name)));
  return [...found, ...lost].sort((a, b) => (a.name < b.name ? -1 : 1));
}
