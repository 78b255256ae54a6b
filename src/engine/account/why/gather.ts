// Everything that is known when somebody asks why, from two looks and the time between them. Whoever has not run or waited after a moment is not
// looked at closer; who holds a beancounter is asked for those that stand out. Judges nothing.
import type { CgroupTopology } from '../../cgroup/face.ts';
import type { Host } from '../../host/port.ts';
import type { CtLedger } from '../../spec/ubc-ledger.ts';
import type { Who, WhoLine } from '../../spec/who.ts';
import type { CtEvidence, Evidence } from '../../spec/why/evidence.ts';
import { type Lately, rowEvidence, unwatchedFor, worthAsking } from '../../spec/why/rows.ts';
import type { JournalEntry } from '../../store/journal.ts';
import { type Breath, openBreath } from '../breath.ts';
import { openProcesses } from '../processes.ts';
import type { CtSummary } from '../sample.ts';
import { type CtLook, isQuiet, lookAt, pressureBetween } from './look.ts';
import { type Area, disksOf, lookAtNode, nodeEvidence } from './node.ts';
import { pastOf } from './past.ts';
import { lookAtProcesses, type ProcessLook, processEvidence } from './process-rates.ts';

export interface WhySources {
  readonly host: Host;
  readonly topology: CgroupTopology;
  /** All containers. */
  readonly list: () => readonly CtSummary[];
  readonly ubc: (ids: readonly number[]) => readonly CtLedger[];
  /** Refusals up to this look by the history, by beancounter; empty without one. */
  readonly recently: (account: CtLedger) => Lately;
  /** The newest deeds, oldest first. */
  readonly journal: () => readonly JournalEntry[];
  readonly areas: (ids: readonly number[]) => readonly Area[];
  readonly who: (id: number, name: string) => Promise<Who | null>;
  /** Resolves after so many milliseconds, or when the caller gives up. */
  readonly wait: (ms: number) => Promise<void>;
  /** A signal that comes after so many milliseconds. */
  readonly patience: (ms: number) => AbortSignal;
}

/** Milliseconds until whoever is quiet is told from the others, and then to the second look. */
const MOMENT = 300;
const WINDOW = 1000;
/** Milliseconds for command lines, which a program inside may hold up. */
const NAMING = 300;
/** So often is asked who holds something, and so many lines of each answer are kept. */
const QUESTIONS = 24;
const LINES = 5;

type Looks = ReadonlyMap<number, CtLook>;

async function lookAtAll({ host, topology }: WhySources, running: readonly CtSummary[], breath: Breath): Promise<Looks> {
  const looks = new Map<number, CtLook>();
  for (const { id, init } of running) {
    const look = init && lookAt(host, topology, id, init.pid);
    if (look) looks.set(id, look);
    await breath();
  }
  return looks;
}

type Rates = ReadonlyMap<number, Pick<CtEvidence, 'processes' | 'io'>>;

/** What processes do in the time of `wait`, of each container by itself. */
async function ratesOf({ host, topology, wait, patience }: WhySources, busy: readonly CtSummary[], breath: Breath): Promise<Rates> {
  const looked = busy.map((ct) => ({ ct, reader: openProcesses(host, topology) }));
  try {
    const before = new Map<number, ProcessLook>();
    for (const { ct, reader } of looked) {
      before.set(ct.id, lookAtProcesses(host, reader, ct));
      await breath();
    }
    await wait(WINDOW);
    const enough = patience(NAMING);
    await Promise.all(looked.map(({ reader }) => reader.named(enough)));
    const rates = new Map<number, Pick<CtEvidence, 'processes' | 'io'>>();
    for (const { ct, reader } of looked) {
      const earlier = before.get(ct.id);
      if (earlier) rates.set(ct.id, processEvidence(earlier, lookAtProcesses(host, reader, ct)));
      await breath();
    }
    return rates;
  } finally {
    for (const { reader } of looked) reader.close();
  }
}

type Figures = Pick<CtEvidence, 'cpu' | 'oom' | 'memory' | 'pressure' | 'network'>;
const NOTHING: Figures = { cpu: null, oom: null, memory: null, pressure: { cpu: null, memory: null, io: null }, network: null };

function figures(before: CtLook | undefined, now: CtLook | undefined, seconds: number): Figures {
  if (before === undefined || now === undefined || seconds <= 0) return NOTHING;
  const since = (what: keyof CtLook['usage']): number => Math.max(0, now.usage[what] - before.usage[what]);
  const rate = (what: 'received' | 'sent' | 'packets'): number =>
    Math.max(0, (now.network?.[what] ?? 0) - (before.network?.[what] ?? 0)) / seconds;
  const { memory, memoryLimit, oomKill } = now.usage;
  return {
    cpu: {
      used: Math.round(since('cpuUsec') / seconds / 1000) / 10,
      limit: now.cpuLimit,
      throttled: since('cpuThrottled'),
      periods: since('cpuPeriods'),
    },
    oom: { kills: since('oomKill'), ever: oomKill },
    memory: {
      own: now.parts?.own ?? 0,
      grown: (now.parts?.own ?? 0) - (before.parts?.own ?? 0),
      held: memory,
      limit: Number.isFinite(memoryLimit) && memoryLimit > 0 ? memoryLimit : null,
      hits: since('memoryFail'),
    },
    pressure: pressureBetween(before.pressure, now.pressure, seconds),
    network: now.network && before.network && { received: rate('received'), sent: rate('sent'), packets: rate('packets') },
  };
}

async function answers({ who }: WhySources, all: readonly CtEvidence[]): Promise<readonly CtEvidence[]> {
  let left = QUESTIONS;
  const told: CtEvidence[] = [];
  for (const ct of all) {
    const found: Record<string, readonly WhoLine[]> = {};
    for (const name of worthAsking(ct).slice(0, Math.max(0, left))) {
      left--;
      found[name] = ((await who(ct.id, name))?.lines ?? []).slice(0, LINES);
    }
    told.push({ ...ct, who: found });
  }
  return told;
}

/** @param only one container is asked about; it is looked at closely whether or not it moves */
export async function gather(sources: WhySources, only: number | null): Promise<Evidence> {
  const { host, list, wait } = sources;
  const containers = list();
  const running = containers.filter(({ init }) => init !== null);
  const ids = running.map(({ id }) => id);
  const node = lookAtNode(host);
  const began = host.uptime();
  const breath = openBreath(host.uptime);
  const [rowsBefore, first] = [sources.ubc(ids), await lookAtAll(sources, running, breath)];
  await wait(MOMENT);
  const moment = await lookAtAll(sources, running, breath);
  const quiet = (id: number): boolean => {
    const [before, now] = [first.get(id), moment.get(id)];
    return before === undefined || now === undefined || isQuiet(before, now);
  };
  const rates = await ratesOf(
    sources,
    running.filter(({ id }) => id === only || !quiet(id)),
    breath,
  );
  const second = await lookAtAll(sources, running, breath);
  const seconds = Math.round(host.uptime() - began) / 1000;
  const rows = new Map(sources.ubc(ids).map((ubc) => [ubc.id, ubc]));
  const earlier = new Map(rowsBefore.map((ubc) => [ubc.id, ubc]));
  const disks = disksOf(host, sources.areas(containers.map(({ id }) => id)));
  const [entries, now] = [sources.journal(), host.now()];
  const all = containers.map((ct): CtEvidence => {
    const { id, name, state, unattended, trouble, restartAt } = ct;
    const ubc = rows.get(id);
    const lately = ubc && sources.recently(ubc);
    return {
      ...{ id, name, state, unattended, trouble },
      restartIn: restartAt === null ? null : Math.max(0, (restartAt - now) / 1000),
      ...pastOf(entries, id, now),
      rows: ubc === undefined ? [] : rowEvidence(earlier.get(id), ubc, lately?.rows),
      unwatched: ubc === undefined ? null : unwatchedFor((now - ubc.since) / 1000, lately?.reach ?? 0),
      ...figures(first.get(id), second.get(id), seconds),
      ...(rates.get(id) ?? { processes: null, io: null }),
      disk: disks.own.get(id) ?? null,
      who: {},
    };
  });
  return { at: now, seconds, only, node: nodeEvidence(host, node, seconds, disks.shared), containers: await answers(sources, all) };
}
