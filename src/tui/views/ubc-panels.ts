// What is said below the beancounters about the one under the cursor: a word, an explanation, who holds it.
import type { WhoLine } from '../../engine/index.ts';
import { keyOf } from '../keys/legend.ts';
import { percent } from '../screen/figures.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import type { ManagerState } from '../store/state.ts';
import type { BeanRow } from '../store/ubc.ts';
import { explanation, NOTE, sentenceCells } from '../store/ubc-panel.ts';
import { enforcedText, heldText, NOT_RUNNING, stateText } from '../store/ubc-text.ts';
import type { WhoPanel } from '../store/view-state.ts';
import { historyLines } from './history-lines.ts';
import { ends } from './words.ts';

/** Sentences in so many lines; what is too much ends in the theme's ellipsis. */
function sentences(text: string, lines: number, cells: number, theme: Theme): readonly string[] {
  const room = sentenceCells(cells);
  const all = wrap(text, room);
  if (all.length <= lines) return all.map((line) => ` ${line}`);
  return [...all.slice(0, Math.max(0, lines - 1)), cut(all.slice(Math.max(0, lines - 1)).join(' '), room, theme.glyphs.ellipsis)]
    .slice(0, lines)
    .map((line) => ` ${line}`);
}

/** What there is to say of it in a few lines. */
function wordLines(row: BeanRow, lines: number, cells: number, theme: Theme): readonly string[] {
  return ['', ...sentences(`${row.name}: ${stateText(row)} ${enforcedText(row)}`, lines - 1, cells, theme)];
}

/** What acts on the line that would help. */
const ACTS = [
  ['bean-set', 'set it'],
  ['copy-line', 'copy'],
] as const;

/** The row explained, and the line that would help. */
function explainLines(state: ManagerState, row: BeanRow, lines: number, cells: number, theme: Theme): readonly string[] {
  const { said, facts, command } = explanation(row, state.ubc.ct ?? 0, lines - 1, cells);
  const acts = ACTS.filter(([action]) => action !== 'bean-set' || !state.readOnly);
  const keys = acts.map(([action, label]) => `${theme.paint('key', keyOf(state, action, theme.glyphs, 'beans'))} ${label}`).join('  ');
  const line = theme.paint('accent', cut(`   ${command}`, cells - 2, theme.glyphs.ellipsis));
  const foot = command === '' ? [] : [ends(line, `${keys} `, Math.min(READABLE, cells))];
  const text = [...said.map((one) => ` ${one}`), ...facts.map((one) => theme.paint('dim', ` ${one}`))];
  const gap = foot.length > 0 && lines - 1 - text.length > foot.length ? [''] : [];
  return ['', ...text, ...gap, ...foot].slice(0, lines);
}

/** Who holds it: the greatest first, with who began them. */
function whoLines(state: ManagerState, panel: WhoPanel, row: BeanRow, lines: number, cells: number, theme: Theme): readonly string[] {
  const key = theme.paint('key', keyOf(state, 'bean-who', theme.glyphs, 'beans'));
  if (!row.runs) return ['', ...sentences(`${NOT_RUNNING}.`, lines - 1, cells, theme)];
  if (panel.name !== row.name || panel.ct !== state.ubc.ct) return ['', ` ${key} ${theme.paint('dim', `looks up who holds ${row.name}`)}`];
  if (panel.trouble !== '') return ['', ...sentences(panel.trouble, lines - 1, cells, theme)];
  if (panel.answer === null) return ['', theme.paint('dim', ` Looking up who holds ${row.name}`)];
  const { answer } = panel;
  const notes = answer.notes.flatMap((note) => sentences(note, NOTE, cells, theme)).slice(0, Math.max(0, Math.floor(lines / 3)));
  const shown = answer.lines.slice(0, Math.max(1, lines - 2 - notes.length));
  const title = theme.paint(
    'dim',
    ` ${pad('HELD', WHO_HELD, 'right')} ${pad('PART', 4, 'right')} ${pad('PID', 7, 'right')} ${pad('INSIDE', 6, 'right')} WHO`,
  );
  const none = answer.lines.length === 0 && notes.length === 0 ? [theme.paint('dim', ' Nobody holds any of it now')] : [];
  return [
    '',
    ...(shown.length > 0 ? [title] : none),
    ...shown.map((one) => whoLine(one, answer.unit, cells, theme)),
    ...notes.map((note) => theme.paint('dim', note)),
  ];
}
const WHO_HELD = 6;

function whoLine(
  { what, pid, inner, command, parent, amount, share }: WhoLine,
  unit: BeanRow['unit'],
  cells: number,
  theme: Theme,
): string {
  const { dash, ellipsis } = theme.glyphs;
  const head = [
    pad(heldText(amount, unit), WHO_HELD, 'right'),
    pad(percent(100 * share), 4, 'right'),
    pad(pid === null ? dash : String(pid), 7, 'right'),
    pad(inner === null ? dash : String(inner), 6, 'right'),
  ].join(' ');
  const said = [command, what === ALONE ? '' : what].filter(Boolean).join(': ');
  const begun = parent === null ? '' : `, begun by ${parent.name} (${parent.inner ?? parent.pid})`;
  const text = cut(`${said}${begun}`, Math.max(0, Math.min(cells, WIDE_WHO) - width(head) - 3), ellipsis);
  return ` ${share >= MOST ? theme.paint('accent', `${head} ${text}`) : `${head} ${text}`}`;
}
/** Says nothing beside a command. */
const ALONE = 'process';
/** Who holds so much is the one to look at. */
const MOST = 0.3;
const WIDE_WHO = 140;

/** What stands below the beancounters about the one under the cursor. */
export function panelLines(state: ManagerState, row: BeanRow | undefined, lines: number, cells: number, theme: Theme): readonly string[] {
  if (row === undefined || lines < 2) return [];
  const { panel } = state.ubc;
  if (panel === null) return wordLines(row, lines, cells, theme);
  if (panel.kind === 'history')
    return historyLines(panel, row, state.now, state.ubc.ct === null ? '' : `${state.ubc.ct} ${row.name}`, lines, cells, theme);
  return panel.kind === 'who' ? whoLines(state, panel, row, lines, cells, theme) : explainLines(state, row, lines, cells, theme);
}
