// All containers for somebody who looks again and again: what files say of one is read only when one of its files has changed, a process of
// it has gone, or a verb works on it. Remembers between looks, but nothing for ever.
import type { CtSummary } from '../account/sample.ts';
import type { FileInfo } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { RACY_MS, stampOf } from '../store/known-configs.ts';
import { liveKeeper, runDirOf } from '../store/record.ts';
import { configIds, lookAtCt, rootOf } from '../store/registry.ts';
import { type CtEntry, entryOf, secondsSince, summary } from './list.ts';
import { type NodeView, viewOf } from './state.ts';
import type { Reader } from './verb.ts';

/** What no watched file tells (somebody deleted the private area) is seen after so many looks at the latest. */
const LOOKS_TO_REREAD = 300;
/** So many neighbours in one look, since the first of them makes it read the mount table. */
const REREAD_TOGETHER = 8;
/** A config that was changed in place, without the rename that its directory tells of, is seen after so many looks. */
const LOOKS_TO_STAT = 5;

/** Stamp of what is not to be believed at the next look. */
const PASSING = 'passing';

interface Known {
  readonly config: FileInfo | null;
  /** Of what it was read from, or PASSING. */
  readonly stamp: string;
  readonly root: string;
  readonly mounted: boolean;
  /** null: it is none of the containers that are listed. */
  readonly listed: { readonly summary: CtSummary; readonly entry: CtEntry } | null;
  /** Then the mount table says nothing about its state. */
  readonly runs: boolean;
  /** The process whose end would change no watched file: the keeper, which notes how init has ended, or init when it has no keeper. */
  readonly silent: ProcessId | null;
}

export interface Roster {
  /** Containers whose private area is there, or that run without it; ascending by id. */
  look(): readonly CtSummary[];
  /** All that was known of one of these when its files were read last. */
  entry(id: number): CtEntry | null;
}

export function openRoster(context: Reader): Roster {
  const { host, node } = context;
  const { files } = host;
  let known = new Map<number, Known>();
  let looks = 0;
  let configs = '';
  let table: { readonly text: string; readonly view: NodeView } | null = null;

  const readTable = (): NodeView => {
    const text = files.read(`${host.proc}/self/mountinfo`) ?? '';
    if (table?.text !== text) table = { text, view: viewOf(text) };
    return table.view;
  };

  const idsIn = (dir: string, suffix = ''): ReadonlySet<number> =>
    new Set((files.list(dir) ?? []).filter((name) => name.endsWith(suffix)).map((name) => Number.parseInt(name, 10)));

  const isThere = (process: ProcessId | null): boolean => process === null || files.stat(`${host.proc}/${process.pid}`) !== null;

  const read = (id: number, view: NodeView, stamp: string, file: FileInfo | null): Known => {
    const config = lookAtCt(host, node, id);
    const entry = config.exists ? entryOf(context, view, config) : null;
    const listed = entry !== null && (entry.exists || entry.state !== 'absent');
    const keeper = entry?.init ? liveKeeper(host, node, id) : null;
    const root = rootOf(node, config) ?? '';
    return {
      config: file,
      stamp,
      root,
      mounted: view.mounted.has(root),
      listed: listed ? { summary: summary(context, entry), entry } : null,
      runs: entry !== null && entry.init !== null,
      silent: keeper ?? entry?.init ?? null,
    };
  };

  const look = (): readonly CtSummary[] => {
    let seen: NodeView | null = null;
    const view = (): NodeView => {
      seen ??= readTable();
      return seen;
    };
    const busy = idsIn(node.lockDir, '.lck');
    const ran = idsIn(node.runDir);
    looks++;
    const configsNow = stampOf(files.stat(node.confDir));
    const renamed = configsNow !== configs;
    configs = configsNow;
    const next = new Map<number, Known>();
    for (const id of configIds(host, node).ids) {
      if (id === 0) continue;
      const before = known.get(id);
      const config = before && !renamed && (id + looks) % LOOKS_TO_STAT !== 0 ? before.config : files.stat(node.conf(id));
      const watched = [config, ran.has(id) ? files.stat(runDirOf(node, id)) : null];
      const stamp = watched.map(stampOf).join(' ');
      const holds =
        before !== undefined &&
        before.stamp === stamp &&
        !busy.has(id) &&
        (before.runs || view().mounted.has(before.root) === before.mounted) &&
        (Math.floor(id / REREAD_TOGETHER) + looks) % LOOKS_TO_REREAD !== 0 &&
        isThere(before.silent);
      const changed = Math.max(...watched.map((file) => file?.mtimeMs ?? 0));
      const lasting = !busy.has(id) && host.now() - changed > RACY_MS;
      next.set(id, holds ? before : read(id, view(), lasting ? stamp : PASSING, config));
    }
    known = next;
    return [...known.values()].flatMap(({ listed }) =>
      listed === null ? [] : { ...listed.summary, uptime: secondsSince(host, listed.summary.init) },
    );
  };
  return { look, entry: (id) => known.get(id)?.listed?.entry ?? null };
}
