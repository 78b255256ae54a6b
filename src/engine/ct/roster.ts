// All containers for somebody who looks again and again: what files say of one is read only when one of its files has changed, a process of
// it has gone, or a verb works on it. Remembers between looks, but nothing for ever.
import { ASTIR, type Calm } from '../account/calm.ts';
import type { CtSummary } from '../account/sample.ts';
import type { FileInfo } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { RACY_MS, sameFile } from '../store/known-configs.ts';
import { openListing } from '../store/listing.ts';
import { liveKeeper, runDirOf } from '../store/record.ts';
import { configIds, lookAtCt, rootOf } from '../store/registry.ts';
import { type CtEntry, entryOf, secondsSince, summary } from './list.ts';
import { type NodeView, viewOf } from './state.ts';
import type { Reader } from './verb.ts';

/** What no watched file tells (somebody deleted the private area) is seen after so many looks at the latest. */
const LOOKS_TO_REREAD = 300;
/** So many neighbours in one look, since the first of them makes it read the mount table. */
const REREAD_TOGETHER = 8;
/** A config that was changed in place, without the rename that its directory tells of, is seen after so many looks; and what is by hand, of a start. */
const LOOKS_TO_STAT = 5;

interface Known {
  /** What it was read from: its config, and the directory of its start. */
  readonly config: FileInfo | null;
  readonly run: FileInfo | null;
  /** false: it is not to be believed at the next look. */
  readonly lasting: boolean;
  readonly root: string;
  readonly mounted: boolean;
  /** null: it is none of the containers that are listed. */
  readonly listed: { readonly summary: CtSummary; readonly entry: CtEntry } | null;
  /** Then the mount table says nothing about its state. */
  readonly runs: boolean;
  /** Init and its keeper: as long as they live nobody notes anything of this start but a verb, which has the lock meanwhile. */
  readonly processes: readonly ProcessId[];
}

export interface Roster {
  /** Containers whose private area is there, or that run without it; ascending by id. `calm`: since the look before. */
  look(calm?: Calm): readonly CtSummary[];
  /** All that was known of one of these when its files were read last. */
  entry(id: number): CtEntry | null;
}

export function openRoster(context: Reader): Roster {
  const { host, node } = context;
  const { files } = host;
  let known = new Map<number, Known>();
  let looks = 0;
  let table: { readonly text: string; readonly view: NodeView } | null = null;

  const readTable = (): NodeView => {
    const text = files.read(`${host.proc}/self/mountinfo`) ?? '';
    if (table?.text !== text) table = { text, view: viewOf(text) };
    return table.view;
  };

  const idsIn = (dir: string, suffix = ''): ReadonlySet<number> =>
    new Set((files.list(dir) ?? []).filter((name) => name.endsWith(suffix)).map((name) => Number.parseInt(name, 10)));
  const listed = {
    configs: openListing(host, node.confDir, () => configIds(host, node).ids),
    busy: openListing(host, node.lockDir, () => idsIn(node.lockDir, '.lck')),
    ran: openListing(host, node.runDir, () => idsIn(node.runDir)),
  };

  const read = (id: number, view: NodeView, from: Pick<Known, 'config' | 'run' | 'lasting'>): Known => {
    const config = lookAtCt(host, node, id);
    const entry = config.exists ? entryOf(context, view, config) : null;
    const listed = entry !== null && (entry.exists || entry.state !== 'absent');
    const keeper = entry?.init ? liveKeeper(host, node, id) : null;
    const root = rootOf(node, config) ?? '';
    return {
      ...from,
      root,
      mounted: view.mounted.has(root),
      listed: listed ? { summary: summary(context, entry), entry } : null,
      runs: entry !== null && entry.init !== null,
      processes: [entry?.init ?? [], keeper ?? []].flat(),
    };
  };

  const look = ({ still }: Calm = ASTIR): readonly CtSummary[] => {
    let seen: NodeView | null = null;
    const view = (): NodeView => {
      seen ??= readTable();
      return seen;
    };
    const [busy, ran, configs] = [listed.busy().names, listed.ran().names, listed.configs()];
    looks++;
    const next = new Map<number, Known>();
    for (const id of configs.names) {
      if (id === 0) continue;
      const before = known.get(id);
      const turn = before === undefined || (id + looks) % LOOKS_TO_STAT === 0;
      const config = !turn && !configs.changed ? before.config : files.stat(node.conf(id));
      // who has not run has neither ended nor left a note
      const rests = still && !turn;
      const unended = rests || before?.processes.every(({ pid }) => host.isThere(pid));
      const unnoted = !turn && unended && (still || before.runs);
      const run = !ran.has(id) ? null : unnoted ? before.run : files.stat(runDirOf(node, id));
      const holds =
        before?.lasting &&
        sameFile(before.config, config) &&
        sameFile(before.run, run) &&
        !busy.has(id) &&
        (before.runs || view().mounted.has(before.root) === before.mounted) &&
        (Math.floor(id / REREAD_TOGETHER) + looks) % LOOKS_TO_REREAD !== 0 &&
        unended;
      const changed = Math.max(config?.mtimeMs ?? 0, run?.mtimeMs ?? 0);
      const lasting = !busy.has(id) && host.now() - changed > RACY_MS;
      next.set(id, holds ? before : read(id, view(), { config, run, lasting }));
    }
    known = next;
    const now = host.uptime();
    const moment = { uptime: () => now };
    return [...known.values()].flatMap(({ listed }) =>
      listed === null ? [] : { ...listed.summary, uptime: secondsSince(moment, listed.summary.init) },
    );
  };
  return { look, entry: (id) => known.get(id)?.listed?.entry ?? null };
}
