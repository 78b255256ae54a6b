// vzctl destroy: the private area out of sight at once and deleted behind our back, configs set aside, names given up.
import { VzError } from '../errors.ts';
import { removeTree } from '../host/remove-tree.ts';
import { ifRoom, isNoRoom } from '../host/room.ts';
import { strerror } from '../spec/errno.ts';
import { closeRecord, readRecord, runDirOf } from '../store/record.ts';
import { type CtConfig, privateOf, readCt, rootOf, shownPath } from '../store/registry.ts';
import { dropNames } from '../store/registry-names.ts';
import { dropTraffic } from '../store/traffic-file.ts';
import { allowed } from './ask-table.ts';
import { ACTION_FILES, growingOf } from './create.ts';
import { checkArea } from './places.ts';
import { runVerb } from './run-verb.ts';
import { settingsFrom } from './settings.ts';
import { shut } from './shut.ts';
import { liveState, viewNode } from './state.ts';
import { tearDown } from './tear-down.ts';
import type { VerbContext } from './verb.ts';

/**
 * Deletes whatever lies in the trash, also what an earlier call was killed over; nobody waits for it.
 * setsid: neither the caller's terminal nor the end of its session stops it.
 */
const EMPTY_TRASH =
  'setsid nice -n 19 find "$0" -mindepth 1 -maxdepth 1 -exec rm -rf --one-file-system -- {} + </dev/null >/dev/null 2>&1 &';

async function emptyTrash({ host }: VerbContext, trash: string): Promise<void> {
  await host.run('sh', ['-c', EMPTY_TRASH, trash]);
}

/** A name in the trash that nothing else has. */
function trashName({ host }: VerbContext, trash: string, area: string): string {
  return `${trash}/${area.slice(area.lastIndexOf('/') + 1)}.${host.now()}.${process.pid}`;
}

/** true: moved; false: the trash is on another file system, or there is no room for it. */
function moveAway({ host }: VerbContext, from: string, to: string): boolean {
  try {
    host.files.rename(from, to);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'EXDEV' || isNoRoom(error)) return false;
    throw new VzError('not-deleted', { path: from, cause: strerror(error) }, error);
  }
}

async function removeArea(context: VerbContext, area: string): Promise<void> {
  const { host, node, report } = context;
  const { files } = host;
  const there = files.lstat(area);
  if (!there) return;
  if (there.type === 'link') {
    report({ level: -1, text: `Warning: private area ${area} is a symbolic link to ${files.readLink(area)}` });
    report({ level: -1, text: 'Not removing link destination, you have to do it manually.' });
    files.unlink(area);
    return;
  }
  ifRoom(() => files.mkdir(node.trashDir, 0o700));
  await shut(context, node.trashDir);
  if (moveAway(context, area, trashName(context, node.trashDir, area))) {
    await emptyTrash(context, node.trashDir);
    return;
  }
  report({ level: -1, text: `Warning: directory ${area} is not on the same filesystem as ${node.trashDir} - doing slow/sync removal` });
  await removeTree(host, area);
}

/** Configs stay readable under another name until the id is used again; halves of one, whose writer was killed, go. */
function setAside({ host, node }: VerbContext, id: number): void {
  const half = new RegExp(`^${id}\\.conf\\.tmp\\d+$`);
  for (const name of host.files.list(node.confDir) ?? []) if (half.test(name)) host.files.unlink(`${node.confDir}/${name}`);
  for (const suffix of ACTION_FILES) {
    const file = `${node.confDir}/${id}.${suffix}`;
    if (host.files.lstat(file) && !ifRoom(() => host.files.rename(file, `${file}.destroyed`))) host.files.unlink(file);
  }
}

async function removeDump({ host, node, report }: VerbContext, id: number): Promise<void> {
  const dump = `${node.dumpDir}/Dump.${id}`;
  if (!host.files.lstat(dump)) return;
  await removeTree(host, dump).catch(() => report({ level: -1, text: 'Warning: failed to remove dump file' }));
}

function removeRoot({ host, report }: VerbContext, root: string | null, shown: string): void {
  if (root === null) return;
  try {
    if (!host.files.stat(root)) throw Object.assign(new Error(), { code: 'ENOENT' });
    host.files.rmdir(root);
  } catch (error) {
    report({ level: -1, text: `Warning: failed to remove ${shown}: ${strerror(error)}` });
  }
}

/** What the container printed goes with it: the next one with this id must not show it. */
function removeLogs({ host, node }: VerbContext, id: number): void {
  for (const name of host.files.list(node.logDir) ?? []) {
    if (new RegExp(`^${id}\\.(console|tty\\d+)(\\.1)?$`).test(name)) host.files.unlink(`${node.logDir}/${name}`);
  }
}

/** What a crash may have left of a start: mounts and cgroups go before the files that they show. */
async function clearRemains(context: VerbContext, config: CtConfig): Promise<void> {
  const { host, node } = context;
  if (readRecord(host, node, config.id)) await tearDown(context, settingsFrom(host, node, config));
  if (host.files.stat(runDirOf(node, config.id))) closeRecord(host, node, config.id, null);
}

/** What a create leaves that was killed before it wrote the config: the tree beside its place, or the empty place alone. */
function halfMade({ host }: VerbContext, area: string): boolean {
  const { files } = host;
  return files.lstat(growingOf(area)) !== null || (files.lstat(area)?.type === 'dir' && files.list(area)?.length === 0);
}

/** Throws VzError 'no-config', 'destroy-running', 'mounted', 'place-refused', 'private-shared', 'not-deleted'. Everything of the container is gone but the set-aside configs. */
export async function destroy(context: VerbContext, id: number): Promise<void> {
  const { host, node, report } = context;
  await runVerb(context, { verb: 'destroy', id }, async () => {
    const config = readCt(host, node, id);
    const area = privateOf(node, config);
    if (!config.exists && (area === null || !halfMade(context, area))) throw new VzError('no-config');
    if (area === null) throw new VzError('private-not-set');
    const root = rootOf(node, config);
    const shownRoot = shownPath(node, config, 'VE_ROOT');
    if (config.exists && root !== null && !host.files.stat(root)) report({ level: -1, text: `stat(${shownRoot}): ${strerror('ENOENT')}` });
    const { state } = liveState(context, viewNode(host), { id, exists: host.files.stat(area) !== null, root: root ?? '' });
    allowed('destroy', state);
    checkArea(context, config);
    await clearRemains(context, config);
    report({ level: 0, text: `Destroying container private area: ${shownPath(node, config, 'VE_PRIVATE')}` });
    for (const path of [area, growingOf(area)]) await removeArea(context, path);
    setAside(context, id);
    await removeDump(context, id);
    if (config.exists) removeRoot(context, root, shownRoot);
    removeLogs(context, id);
    context.ledgers.drop(id);
    dropTraffic(host, node, id);
    dropNames(host, node, id);
    report({ level: 0, text: 'Container private area was destroyed' });
  });
}
