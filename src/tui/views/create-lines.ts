// The create form and its plan as lines: each field with what is wrong beside it, and the vzctl lines that would do the same.
import { FIELD_IDS, FIELDS, type FieldId } from '../forms/create-fields.ts';
import { type CreateForm, createCommands, formFaults, nameFor, seatsOf, textOf } from '../forms/create-form.ts';
import type { Seat } from '../forms/seats.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import type { ManagerState } from '../store/state.ts';
import { inputLine } from './input-line.ts';
import { ends } from './words.ts';

const LABEL = 12;
const INPUT = 24;
/** Below this the input gives way to what is said beside it. */
const REMARK = 30;

function fieldLine(form: CreateForm, id: FieldId, fault: string, cells: number, theme: Theme): string {
  const field = FIELDS[id];
  const focused = form.focus === id;
  const label = theme.paint(focused ? 'accent' : 'dim', `${focused ? theme.glyphs.selected : ' '}${pad(field.label, LABEL)}`);
  const room = Math.max(6, Math.min(INPUT, cells - LABEL - REMARK));
  const remark = cells - LABEL - room - 5;
  return `${label} ${valueText(form, id, room, theme)}  ${remarkOf(form, id, fault, remark, theme)}`;
}

function valueText(form: CreateForm, id: FieldId, room: number, theme: Theme): string {
  const focused = form.focus === id;
  const choices = FIELDS[id].choices?.(form.around);
  if (choices === undefined) return inputLine(form.inputs[id], room, theme, focused);
  const { left, right, ellipsis } = theme.glyphs;
  const text = cut(textOf(form, id) || 'none', room - 4, ellipsis);
  return pad(focused && choices.length > 1 ? `${theme.paint('accent', text)} ${theme.paint('key', `${left}${right}`)}` : text, room);
}

/** What is wrong; in the focused field, or where nothing is, what it is for. */
function remarkOf(form: CreateForm, id: FieldId, fault: string, cells: number, theme: Theme): string {
  const { hint } = FIELDS[id];
  if (fault !== '') return theme.paint('alarm', cut(`${theme.glyphs.alarm} ${fault}`, cells, theme.glyphs.ellipsis));
  const text = typeof hint === 'string' ? hint : hint(textOf(form, id), form.around);
  return theme.paint('dim', cut(text, cells, theme.glyphs.ellipsis));
}

/** Lines below the fields that are worth more than blank ones among them. */
const BELOW = 3;

/** Fields with their group titles; as many as fit around the focused one. */
export function formLines(form: CreateForm, cells: number, height: number, theme: Theme): readonly string[] {
  const faults = formFaults(form);
  const blocks = FIELD_IDS.flatMap((id): readonly { readonly id: FieldId | null; readonly line: string }[] => {
    const { group } = FIELDS[id];
    const line = { id, line: fieldLine(form, id, faults.get(id) ?? '', cells, theme) };
    const title = group ? [{ id: null, line: ` ${theme.paint('dim', `${group}, empty: as in the sample config`)}` }] : [];
    return group === undefined ? [line] : [{ id: null, line: '' }, ...title, line];
  });
  const seats = seatsOf(form);
  const title = ` ${theme.paint('title', seats.length > 1 ? `${seats.length} new containers` : 'New container')}`;
  // What stands below changes with every key, and the fields must not move for it: only the height decides about their places.
  const roomy = blocks.length + 3 + BELOW <= height;
  const fields = roomy ? blocks : blocks.filter((block) => block.line !== '');
  // A blank line is worth less than a command that is shown whole.
  const gap = roomy ? [''] : [];
  const others = gap.length + 2;
  const below = Math.max(1, height - others - fields.length);
  const room = Math.max(1, Math.min(fields.length, height - others - below));
  const at = fields.findIndex((block) => block.id === form.focus);
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), fields.length - room));
  const shown = fields.slice(from, from + room).map((block) => block.line);
  return [title, ...gap, ...shown, '', ...belowForm(form, faults, cells, below, theme)].slice(0, height);
}

/** All that is wrong in full, the focused field first, since beside the fields it may be cut; when nothing is, the commands as far as they fit. */
function belowForm(form: CreateForm, faults: Faults, cells: number, height: number, theme: Theme): readonly string[] {
  if (faults.size > 0) {
    const inOrder = [...faults].sort(([a], [b]) => Number(b === form.focus) - Number(a === form.focus));
    const said = inOrder.flatMap(([id, fault]) => wrap(`${theme.glyphs.alarm} ${FIELDS[id].label}: ${fault}`, cells - 2));
    return said.slice(0, height).map((line) => ` ${theme.paint('alarm', line)}`);
  }
  const preview = previewLine(form, cells - 2, theme);
  const commands = [...preview, ...createCommands(form).flatMap((line) => wrapCommand(line, cells - 2))];
  const shown =
    commands.length <= height
      ? commands
      : [...commands.slice(0, Math.max(0, height - 1)), `${theme.glyphs.ellipsis} the rest with ${theme.glyphs.enter}`];
  return (height < 2 ? preview.slice(0, height) : shown).map((line) => ` ${theme.paint('dim', line)}`);
}
type Faults = ReadonlyMap<FieldId, string>;

/** The first and the last of many, so that one sees what a pattern makes. */
function previewLine(form: CreateForm, cells: number, theme: Theme): readonly string[] {
  const seats = seatsOf(form);
  const [first, last] = [seats[0], seats.at(-1)];
  if (seats.length < 2 || first === undefined || last === undefined) return [];
  const words = (seat: Seat): string =>
    [seat.id, nameFor(form, seat), nameFor(form, seat, 'hostname')].filter((word) => word !== '').join(' ');
  return [cut(`${words(first)}  ${theme.glyphs.ellipsis}  ${words(last)}`, cells, theme.glyphs.ellipsis)];
}

/** A long line goes on below, indented, as a shell would take it. */
function wrapCommand(line: string, cells: number): readonly string[] {
  if (width(line) <= cells) return [line];
  const parts = wrap(line, cells - 4);
  return parts.map((part, i) => (i === 0 ? part : `  ${part}`) + (i < parts.length - 1 ? ' \\' : ''));
}

/** Steps that fit below title and commands, and below their sum where not all do. */
function planRoom(commands: readonly string[], steps: number, height: number): number {
  const room = height - commands.length - 3;
  return Math.max(1, steps > room ? room - 1 : room);
}

/** "in all: file 42, config 20": nobody reads thousands of steps. */
function sumOf(lines: readonly { readonly what: string }[]): string {
  const counts = [...Map.groupBy(lines, ({ what }) => what)].map(([what, some]) => `${what} ${some.length}`);
  return `in all: ${counts.join(', ')}`;
}

/** How many steps of the plan can be scrolled away before the last one is on the screen. */
export function planMost({ form, plan, size }: ManagerState, height: number): number {
  if (form === null || plan === null) return 0;
  const commands = createCommands(form).flatMap((line) => wrapCommand(line, size.columns - 2));
  return Math.max(0, plan.lines.length - planRoom(commands, plan.lines.length, height));
}

export function planLines(state: ManagerState, cells: number, height: number, theme: Theme): readonly string[] {
  const { form, plan } = state;
  if (form === null || plan === null) return [];
  const commands = createCommands(form).flatMap((line) => wrapCommand(line, cells - 2));
  const room = planRoom(commands, plan.lines.length, height);
  const from = Math.min(plan.top, Math.max(0, plan.lines.length - room));
  const part = plan.lines.length > room ? `${from + 1}-${from + room} of ` : '';
  const title = ends(
    ` ${theme.paint('title', `${plan.failure === null ? 'This will be done' : 'This cannot be done'} for ${textOf(form, 'id')} ${seatsOf(form).length > 1 ? '' : textOf(form, 'name')}`.trimEnd())}`,
    plan.lines.length === 0 ? '' : theme.paint('dim', `${part}${plan.lines.length} steps `),
    Math.min(READABLE, cells),
  );
  const head = [title, '', ...commands.map((line) => ` ${theme.paint('accent', line)}`), ''];
  if (plan.failure !== null)
    return [
      ...head,
      ...wrap(`${theme.glyphs.alarm} ${plan.failure.message}`, cells - 2).map((line) => ` ${theme.paint('alarm', line)}`),
      ...wrap(plan.failure.remedy, cells - 4).map((line) => `   ${line}`),
    ];
  const what = Math.min(14, Math.max(0, ...plan.lines.map((line) => width(line.what))));
  const steps = plan.lines.slice(from, from + room).map((line) => {
    const text = cut(line.detail, cells - what - 4, theme.glyphs.ellipsis);
    return ` ${theme.paint('dim', pad(cut(line.what, what, theme.glyphs.ellipsis), what))}  ${text}`;
  });
  const sum = plan.lines.length <= room ? [] : [` ${theme.paint('dim', cut(sumOf(plan.lines), cells - 2, theme.glyphs.ellipsis))}`];
  return [...head.slice(0, -1), ...sum, '', ...steps].slice(0, height);
}
