// One container: is it well? State, use of each limit, where it lives, its last task and what has happened to it lately.
import type { CtSample, Stall, Vitals } from '../../engine/index.ts';
import { containerOf } from '../keys/subject.ts';
import { bytes, count, duration, heldBytes, percent } from '../screen/figures.ts';
import { bar, sparkline } from '../screen/gauge.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import { runs, stateWord } from '../store/columns.ts';
import { headline } from '../store/failure.ts';
import type { ManagerState } from '../store/state.ts';
import { noticeLine } from './foot-lines.ts';
import { restartText, stateRole } from './table-row.ts';
import { taskSummary } from './task-lines.ts';
import { ends } from './words.ts';

const LABEL = 12;
const BAR = 20;

export function containerLines(state: ManagerState, ct: number | null, width: number, height: number, theme: Theme): readonly string[] {
  const row = containerOf(state, ct);
  if (row === null) return ct === null ? [] : [` ${theme.paint('title', String(ct))}  ${theme.paint('dim', 'is gone')}`];
  const title = titleLine(row, state.now, Math.min(width, READABLE), theme);
  return [title, '', ...overviewLines(state, row, width, Math.max(0, height - 2), theme)].slice(0, height);
}

/** All there is to say of it but its name. */
export function overviewLines(state: ManagerState, row: CtSample, width: number, height: number, theme: Theme): readonly string[] {
  const cells = Math.min(width, READABLE);
  const lines = [
    ...troubleLines(row, cells, theme),
    ...(runs(row) ? [...usageLines(state, row, cells, theme), ''] : limitLines(state, row, theme)),
    ...factLines(row, cells, theme),
  ];
  const tasks = state.tasks.filter((task) => task.ct === row.id).slice(-1);
  const notices = state.notices.filter((notice) => notice.ct === row.id).toReversed();
  const history = [
    ...(tasks.length > 0
      ? ['', ` ${theme.paint('dim', 'Last task')}`, ...tasks.flatMap((task) => taskSummary(task, state.now, cells, theme, 4))]
      : []),
    ...(notices.length > 0 ? ['', LATELY(theme), ...notices.map((notice) => noticeLine(notice, cells, theme))] : []),
  ];
  const shown = [...lines, ...history].slice(0, height);
  return shown.at(-1) === LATELY(theme) ? shown.slice(0, -2) : shown;
}

/** A title that nothing stands below is left out. */
const LATELY = (theme: Theme): string => ` ${theme.paint('dim', 'Lately')}`;

export function titleLine(row: CtSample, now: number, cells: number, theme: Theme): string {
  const since = runs(row) && row.uptime > 0 ? theme.paint('dim', `  up ${duration(row.uptime)}`) : '';
  const soon = row.restartAt === null ? '' : theme.paint('accent', `  ${restartText(row, now)}`);
  const right = `${theme.paint(stateRole(row), stateWord(row))}${since}${soon} `;
  const room = cells - width(right) - 3;
  const name = row.name === '' ? '' : ` ${row.name}`;
  return ends(` ${theme.paint('title', cut(`${row.id}${name}`, room, theme.glyphs.ellipsis))}`, right, cells);
}

function troubleLines(row: CtSample, cells: number, theme: Theme): readonly string[] {
  const said = [
    ...(row.trouble === '' ? [] : [headline(row.trouble, row.id)]),
    ...(row.unattended ? ['Its keeper is gone: nobody holds its console or will see it end. The next verb gives it a new one.'] : []),
  ];
  const lines = said.flatMap((text) => wrap(text, cells - 5).map((line, i) => ` ${i === 0 ? theme.glyphs.alarm : ' '} ${line}`));
  return lines.length === 0 ? [] : [...lines.map((line) => theme.paint(row.trouble === '' ? 'warn' : 'alarm', line)), ''];
}

const label = (text: string, theme: Theme): string => ` ${theme.paint('dim', pad(text, LABEL))}`;

type Write = (n: number) => string;

function usageLines(state: ManagerState, row: CtSample, cells: number, theme: Theme): readonly string[] {
  // Since the manager looks, newest tick; which limit it was is told beside it.
  const heat = state.heat.get(row.id);
  const grown = (name: string): string => {
    const only = row.numproc.failcnt === 0 || row.memory.failcnt === 0;
    return heat !== undefined && heat.delta > 0 && only && name !== 'Swap' ? ` +${count(heat.delta)}` : '';
  };
  const usage = (name: string, { held, limit, failcnt }: CtSample['numproc'], write: Write, writeLimit: Write = write): string => {
    const part = limit === null || limit <= 0 ? 0 : held / limit;
    const figures = limit === null ? `${write(held)}, no limit` : `${write(held)} of ${writeLimit(limit)}`;
    const failures = failcnt === 0 ? '' : theme.paint('alarm', `${count(failcnt)} refused${grown(name)}`);
    const wide = cells > 60;
    return ends(`${label(name, theme)}${bar(theme, part, wide ? BAR : 10)}  ${figures}`, failures && `${failures} `, cells);
  };
  const history = state.ctHistory.get(row.id) ?? [];
  const spark = sparkline(theme, history, cells > 60 ? BAR : 10, 100);
  const { vitals } = state.looked.ct === row.id ? state.looked : { vitals: null };
  const bound = cpuBound(vitals, cells, theme);
  const whole = ' of one CPU';
  const left = cells - LABEL - BAR - width(bound) - 4;
  const cpu = row.cpu === null ? 'not measured yet' : percent(row.cpu);
  const unit = row.cpu !== null && cells > 62 && width(cpu) + whole.length <= left ? whole : '';
  return [
    usage('Processes', row.numproc, String),
    usage('Memory', row.memory, heldBytes, bytes),
    ...(vitals?.swap ? [usage('Swap', vitals.swap, heldBytes, bytes)] : []),
    `${label('CPU', theme)}${spark}  ${cpu}${unit}${bound}`,
    ...(vitals === null ? [] : vitalLines(vitals, cells, theme)),
  ];
}

function cpuBound(vitals: Vitals | null, cells: number, theme: Theme): string {
  if (vitals?.cpu == null) return '';
  const { limit, throttled } = vitals.cpu;
  if (limit === null) return '';
  const often = cells > 62 ? ` ${count(throttled)} times` : '';
  return `, at most ${percent(limit)}${throttled === 0 ? '' : theme.paint('warn', `, held back${often}`)}`;
}

/** From so many percent of the time on somebody who waits is worth a look. */
const WAITING = 20;

function vitalLines({ pressure, oomKills }: Vitals, cells: number, theme: Theme): readonly string[] {
  const part = (what: string, stall: Stall | null): string =>
    stall === null
      ? theme.paint('dim', `${what} ${theme.glyphs.dash}`)
      : theme.paint(stall.avg10 >= WAITING ? 'warn' : 'text', `${what} ${percent(stall.avg10)}`);
  const waits = [part('for CPU', pressure.cpu), part('for memory', pressure.memory), part('for disk', pressure.io)].join(
    theme.paint('dim', ', '),
  );
  return [
    `${label('Waits', theme)}${waits}${cells > 62 ? theme.paint('dim', ' of the time') : ''}`,
    ...(oomKills === 0 ? [] : [`${label('Killed', theme)}${theme.paint('alarm', `${oomKills} for lack of memory`)}`]),
  ];
}

/** What it may have when it runs. */
function limitLines({ configured }: ManagerState, row: CtSample, theme: Theme): readonly string[] {
  if (configured?.ct !== row.id) return [];
  const { numproc, memory } = configured;
  const most = (limit: number | null, write: Write): string => (limit === null ? 'no limit' : `at most ${write(limit)}`);
  return [
    ...(numproc === undefined ? [] : [label('Processes', theme) + most(numproc, String)]),
    label('Memory', theme) + most(memory, bytes),
    '',
  ];
}

function factLines(row: CtSample, cells: number, theme: Theme): readonly string[] {
  const facts: readonly (readonly [string, string])[] = [
    ['Host name', row.hostname],
    ['Address', row.ips.join(' ')],
    ['Template', row.ostemplate],
    ['Layout', row.layout],
    ['Init', row.init === null ? '' : `process ${row.init.pid} of the node`],
    ['About', row.description],
  ];
  return facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => label(name, theme) + cut(value, cells - LABEL - 2, theme.glyphs.ellipsis));
}
