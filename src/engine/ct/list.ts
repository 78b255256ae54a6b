// All containers at once: what their configs say and what they are doing. Reads small files only, so that a list of hundreds is quick.

import type { CtSummary } from '../account/sample.ts';
import type { Host } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { isCtid, parseCtid } from '../spec/ctid.ts';
import type { Values } from '../spec/params/read.ts';
import type { Remark } from '../spec/params/types.ts';
import type { CtState } from '../spec/states.ts';
import { readOutcome, restartTime } from '../store/record.ts';
import { type CtConfig, configIds, configuredPath, layoutOf, lookAtCt, privateOf, readCt, rootOf, shownPath } from '../store/registry.ts';
import { idOfName, verifiedName } from '../store/registry-names.ts';
import { liveState, type NodeView, viewNode } from './state.ts';
import type { Reader } from './verb.ts';

/** Everything that vzlist can show of a container but for its counters. */
export interface CtEntry {
  readonly id: number;
  readonly name: string;
  readonly values: Values;
  readonly layout: 'simfs' | 'overlay' | 'ploop';
  /** VE_PRIVATE and VE_ROOT as the config means them, without the prefix; "" when not set. */
  readonly private: string;
  readonly root: string;
  /** The private area is there. */
  readonly exists: boolean;
  readonly state: CtState;
  readonly init: ProcessId | null;
  /** Seconds since start, 0 when it does not run. */
  readonly uptime: number;
  readonly unattended: boolean;
  /** VE_ROOT on this node when its directory is missing. */
  readonly missingRoot: string | null;
  readonly remarks: readonly Remark[];
}

/** Linux counts start times in hundredths of a second for programs, on every architecture. */
const TICKS = 100;

export function entryOf(context: Reader, view: NodeView, config: CtConfig): CtEntry {
  const { host, node } = context;
  const { id, values } = config;
  const area = privateOf(node, config);
  const root = rootOf(node, config);
  const exists = config.exists && area !== null && host.files.stat(area) !== null;
  const { state, init, keeper } = liveState(context, view, { id, exists, root: root ?? '' });
  return {
    id,
    name: verifiedName(host, node, id, values.get('NAME')),
    values,
    layout: layoutOf(host, node, config),
    private: configuredPath(config, 'VE_PRIVATE') ?? '',
    root: configuredPath(config, 'VE_ROOT') ?? '',
    exists,
    state,
    init,
    uptime: secondsSince(host, init),
    unattended: init !== null && keeper === null,
    missingRoot: root !== null && !init && !host.files.stat(root) ? shownPath(node, config, 'VE_ROOT') : null,
    remarks: config.remarks,
  };
}

/** All containers with a config, or those asked for, ascending by id; ids without a config are left out. `say` gets what is wrong with files. */
export function listEntries(context: Reader, wanted?: readonly number[], say?: (remark: Remark) => void): readonly CtEntry[] {
  const { host, node } = context;
  const view = viewNode(host);
  const found = wanted ? { ids: [...new Set(wanted)].sort((a, b) => a - b), remarks: [] } : configIds(host, node);
  const { ids, remarks } = found;
  for (const remark of remarks) say?.(remark);
  return ids
    .filter((id) => id !== 0)
    .map((id) => lookAtCt(host, node, id))
    .filter((config) => config.exists)
    .map((config) => entryOf(context, view, config));
}

/** Control characters would steer the terminal that shows them; nobody needs more than 255 characters of a name. */
export function clean(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '').slice(0, 255);
}

/** Seconds since a process began. */
export function secondsSince(host: Pick<Host, 'uptime'>, process: ProcessId | null): number {
  return process ? Math.max(0, host.uptime() / 1000 - Number(process.startTime) / TICKS) : 0;
}

/** One container in short, with foreign texts cleaned. */
export function summary({ host, node }: Pick<Reader, 'host' | 'node'>, entry: CtEntry): CtSummary {
  const outcome = readOutcome(host, node, entry.id);
  const text = (key: string): string => clean(entry.values.get(key) ?? '');
  return {
    id: entry.id,
    name: clean(entry.name),
    hostname: text('HOSTNAME'),
    description: text('DESCRIPTION'),
    ostemplate: text('OSTEMPLATE'),
    layout: entry.layout,
    ips: text('IP_ADDRESS')
      .split(' ')
      .filter((ip) => ip !== ''),
    state: entry.state,
    unattended: entry.unattended,
    init: entry.init,
    uptime: entry.uptime,
    trouble: clean(outcome?.trouble ?? ''),
    restartAt: entry.init ? null : restartTime(host, node, entry.id, outcome),
  };
}

/** Containers whose private area is there, or that run without it; ascending by id. */
export function listContainers(context: Reader): readonly CtSummary[] {
  return listEntries(context)
    .filter((entry) => entry.exists || entry.state !== 'absent')
    .map((entry) => summary(context, entry));
}

/** The id that a word means: a number, or a name. null: there is no such name, or the number is no id. */
export function idOfWord({ host, node }: Pick<Reader, 'host' | 'node'>, word: string): number | null {
  const id = parseCtid(word) ?? idOfName(host, node, word);
  return id !== null && isCtid(id) ? id : null;
}

/** By id or name; null when it has no config. */
export function findContainer(context: Reader, word: string): CtSummary | null {
  const id = idOfWord(context, word);
  const entry = id === null ? undefined : listEntries(context, [id])[0];
  return entry ? summary(context, entry) : null;
}

const FIRST_FREE = 101;

/** Lowest id from 101 on that has neither a config nor a private area. */
export function freeId({ host, node }: Pick<Reader, 'host' | 'node'>): number {
  const used = new Set(configIds(host, node).ids);
  for (let id = FIRST_FREE; ; id++) {
    if (used.has(id)) continue;
    const area = privateOf(node, readCt(host, node, id));
    if (area === null || !host.files.lstat(area)) return id;
  }
}
