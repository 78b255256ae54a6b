// What is worth a line when one sample follows another: what nobody here did. Pure.
import { type CtSample, type LedgerHistory, type NodeSample, refusedText, UBC_SENSE, unitOf } from '../../engine/index.ts';
import { count, duration } from '../screen/figures.ts';
import { clean } from '../screen/text.ts';
import { runs } from './columns.ts';
import { headline } from './failure.ts';
import type { Burst, Notice, Tone } from './notice.ts';
import { refusedBetween } from './refusals.ts';
import { failures, talliesOf } from './tallies.ts';
import type { Task } from './task.ts';
import { heldText } from './ubc-text.ts';

const MAX_NOTICES = 200;

type Change = readonly [tone: Tone, text: string];

/** "101 web", "101" without a name. */
export const ctLabel = (row: { readonly id: number; readonly name: string }): string => (row.name ? `${row.id} ${row.name}` : `${row.id}`);

/** A task that worked on a container since the sample before has said itself what became of it. */
export function noticesBetween(before: NodeSample, after: NodeSample, tasks: readonly Task[]): readonly Notice[] {
  const busy = new Set(tasks.filter((task) => task.endedAt === null || task.endedAt >= before.at).map((task) => task.ct));
  const old = new Map(before.containers.map((row) => [row.id, row]));
  const changes = after.containers.flatMap((row) => {
    const last = old.get(row.id);
    if (last === undefined || last === row) return last === undefined && !busy.has(row.id) ? [[row, appeared] as const] : [];
    return busy.has(row.id) ? [] : stateChanges(last, row).map((change) => [row, change] as const);
  });
  const here = new Set(after.containers.map(({ id }) => id));
  const gone = before.containers
    .filter((row) => !busy.has(row.id) && !here.has(row.id))
    .map((row) => [row, ['normal', 'is gone'] as Change] as const);
  const said = [...changes, ...gone].map(([row, [tone, text]]) => ({
    at: after.at,
    ct: row.id,
    tone,
    text: `${ctLabel(row)} ${text}`,
    command: '',
  }));
  return [...said, ...after.containers.flatMap((row) => refusals(old.get(row.id), row, after.at))];
}

const appeared: Change = ['normal', 'is new'];

function stateChanges(last: CtSample, row: CtSample): readonly Change[] {
  if (row.trouble !== '' && row.trouble !== last.trouble) return [['alarm', `has failed: ${headline(row.trouble, row.id)}`]];
  if (row.state !== last.state) return [['normal', `is ${row.state} now, was ${last.state}`]];
  if (row.unattended && !last.unattended) return [['warn', 'lost its keeper and is unattended; the next verb gives it a new one']];
  if (row.init !== null && last.init !== null && row.init.pid !== last.init.pid) return [['normal', 'has started anew']];
  return [];
}

function refusals(last: CtSample | undefined, row: CtSample, at: number): readonly Notice[] {
  const refused = refusedBetween(last, row);
  if (refused.size === 0) return [];
  const tallies = new Map(talliesOf(row));
  return [...refused].map(([kind, count]) =>
    burstNotice(row.id, at, { kind, label: ctLabel(row), limit: tallies.get(kind)?.bound ?? null, count, last: at }),
  );
}

/** "101 web refused 38 forks at numproc 60 in the last 4s" */
function burstNotice(ct: number, since: number, burst: Burst): Notice {
  const { kind, label, limit, count: times, last } = burst;
  const span = last - since < 1000 ? 'second' : duration((last - since) / 1000);
  // nothing is refused at a guarantee: what is counted there was killed
  const at = UBC_SENSE[kind]?.guarantee ? 'for lack of memory' : `at ${kind}${limit === null ? '' : ` ${heldText(limit, unitOf(kind))}`}`;
  const text = `${label} ${refusedText(kind, times, count(times))} ${at} in the last ${span}`;
  return { at: since, ct, tone: 'alarm', text, command: '', burst };
}

/** Of so many containers at most is asked what was before: the first screen waits for it. */
const MOST_ASKED = 20;
const MINUTE = 60_000;

/** What was refused before the first look: in the last minute, as far as somebody has looked, and since nobody did. */
export function noticesBefore({ at, containers }: NodeSample, history: LedgerHistory): readonly Notice[] {
  const failed = containers.filter((row) => runs(row) && row.ubc !== undefined && failures(row) > 0);
  const most = failed.toSorted((a, b) => failures(b) - failures(a)).slice(0, MOST_ASKED);
  const told = most.flatMap((row): readonly Notice[] => {
    const { id: ct, ubc: { rows = [] } = {} } = row;
    const [lately, unseen] = [history.growth(ct, MINUTE, rows), history.unseen(ct, rows)];
    const bounds = new Map(talliesOf(row));
    const burst = (kind: string, count: number): Burst => ({
      kind,
      label: ctLabel(row),
      limit: bounds.get(kind)?.bound ?? null,
      count,
      last: at,
    });
    const seen = [...(lately?.failcnt ?? [])].map(([kind, count]) => burstNotice(ct, lately?.since ?? at, burst(kind, count)));
    const missed = [...(unseen?.failcnt ?? [])].filter(([kind]) => !lately?.failcnt.has(kind));
    return [...missed.map(([kind, count]) => unseenNotice(ct, at, unseen?.since ?? at, burst(kind, count))), ...seen];
  });
  // the foot shows the last one: what is an alarm, and of those the greatest
  const rank = ({ tone }: Notice): number => (tone === 'alarm' ? 1 : 0);
  return told.reverse().sort((a, b) => rank(a) - rank(b));
}

/** "101 web refused 38 forks at numproc in the last 8h, nobody looked": what the limit was then, nobody knows either. */
const unseenNotice = (ct: number, at: number, since: number, burst: Burst): Notice => ({
  at,
  ct,
  tone: 'warn',
  text: `${burstNotice(ct, since, { ...burst, limit: null }).text}, nobody looked`,
  command: '',
});

/** After so much rest refusals are news again. */
const REST = 60_000;

/** The list with what is new at its end; refusals that go on stay where they began and count. */
export function addNotices(known: readonly Notice[], fresh: readonly Notice[]): readonly Notice[] {
  const list = [...known];
  for (const notice of fresh) {
    const { burst } = notice;
    const at = burst === undefined ? -1 : list.findLastIndex((old) => old.ct === notice.ct && old.burst?.kind === burst.kind);
    const old = list[at];
    if (burst === undefined || old?.burst === undefined || burst.last - old.burst.last > REST) list.push(notice);
    else list[at] = burstNotice(notice.ct ?? 0, old.at, { ...burst, count: old.burst.count + burst.count });
  }
  return fresh.length === 0 ? known : list.slice(-MAX_NOTICES);
}

/** Something that is missing on the node, where containers are on the screen and its own page is not. */
export function obstacleNotice({ what, remedy }: { readonly what: string; readonly remedy: string }, at: number): Notice {
  return { at, ct: null, tone: 'warn', text: clean(`${what}. ${remedy}`), command: '' };
}

/** What is wrong in a file of the person at the keyboard. */
export const faultNotice = (text: string, at: number): Notice => ({ at, ct: null, tone: 'warn', text, command: '' });
