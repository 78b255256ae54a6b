// The files of a container, whatever it is doing: which directory of the node shows them with which ids, and changes below it that can be taken
// back. What somebody inside has mounted over them is not seen: nobody inside can put anything in the way.
import { VzError } from '../../errors.ts';
import { mountRoot } from '../../rootfs/root-mount.ts';
import { takeDownRoot } from '../../rootfs/tear-down.ts';
import type { TreeOp, TreeResult } from '../../spec/op.ts';
import { liveInit, readRecord } from '../../store/record.ts';
import { lookWhole, remove, type Seen, symlink, type TreeAsk } from '../../template/seen.ts';
import type { CtSettings } from '../settings.ts';
import { viewNode } from '../state.ts';
import type { VerbContext } from '../verb.ts';

type Context = Pick<VerbContext, 'host' | 'node'>;

/** Of a plain tree it is the private area itself; of an overlay what is mounted, with the ids that it was mounted with. */
export function treeAt({ host }: Pick<Context, 'host'>, { rootMount }: Pick<CtSettings, 'rootMount'>, idBase: number | null): TreeAsk {
  if (rootMount.layout === 'simfs') return (ops) => host.launcher.tree(rootMount.private, ops);
  return (ops) => host.launcher.tree(rootMount.root, ops, idBase ?? 0);
}

/** Shows the files for the time of `work`: an overlay that is not mounted is, without the administrator's scripts. The caller holds the container's lock. */
export async function withTree<T>(
  context: Context,
  settings: Pick<CtSettings, 'id' | 'rootMount'>,
  work: (ask: TreeAsk) => Promise<T>,
): Promise<T> {
  const { host, node } = context;
  const { id, rootMount } = settings;
  const runs = liveInit(host, node, id) !== null;
  const idBase = runs ? (readRecord(host, node, id)?.idBase ?? null) : null;
  const ask = treeAt(context, settings, idBase);
  if (rootMount.layout === 'simfs' || viewNode(host).mounted.has(rootMount.root)) return work(ask);
  if (runs) throw new VzError('inside-refused', { ct: id, what: rootMount.root, cause: 'nothing is mounted there any more' });
  host.files.mkdir(rootMount.scratch, 0o700);
  try {
    await host.launcher.ops({ ops: mountRoot(rootMount, null) });
    return await work(ask);
  } finally {
    await host.launcher.ops({ ops: takeDownRoot(host, rootMount, [rootMount.root]) });
  }
}

type Done = Extract<TreeResult, { ok: true }>;

/** Writing through a link changes what it leads to, and keeps its owner. */
const BEHIND_LINK = { mode: 0o644, uid: 0, gid: 0 };

/** What stands at a path, as operations that put it back. */
function before(path: string, replaced: boolean, [stat, link, read]: readonly (TreeResult | undefined)[]): readonly TreeOp[] {
  if (!stat?.ok) return [remove(path)];
  if (link?.ok && replaced) return symlink(path, (link as Done).target ?? '');
  const data = read?.ok ? (read as Done).data : undefined;
  if (data === undefined) return [];
  const { mode, uid, gid } = (link?.ok ? undefined : (stat as Done).stat) ?? BEHIND_LINK;
  return [...(replaced ? [remove(path)] : []), { op: 'write', path, data, mode, uid, gid }];
}

/** A directory that is there; whatever was to go and is not there. */
const HARMLESS: Readonly<Record<string, readonly string[]>> = { mkdir: ['EEXIST'], remove: ['ENOENT', 'ENOTDIR'] };

/**
 * Changes files, all of them or none, and returns what takes the change back; directories that were made stay.
 * Throws VzError 'inside-refused' with the path and why. `seen`: what these were worked out from; what is known from there is not asked again.
 */
export async function changeTree(ask: TreeAsk, id: number, ops: readonly TreeOp[], seen?: Seen): Promise<() => Promise<void>> {
  if (ops.length === 0) return async () => {};
  const paths = [...new Set(ops.filter(({ op }) => op === 'write' || op === 'remove' || op === 'symlink').map(({ path }) => path))];
  const unknown = paths.filter((path) => !seen?.answers(path));
  const looked = unknown.length === 0 ? [] : await ask(unknown.flatMap(lookWhole));
  const back = paths.flatMap((path) => {
    const replaced = ops.some((op) => op.path === path && op.op !== 'write');
    const at = 3 * unknown.indexOf(path);
    return before(path, replaced, at < 0 ? (seen?.answers(path) ?? []) : looked.slice(at, at + 3));
  });
  const undo = async (): Promise<void> => void (await ask(back));
  for (const [i, result] of (await ask(ops)).entries()) {
    const op = ops[i]!;
    if (result.ok || HARMLESS[op.op]?.includes(result.errno)) continue;
    await undo();
    throw new VzError('inside-refused', { ct: id, what: `${op.op} ${op.path}`, cause: result.errno });
  }
  return undo;
}
