// The lines of the dialog in which a list is changed thing by thing: what is in it, or the fields of one of them, and what becomes of file and kernel. Pure.
import { type CtParameter, configLine } from '../../engine/index.ts';
import { type ItemsForm, isNew, itemsLine, readItem, readList } from '../forms/items-form.ts';
import { keyOf } from '../keys/legend.ts';
import { containerOf } from '../keys/subject.ts';
import { clean, cut, pad, width } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { wrap } from '../screen/wrap.ts';
import { draftOf } from '../store/drafts.ts';
import { parameterOf } from '../store/parameters.ts';
import type { ManagerState } from '../store/state.ts';
import { inputLine } from './input-line.ts';
import { enforcerOf } from './parameter-dialog-lines.ts';
import { ACTS_WHEN } from './parameter-lines.ts';
import { ends } from './words.ts';

const LABEL = 8;
/** Lines of the call of vzctl that are seen. */
const CALL = 3;
const MOST = 28;
/** Things of a list that are seen at least, before what becomes of it. */
const LISTED = 6;

/** The dialog at one moment. */
interface Shown {
  readonly state: ManagerState;
  readonly form: ItemsForm;
  readonly known: CtParameter | null;
  readonly cells: number;
  readonly theme: Theme;
}

const said = (text: string, role: Role, { cells, theme }: Shown): readonly string[] => {
  const sign = role === 'alarm' || role === 'warn' ? `${theme.glyphs.alarm} ` : '';
  return wrap(`${sign}${clean(text, 400)}`, cells).map((line) => theme.paint(role, line));
};

/** What somebody else has of the list as it is now; while nobody has been asked, nothing. */
function conflictLines(shown: Shown): readonly string[] {
  const { form } = shown;
  const reading = readList(form);
  if (!('value' in reading) || reading.change === null || form.conflict?.of !== reading.value) return [];
  return form.conflict.text === '' ? said(form.items.free ?? '', 'good', shown) : said(form.conflict.text, 'alarm', shown);
}

function listRows(shown: Shown): readonly string[] {
  const { form, cells, theme } = shown;
  const { entries, items, cursor } = form;
  const { selected, marked, ellipsis } = theme.glyphs;
  // what would be so anyhow is no news
  const texts = entries.map(({ item }) =>
    items.fields.map(({ name, choices, open }) => (open && item[name] === choices?.[0] ? '' : clean(item[name] ?? ''))),
  );
  const widths = items.fields.map((_, i) => Math.min(MOST, Math.max(0, ...texts.map((row) => width(row[i] ?? '')))));
  const row = (text: string, at: number): string =>
    at === cursor ? theme.under('selection', pad(`${theme.paint('accent', selected)}${text}`, cells)) : ` ${text}`;
  const lines = entries.map((entry, at) => {
    const columns = widths.flatMap((cellsOf, i) => (cellsOf === 0 ? [] : [pad(cut(texts[at]?.[i] ?? '', cellsOf, ellipsis), cellsOf)]));
    const sign = isNew(form, entry) ? theme.paint('mark', marked) : ' ';
    return row(`${sign} ${cut(columns.join('  '), cells - 4, ellipsis)}`, at);
  });
  return [...lines, row(theme.paint('dim', `  add ${/^[aeiou]/.test(items.one) ? 'an' : 'a'} ${items.one}`), entries.length)];
}

function fieldRows(shown: Shown): readonly string[] {
  const { form, cells, theme } = shown;
  const { items, filled } = form;
  const label = Math.max(...items.fields.map(({ name }) => name.length)) + 2;
  const room = Math.max(8, Math.min(40, cells - label - 2));
  return items.fields.map(({ name, choices, open }, i) => {
    const isFocused = i === filled?.focus;
    const input = filled?.inputs[i];
    const left = theme.glyphs.left;
    const more =
      choices === undefined
        ? open && input?.text === ''
          ? 'may stay open'
          : ''
        : isFocused
          ? `${left} ${theme.glyphs.right}  ${choices.join(' ')}`
          : '';
    const line = `${isFocused ? theme.paint('accent', theme.glyphs.selected) : ' '} ${theme.paint(isFocused ? 'text' : 'dim', pad(name, label))}${input === undefined ? '' : inputLine(input, Math.min(room, cells - label - 2), theme, isFocused)}`;
    const rest = cells - width(line) - 2;
    return rest < 6 || more === '' ? line : `${line}  ${theme.paint('dim', cut(more, rest, theme.glyphs.ellipsis))}`;
  });
}

/** What the focused field is, then what is wrong, or what follows from what is open. */
function itemNotes(shown: Shown): readonly string[] {
  const { form } = shown;
  const field = form.items.fields[form.filled?.focus ?? 0];
  const reading = readItem(form);
  const list = readList(form);
  const help = field === undefined ? [] : said(`${field.name}: ${field.help}`, 'dim', shown);
  if ('fault' in reading) {
    const empty =
      reading.field !== null && form.filled?.inputs[form.items.fields.findIndex(({ name }) => name === reading.field)]?.text === '';
    return [...help, ...said(reading.fault, empty ? 'dim' : 'alarm', shown)];
  }
  if ('fault' in list) return [...help, ...said(list.fault, 'alarm', shown)];
  const note = reading.note === '' ? [] : said(reading.note, 'good', shown);
  return [...help, ...note, ...conflictLines(shown)];
}

function effectLines({ state, form, known, cells, theme }: Shown, most: number): readonly string[] {
  const { dash, ellipsis, right } = theme.glyphs;
  const { param, stored, ct } = form;
  const room = cells - LABEL;
  const line = (label: string, text: string, role: Role = 'text'): string =>
    `${theme.paint('dim', pad(label, LABEL))}${theme.paint(role, cut(clean(text, 400), room, ellipsis))}`;
  const reading = readList(form);
  const changed = 'value' in reading && reading.change !== null;
  const now = stored === null ? dash : configLine(param.key, stored);
  const file = changed
    ? [line('file', stored === null ? `+ ${configLine(param.key, reading.value)}` : `${right} ${configLine(param.key, reading.value)}`)]
    : [line('file', now, 'dim')];
  const running = containerOf(state, ct)?.init != null;
  const acts =
    known === null || known.badge !== 'live' || !running
      ? `${ACTS_WHEN[known?.badge ?? 'kept']}${running || known?.badge === 'kept' ? '' : '; it does not run'}`
      : 'at once';
  const call = wrap(itemsLine(form, draftOf(state, ct)).replace(/^vzctl /, '') || dash, room);
  return [
    ...file,
    line('kernel', `${acts}, ${enforcerOf(param)}`),
    ...call
      .slice(0, most)
      .map((text, i) => line(i === 0 ? 'vzctl' : '', i === most - 1 && call.length > most ? `${text} ${ellipsis}` : text, 'accent')),
  ];
}

function keyLine({ state, form, cells, theme }: Shown): string {
  const key = (action: string, says: string): string => `${theme.paint('key', keyOf(state, action, theme.glyphs))} ${says}`;
  const items =
    form.filled === null
      ? [
          key('item-edit', 'change'),
          key('item-add', 'add'),
          key('item-remove', 'remove'),
          key('items-save', 'save'),
          key('items-leave', 'back'),
        ]
      : [
          key('item-keep', 'keep'),
          key('items-save', 'save'),
          ...(form.items.fields.length > 1 ? [key('item-down', 'next')] : []),
          key('item-leave', 'leave it'),
        ];
  return items.join(width(items.join('   ')) <= cells ? '   ' : '  ');
}

/** So many rows around the one that counts. */
function around(rows: readonly string[], at: number, most: number): readonly string[] {
  const top = Math.max(0, Math.min(at - (most >> 1), rows.length - most));
  return rows.slice(top, top + Math.max(1, most));
}

/** At most `height` of them; what becomes of the list gives way first. */
export function itemsDialogLines(state: ManagerState, form: ItemsForm, cells: number, height: number, theme: Theme): readonly string[] {
  const { param, items, filled, entries, cursor } = form;
  const known = parameterOf(state, form.ct, param.key);
  const shown: Shown = { state, form, known, cells, theme };
  const about =
    filled === null ? param.help : filled.at < entries.length ? items.identity(entries[filled.at]?.item ?? {}) : `a new ${items.one}`;
  const title = ends(
    `${theme.paint('title', param.key)}  ${theme.paint('dim', cut(clean(about), Math.max(0, cells - param.key.length - 12), theme.glyphs.ellipsis))}`,
    theme.paint('dim', known?.badge ?? ''),
    cells,
  );
  const rows = filled === null ? listRows(shown) : fieldRows(shown);
  const notes = filled === null ? conflictLines(shown) : itemNotes(shown);
  const effects = [CALL, 1].map((most) => ['', ...effectLines(shown, most)]);
  const foot = ['', keyLine(shown)];
  const gap = notes.length === 0 ? [] : [''];
  const rest = height - 2 - gap.length - notes.length - foot.length;
  const needed = filled === null ? Math.min(rows.length, LISTED) : rows.length;
  const below = effects.find((lines) => rest - needed >= lines.length) ?? [];
  const seen = around(rows, filled === null ? cursor : filled.focus, Math.max(1, rest - below.length));
  return [title, '', ...seen, ...gap, ...notes, ...below, ...foot];
}
