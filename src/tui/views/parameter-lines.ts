// The parameters of a container: what its file says, what the kernel has and counts, what is changed; below what the one under the cursor is for.
import { type CtSample, enforcerText } from '../../engine/index.ts';
import { keyOf } from '../keys/legend.ts';
import { clean, cut, fit as exactly, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import { type FormRow, formRows, type ParameterRow, type SectionRow } from '../store/parameters.ts';
import type { ManagerState } from '../store/state.ts';
import { ends } from './words.ts';

const KEY = 15;
const USE = 6;
const ACTS = 16;
/** From so many columns on the longest names and words stand whole. */
const ROOMY = 100;
const WIDE = { key: 20, acts: 22 } as const;
/** Values are never cut shorter, nor do they stand farther apart than they need to. */
const SHORTEST = 6;
/** With fewer columns nobody is named who enforces. */
const NARROW = 70;

export const BADGES = { live: 'live', restart: 'restart', kept: 'kept' } as const;
export const ACTS_WHEN = { live: 'acts at once', restart: 'acts with the next start', kept: 'is kept, and nothing acts on it' } as const;

interface Columns {
  readonly key: number;
  readonly file: number;
  readonly other: number;
  /** 0: not shown. */
  readonly use: number;
  readonly acts: number;
}

function columnsFor(rows: readonly FormRow[], compared: string, cells: number): Columns {
  const own = rows.filter((row): row is ParameterRow => row.kind === 'parameter');
  const acts = cells < NARROW ? 8 : cells < ROOMY ? ACTS : WIDE.acts;
  const key = cells < ROOMY ? KEY : WIDE.key;
  const use = compared === '' ? USE : 0;
  const room = cells - 3 - key - (use === 0 ? 0 : use + 1) - acts - 3;
  const widest = (text: (row: ParameterRow) => string, title: number): number => Math.max(title, ...own.map((row) => width(text(row))));
  const other = Math.min(widest((row) => row.other, Math.max(8, width(compared))) + 2, Math.max(SHORTEST, Math.floor(room / 2)));
  const file = Math.max(
    SHORTEST,
    Math.min(
      widest((row) => (row.changed === null ? row.shown : row.wanted), 8),
      room - other,
    ),
  );
  return { key, file, other, use, acts };
}

function sectionLine({ section, folded, count, set, changed, drift }: SectionRow, compares: boolean, cells: number, theme: Theme): string {
  const { folded: closed, down } = theme.glyphs;
  const said = [
    `${set} of ${count} set`,
    ...(changed > 0 ? [theme.paint('mark', `${changed} changed`)] : []),
    ...(drift > 0 && !compares ? [theme.paint('warn', `${drift} not as in the file`)] : []),
  ].join(theme.paint('dim', ', '));
  return ends(
    `${theme.paint('dim', folded ? closed : down)} ${theme.paint('title', section)}`,
    `${theme.paint('dim', said)} `,
    Math.min(cells, READABLE),
  );
}

function parameterLine(row: ParameterRow, columns: Columns, compares: boolean, theme: Theme): string {
  const { dash, ellipsis, alarm, marked } = theme.glyphs;
  const { key, shown, foreign, wanted, changed, other, use, badge, drift, enforcer } = row;
  const name = exactly(key, columns.key, 'left', ellipsis);
  const file = exactly(changed === null ? shown || dash : wanted, columns.file, 'left', ellipsis);
  const held =
    columns.use === 0 ? '' : ` ${theme.paint(use === '' ? 'dim' : 'text', exactly(use || dash, columns.use, 'right', ellipsis))}`;
  const now = exactly(
    drift && !compares ? `${cut(other, columns.other - 2, ellipsis)} ${alarm}` : other || dash,
    columns.other,
    'left',
    ellipsis,
  );
  const who = columns.acts < ACTS ? '' : ` ${enforcer.by}`;
  return [
    `${changed === null ? ' ' : theme.paint('mark', marked)} ${foreign && changed === null ? theme.paint('dim', name) : name}`,
    changed !== null ? theme.paint('mark', file) : foreign ? theme.paint('dim', file) : file,
    theme.paint(drift && !compares ? 'warn' : other === '' ? 'dim' : 'text', now) + held,
    theme.paint('dim', cut(pad(BADGES[badge], 7) + who, columns.acts, ellipsis)),
  ].join(' ');
}

/** "" where nothing is compared. */
const comparedTitle = ({ compare }: ManagerState): string => (compare === null ? '' : `SAMPLE ${clean(compare.name, 40)}`);

function titleLine(state: ManagerState, { key, file, other, use }: Columns, theme: Theme): string {
  const right = cut(comparedTitle(state) || 'NOW', other, theme.glyphs.ellipsis);
  const held = use === 0 ? '' : ` ${pad('USE', use, 'right')}`;
  return theme.paint('dim', `   ${pad('PARAMETER', key)} ${pad('FILE', file)} ${pad(right, other)}${held} ACTS`);
}

const differing = (keyFor: (action: string) => string): string =>
  `File and kernel differ: ${keyFor('take-right')} takes the kernel's value, ${keyFor('take-left')} the file's.`;

/** What the row under the cursor is, and what can be done about it. */
function aboutText(row: FormRow, state: ManagerState, theme: Theme): { readonly said: string; readonly options: string } {
  if (row.kind === 'section') return { said: `${row.count} parameters, of which the file of the container sets ${row.set}.`, options: '' };
  const { param, badge, drift, foreign, own, file, derived, key, enforcer } = row;
  const keyFor = (action: string): string => keyOf(state, action, theme.glyphs, 'parameters');
  const said = [
    `${key} ${param.help}; ${badge === 'kept' ? 'is kept; ' : `${ACTS_WHEN[badge]}: `}${enforcerText(enforcer)}.`,
    ...(param.obsolete === undefined ? [] : [`Old: ${param.obsolete}.`]),
    ...(foreign && file !== null ? ["It stands in the node's configuration."] : []),
    ...(own === null && file === null && derived !== null ? [`No file says anything: ${derived || 'nothing'} holds.`] : []),
    ...(state.compare !== null
      ? [`${keyFor('take-right')} takes what the sample says into the file.`]
      : drift
        ? [badge === 'restart' ? `It runs with another value; ${keyFor('take-right')} takes that one.` : differing(keyFor)]
        : []),
  ].join(' ');
  return { said, options: param.flags.map(({ name }) => `--${name}`).join(' ') };
}

function aboutLines(row: FormRow | undefined, state: ManagerState, lines: number, cells: number, theme: Theme): readonly string[] {
  if (row === undefined || lines === 0) return [];
  const { said, options } = aboutText(row, state, theme);
  const room = lines - (options === '' ? 1 : 2);
  const all = wrap(said, Math.min(READABLE, cells - 2));
  const text =
    all.length <= room
      ? all
      : [...all.slice(0, room - 1), cut(all.slice(room - 1).join(' '), Math.min(READABLE, cells - 2), theme.glyphs.ellipsis)];
  const line = options === '' ? [] : [` ${theme.paint('dim', cut(`vzctl set ${options}`, cells - 2, theme.glyphs.ellipsis))}`];
  return ['', ...text.map((one) => ` ${one}`), ...line].slice(0, lines);
}

const noRows = (state: ManagerState): string =>
  state.compare !== null && listingOf(state).find.text === ''
    ? `It says nothing else than the sample ${clean(state.compare.name)}; Esc ends the comparison`
    : 'No parameter has all these words; Esc shows all';

export function parameterLines(state: ManagerState, _row: CtSample, cells: number, _height: number, theme: Theme): readonly string[] {
  if (state.looked.parameters === null) return [theme.paint('dim', '   Reading the configuration')];
  const rows = formRows(state);
  const { titles: titled, about, list } = viewLayout(state);
  const columns = columnsFor(rows, comparedTitle(state), Math.min(cells, READABLE));
  const head = titled === 1 ? [titleLine(state, columns, theme)] : [];
  if (rows.length === 0) return [...head, ...wrap(noRows(state), cells - 4).map((line) => `   ${theme.paint('dim', line)}`)];
  const { index, top } = placed(
    listingOf(state),
    rows.map(({ key }) => key),
    list,
  );
  const shown = rows.slice(top, top + list).map((row, i) => {
    const text =
      row.kind === 'section'
        ? sectionLine(row, state.compare !== null, cells - 2, theme)
        : parameterLine(row, columns, state.compare !== null, theme);
    if (top + i !== index) return ` ${text}`;
    return theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + text, cells));
  });
  const said = aboutLines(rows[index], state, about, cells, theme);
  const gap = Array.from({ length: said.length === 0 ? 0 : Math.max(0, list - shown.length) }, () => '');
  return [...head, ...shown, ...gap, ...said];
}
