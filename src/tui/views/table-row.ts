// One container as one line of the table: cells by column, alarms, and the sentence that replaces figures which there are none of.
import type { CtSample } from '../../engine/index.ts';
import { bytes, count, duration, heldBytes, percent } from '../screen/figures.ts';
import { bar } from '../screen/gauge.ts';
import { cut, fit as exactly, pad } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import type { Column, Kind } from '../store/column.ts';
import { columnOf, isOwn, type OwnId, runs, stateWord } from '../store/columns.ts';
import { headline } from '../store/failure.ts';
import { isFull } from '../store/refusals.ts';
import type { Heat, Sort } from '../store/state.ts';
import { failures } from '../store/tallies.ts';
import type { PlacedColumn } from './column-widths.ts';

export const NPROC_FIGURES = 9;
export const MEM_FIGURES = 11;

const STATE_ROLES: Readonly<Record<string, Role>> = {
  failed: 'alarm',
  unattended: 'warn',
  frozen: 'warn',
  starting: 'accent',
  stopping: 'accent',
  running: 'dim',
  stopped: 'dim',
};
export const stateRole = (ct: CtSample): Role => STATE_ROLES[stateWord(ct)] ?? 'text';

/** What needs somebody: dead, refused now, no room for processes or memory is an alarm; left alone, at another limit a warning. */
function alarmOf(ct: CtSample, heat: Heat | undefined): Role | null {
  const full = ({ held, limit }: CtSample['numproc']): boolean => limit !== null && limit > 0 && held >= limit;
  if (stateWord(ct) === 'failed' || (heat?.delta ?? 0) > 0) return 'alarm';
  if (runs(ct) && (full(ct.numproc) || full(ct.memory))) return 'alarm';
  return ct.unattended || heat !== undefined || isFull(ct) ? 'warn' : null;
}

const fraction = ({ held, limit }: CtSample['numproc']): number => (limit === null || limit <= 0 ? 0 : held / limit);

type Write = (n: number) => string;

function gauge(theme: Theme, use: CtSample['numproc'], [held, limit]: readonly [Write, Write], width: number, figures: number): string {
  const part = fraction(use);
  const text = exactly(
    `${held(use.held)}/${use.limit === null ? theme.glyphs.dash : limit(use.limit)}`,
    figures,
    'right',
    theme.glyphs.ellipsis,
  );
  const painted = part >= 1 ? theme.paint('alarm', text) : part >= 0.8 ? theme.paint('warn', text) : text;
  const cells = width - figures - 1;
  return cells > 0 ? `${bar(theme, part, cells)} ${painted}` : painted;
}

/** Whole numbers as long as they are short. */
const whole = (n: number): string => (n < 10_000 ? String(n) : count(n));

/** What many CPUs do may not fit with its sign. */
const cpuText = (n: number, width: number): string => (n < 10 ** (width - 1) - 0.5 ? percent(n) : count(n));

/** Layouts where there is no room for their names. */
const SHORT_LAYOUTS: Readonly<Record<string, string>> = { simfs: 'sim', overlay: 'ovl', ploop: 'plp' };

export interface Look {
  readonly theme: Theme;
  readonly heat: Heat | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Names have no column of their own on this screen. */
  readonly nameless?: boolean;
}

const text = (value: string, width: number, { theme }: Look): string => exactly(value, width, 'left', theme.glyphs.ellipsis);

function failcnt(ct: CtSample, width: number, { theme, heat }: Look): string {
  const total = failures(ct);
  const fresh = heat !== undefined && heat.delta > 0 ? `+${count(heat.delta)}` : '';
  const ways = fresh === '' ? [count(total)] : [`${count(total)} ${fresh}/s`, `${count(total)} ${fresh}`, `${fresh}/s`];
  const line = pad(ways.find((one) => one.length <= width) ?? fresh, width, 'right');
  return heat === undefined ? (total === 0 ? theme.paint('dim', line) : line) : theme.paint(heat.ticks > 2 ? 'alarm' : 'warn', line);
}

const OWN_CELLS: Readonly<Record<OwnId, (ct: CtSample, width: number, look: Look) => string>> = {
  ctid: (ct, width, look) => text(String(ct.id), width, look),
  name: (ct, width, look) => text(ct.name || look.theme.glyphs.dash, width, look),
  status: (ct, width, { theme, heat }) => {
    const alarm = alarmOf(ct, heat);
    const sign = alarm === null ? ' ' : theme.paint(alarm, theme.glyphs.alarm);
    return `${sign} ${theme.paint(stateRole(ct), exactly(stateWord(ct), width - 2, 'left', ''))}`;
  },
  numproc: (ct, width, { theme }) => (runs(ct) ? gauge(theme, ct.numproc, [whole, whole], width, NPROC_FIGURES) : ' '.repeat(width)),
  mem: (ct, width, { theme }) => (runs(ct) ? gauge(theme, ct.memory, [heldBytes, bytes], width, MEM_FIGURES) : ' '.repeat(width)),
  cpu: (ct, width, { theme }) => {
    const line = pad(ct.cpu === null || !runs(ct) ? '' : cpuText(ct.cpu, width), width, 'right');
    return (ct.cpu ?? 0) < 0.5 ? theme.paint('dim', line) : line;
  },
  uptime: (ct, width, { theme }) => theme.paint('dim', pad(runs(ct) ? duration(ct.uptime) : '', width, 'right')),
  layout: (ct, width, look) =>
    look.theme.paint('dim', text(width < ct.layout.length ? (SHORT_LAYOUTS[ct.layout] ?? '') : ct.layout, width, look)),
  ostemplate: (ct, width, look) => look.theme.paint('dim', text(ct.ostemplate, width, look)),
  failcnt,
  ip: (ct, width, look) => look.theme.paint('dim', text(ct.ips[0] ?? '', width, look)),
  hostname: (ct, width, look) => text(ct.hostname || (look.nameless === true && ct.name) || look.theme.glyphs.dash, width, look),
  description: (ct, width, look) => look.theme.paint('dim', text(ct.description, width, look)),
};

const WRITE: Readonly<Record<Exclude<Kind, 'text'>, Write>> = { count: whole, bytes: heldBytes, percent, seconds: duration };

/** Of a column that only vzlist has. */
function listedCell({ value, kind }: Column, ct: CtSample, width: number, look: Look): string {
  const { theme } = look;
  const said = value(ct);
  if (kind === 'text') return theme.paint('dim', text(String(said ?? ''), width, look));
  const written = said === null ? theme.glyphs.dash : said === Number.POSITIVE_INFINITY ? 'unlimited' : WRITE[kind](Number(said));
  const line = exactly(written, width, 'right', theme.glyphs.ellipsis);
  return said === null || said === 0 || said === Number.POSITIVE_INFINITY ? theme.paint('dim', line) : line;
}

const HEAD: readonly string[] = ['ctid', 'name', 'hostname', 'status'];

/** "restarts in 8s"; "" where no start waits. */
export const restartText = ({ restartAt }: CtSample, now: number): string =>
  restartAt === null ? '' : `restarts in ${duration(Math.ceil((restartAt - now) / 1000))}`;

/** What stands where there are no figures. */
function sentenceOf(ct: CtSample, now: number): { readonly text: string; readonly role: Role; readonly hint: string } | null {
  if (stateWord(ct) === 'failed') return { text: headline(ct.trouble, ct.id), role: 'alarm', hint: '  e why ' };
  return ct.restartAt === null ? null : { text: restartText(ct, now), role: 'accent', hint: '' };
}

/** The line without the cursor's mark and look, `width` cells less the mark's. */
export function composeRow(ct: CtSample, columns: readonly PlacedColumn[], width: number, given: Look): string {
  const { theme, now } = given;
  const look = { ...given, nameless: columns.every(({ id }) => id !== 'name') };
  const said = sentenceOf(ct, now);
  const cell = ({ id, width: cells }: PlacedColumn): string =>
    isOwn(id) ? OWN_CELLS[id](ct, cells, look) : listedCell(columnOf(id), ct, cells, look);
  if (said !== null) {
    const last = columns.findLastIndex(({ id }) => HEAD.includes(id));
    const head = columns.slice(0, last + 1);
    const used = head.reduce((sum, { width: cells }) => sum + cells + 1, 0);
    const room = width - 1 - used;
    const who = head.map((column) => (HEAD.includes(column.id) ? cell(column) : ' '.repeat(column.width))).join(' ');
    if (room <= 0) return who;
    const hint = room > 40 ? said.hint : '';
    const sentence = exactly(said.text, room - hint.length, 'left', theme.glyphs.ellipsis);
    return `${who}${who && ' '}${theme.paint(said.role, sentence)}${hint && theme.paint('key', hint)}`;
  }
  const line = columns.map(cell).join(' ');
  return runs(ct) ? line : theme.paint('dim', line);
}

/** The line of titles; the sorted column is the accent and shows its direction. */
export function composeTitles(columns: readonly PlacedColumn[], sort: Sort, theme: Theme): string {
  const titles = columns.map(({ id, width }) => {
    const sorted = id === sort.column;
    const arrow = sorted ? (sort.descending ? theme.glyphs.down : theme.glyphs.up) : '';
    const title = cut((LEAD[id] ?? '') + columnOf(id).title, width - arrow.length, '') + arrow;
    return theme.paint(sorted ? 'accent' : 'dim', pad(title, width, isRight(id) ? 'right' : 'left'));
  });
  return ` ${titles.join(' ')}`;
}
/** Titles stand above what they name: the alarm's cells have none. */
const LEAD: Partial<Record<string, string>> = { status: '  ' };
/** Figures end where their titles end; bars and numbers of containers begin where theirs begin. */
const isRight = (id: string): boolean => columnOf(id).kind !== 'text' && !LEFT.includes(id);
const LEFT: readonly string[] = ['ctid', 'numproc', 'mem'];
