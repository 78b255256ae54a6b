// Bind mounts of a container, looked at before anything is done: may the source be shown, can its owners be, and what will the mount tables say.
import { VzError } from '../errors.ts';
import { type Mount, parseMountinfo } from '../host/mountinfo.ts';
import { inside } from '../host/paths.ts';
import { realPlaces } from '../host/real-path.ts';
import { canMapIds, fileSystemOf } from '../rootfs/idmap-probe.ts';
import { words } from '../spec/params/grammar.ts';
import { type BindMount, parseBinds, printBinds } from '../spec/params/mounts.ts';
import { type GivenBind, readGiven } from '../store/given.ts';
import { type CtConfig, privateOf, rootOf } from '../store/registry.ts';
import { nodeDirs, type Taken } from './places.ts';
import { barred } from './shut.ts';
import type { VerbContext } from './verb.ts';

type Looking = Pick<VerbContext, 'host' | 'node' | 'configs' | 'report'>;

export interface LookedAt {
  readonly bind: BindMount;
  /** Owners show as they are on the node. */
  readonly mapped: boolean;
  readonly given: GivenBind;
}

const refused = ({ source, place }: BindMount, cause: string, remedy: string): VzError =>
  new VzError('bind-refused', { source, place, cause, remedy });

/** Where the engine keeps what is nobody's business inside, trees of other containers above all. */
function reserved(context: Looking): readonly Taken[] {
  const { node } = context;
  const trees = context
    .configs()
    .flatMap((config): Taken[] =>
      [privateOf(node, config), rootOf(node, config)].flatMap((path) =>
        path === null ? [] : [{ path, what: `the files of container ${config.id}` }],
      ),
    );
  return [...nodeDirs(context), ...trees];
}

/** Places of which a bind mount is to be taken that are none: `names` of --bindmount_del. Said, and the rest is done. */
export function sayUnbound({ host, node, report }: Looking, { id, values }: CtConfig, names: string | undefined): void {
  const has = [...parseBinds(values.get('BINDMOUNT')), ...readGiven(host, node, id).binds].map(({ place }) => place);
  for (const place of words(names ?? ''))
    if (place !== 'all' && !has.includes(place)) report({ level: -1, text: `Warning: nothing of the node is bound at ${place}` });
}

const MISSING = 'Make it, or take the bind mount away with --bindmount_del';

function checkSource(context: Looking, bind: BindMount): void {
  const { source } = bind;
  const there = context.host.files.stat(source);
  if (there === null) throw refused(bind, 'the source does not exist', MISSING);
  if (there.type !== 'dir' && there.type !== 'file')
    throw refused(
      bind,
      'the source is neither a directory nor a file',
      'Give devices by --devnodes, and sockets with the directory that they lie in',
    );
  for (const { path, what } of reserved(context))
    if (inside(source, path) || inside(path, source))
      throw refused(bind, `the source ${inside(source, path) ? 'lies in' : 'holds'} ${what}, ${path}`, 'Bind a directory of its own');
}

/** The mount that shows a path, of several on one place the last one. */
function holderOf(table: readonly Mount[], path: string): Mount | undefined {
  const holders = table.filter((m) => m.path === '/' || inside(path, m.path));
  const deepest = Math.max(0, ...holders.map((m) => m.path.length));
  return holders.findLast((m) => m.path.length === deepest);
}

/**
 * Owners on disk are those inside, so a setuid file that root inside makes is one of the node's root: of no use where nobody else gets, where
 * nothing can be written, or where setuid does not count.
 */
function checkReach(context: Looking, bind: BindMount, holder: Mount | undefined): void {
  const { options, source } = bind;
  if (options.includes('ro') || options.includes('trusted') || holder?.options.split(',').includes('nosuid')) return;
  if (barred(context, source)) return;
  throw refused(
    bind,
    'users of the node can reach the source, and would find setuid programs of the container’s root there (unless it is bound with ro, plain or trusted)',
    `Close a directory above it (chmod 0700), mount its file system nosuid, or add an option: ${source}:${bind.place},ro or ,plain or, where you trust all users of the node, ,trusted`,
  );
}

/** File systems, by the beginning of their names, whose owners can be made fit for a container elsewhere. */
const WAYS_ROUND: Readonly<Record<string, string>> = {
  nfs: '. Exported with all_squash,anonuid=N,anongid=N, N being the VZDECK_IDBASE of its config, the files are those of root inside',
};

/** Throws VzError 'bind-refused'. Says where owners cannot be shown. */
export async function lookAt(context: Looking, wish: BindMount): Promise<LookedAt> {
  const { host, report } = context;
  const source = realPlaces(host.files)(`${wish.source}/.`).replace(/\/\.$/, '');
  // whoever can write above the source, another container that was given it, say, could lead to anything of the node
  if (source !== wish.source) throw refused(wish, `the source leads through a symbolic link to ${source || '/'}`, 'Name the place itself');
  const bind = wish;
  checkSource(context, bind);
  const holder = holderOf(parseMountinfo(host.files.read(`${host.proc}/self/mountinfo`) ?? ''), source);
  const able = await canMapIds(host, source);
  const mapped = able && !wish.options.includes('plain');
  if (mapped) checkReach(context, bind, holder);
  if (!able && !wish.options.includes('plain')) {
    const type = fileSystemOf(host, source);
    const way = Object.entries(WAYS_ROUND).find(([name]) => type.startsWith(name))?.[1] ?? '';
    report({
      level: -1,
      text: `Warning: ${type} of ${wish.source} cannot show its owners inside: they appear as nobody (65534) at ${wish.place}, and what others may read or write decides${way}`,
    });
  }
  const root = `${holder?.root ?? ''}/${source.slice(holder?.path.length ?? 0)}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
  return { bind, mapped, given: { item: printBinds([wish]), place: wish.place, device: holder?.device ?? '', root } };
}

const STEPS = ['cloneSource', 'setTree', 'seal', 'cover'];

/** A refusal of the launcher in words of the one that asked. */
export function explainBind(error: unknown, binds: readonly BindMount[]): unknown {
  if (!(error instanceof VzError) || error.code !== 'launch-failed') return error;
  const { op, path, errno } = error.fields;
  const bind = binds.find(({ source, place }) => path === place || path === source) ?? (binds.length === 1 ? binds[0] : undefined);
  if (!bind || !STEPS.includes(String(op))) return error;
  const { place, source } = bind;
  if (errno === 'ELOOP' && op === 'cloneSource') return refused(bind, 'the source leads through a symbolic link', 'Name the place itself');
  if (errno === 'ELOOP')
    return refused(bind, `${place} leads through a symbolic link inside`, 'Name the place that the link leads to, as it is called inside');
  if (errno === 'ENOTDIR' || errno === 'EISDIR')
    return refused(bind, `what lies at ${place} inside and ${source} are not both directories, or not both files`, 'Choose another place');
  if (op === 'setTree' && errno === 'EINVAL')
    return refused(
      bind,
      'a file system below the source cannot show its owners inside',
      'Leave out the option rec, or add the option plain',
    );
  return new VzError('bind-refused', { source, place, cause: `${error.fields['syscall']} ${path}: ${errno}`, remedy: '' }, error);
}
