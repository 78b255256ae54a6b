// The lines of the dialog in which one parameter is changed. Pure.
import { type CtParameter, configLine, enforcerText, type Param, pairOf } from '../../engine/index.ts';
import { type FormReading, formLine, hintOf, isAmount, type ParameterForm, readForm } from '../forms/parameter-form.ts';
import { keyOf } from '../keys/legend.ts';
import { containerOf } from '../keys/subject.ts';
import { clean, cut, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { wrap } from '../screen/wrap.ts';
import { draftOf } from '../store/drafts.ts';
import { parameterOf, shortAmount, shortValue } from '../store/parameters.ts';
import type { ManagerState } from '../store/state.ts';
import { brokenRules } from './changes-lines.ts';
import { inputLine } from './input-line.ts';
import { ACTS_WHEN } from './parameter-lines.ts';
import { ends } from './words.ts';

const AMOUNT = 14;
const LABEL = 8;
/** Suggestions that are seen at once. */
const OFFERED = 5;

function typedLine(form: ParameterForm, known: CtParameter | null, cells: number, theme: Theme): string {
  const { inputs, focus, joined, param } = form;
  const [first, second] = inputs;
  if (first === undefined) return '';
  if (!isAmount(param)) return inputLine(first, cells, theme, true);
  const room = Math.max(6, Math.min(AMOUNT, Math.floor((cells - 18) / 2)));
  const input = (at: number): string => inputLine(inputs[at] ?? first, room, theme, at === focus);
  const left = second === undefined ? input(0) : `barrier ${input(0)} ${theme.paint('dim', joined ? '=' : ' ')} limit ${input(1)}`;
  const held = known?.held ?? null;
  const use =
    held === null ? '' : `held ${shortAmount(held.held, param.unit)}, most ${shortAmount(Math.max(held.held, held.maxheld), param.unit)}`;
  return ends(left, theme.paint('dim', use), cells);
}

/** A limit below what is held is no mistake, but has an effect that one should know. */
function belowUse(form: ParameterForm, reading: FormReading, known: CtParameter | null): string {
  if (!('value' in reading) || known?.held == null || known.badge !== 'live') return '';
  const limit = Number(/(\d+)$/.exec(reading.value)?.[1] ?? Number.POSITIVE_INFINITY);
  if (limit >= known.held.held) return '';
  const held = shortAmount(known.held.held, form.param.unit);
  if (form.param.key === 'NUMPROC') return `${held} are held: none ends, and new ones are refused until there are fewer`;
  return form.param.unit === 'pages' ? `${held} are held: the kernel tries to take back what is too much, and refuses where it can't` : '';
}

/** The dialog at one moment: what is typed, what it means, and what is known of the parameter. */
interface Shown {
  readonly state: ManagerState;
  readonly form: ParameterForm;
  readonly reading: FormReading;
  readonly known: CtParameter | null;
  readonly cells: number;
  readonly theme: Theme;
}

function faultLines({ state, form, reading, known, cells, theme }: Shown): readonly string[] {
  const warned = (text: string, role: 'alarm' | 'warn'): readonly string[] =>
    wrap(`${theme.glyphs.alarm} ${text}`, cells).map((line) => theme.paint(role, line));
  if ('fault' in reading) return warned(reading.fault, 'alarm');
  const draft = new Map([...draftOf(state, form.ct), [form.param.key, { change: reading.change, value: reading.value }]]);
  const name = form.param.key.toLowerCase();
  const rules = brokenRules(state, form.ct, draft)
    .filter(({ names }) => names.includes(name))
    .map(({ severity, text }) => `${severity}: ${text}`);
  const said = [belowUse(form, reading, known), ...rules].filter((text) => text !== '').slice(0, 2);
  return said.length === 0
    ? [theme.paint('dim', cut(hintOf(form), cells, theme.glyphs.ellipsis))]
    : said.flatMap((text) => warned(text, 'warn'));
}

function offeredLines({ suggestions, taken }: ParameterForm, most: number, cells: number, theme: Theme): readonly string[] {
  const top = Math.max(0, Math.min((taken ?? 0) - most + 1, suggestions.length - most));
  const room = Math.max(8, ...suggestions.map(({ text }) => Math.min(24, width(text))));
  return suggestions.slice(top, top + most).map(({ text, why }, i) => {
    const line = `${pad(cut(clean(text) || '""', room, theme.glyphs.ellipsis), room)}  ${theme.paint('dim', cut(clean(why), cells - room - 5, theme.glyphs.ellipsis))}`;
    return top + i === taken
      ? theme.under('selection', pad(`${theme.paint('accent', theme.glyphs.selected)} ${line}`, cells))
      : `  ${line}`;
  });
}

/** What the kernel gets of a value. */
function limitText({ param }: ParameterForm, value: string): string {
  const pair = param.unit === undefined ? null : pairOf(value);
  return pair === null ? shortValue(param, value) : shortAmount(pair.limit, param.unit);
}

/** Where the two versions of cgroups have different files, the controller says enough. */
export function enforcerOf({ enforcer }: Pick<Param, 'enforcer'>): string {
  const { by, how, files } = enforcer;
  return files !== undefined && files[1] !== files[2] ? `${by} ${how}` : enforcerText(enforcer);
}

function effectLines({ state, form, reading, known, cells, theme }: Shown): readonly string[] {
  const { right, dash, ellipsis } = theme.glyphs;
  const line = (label: string, text: string, role: 'text' | 'dim' | 'accent' = 'text'): string =>
    `${theme.paint('dim', pad(label, LABEL))}${theme.paint(role, cut(clean(text, 400), cells - LABEL, ellipsis))}`;
  const { key } = form.param;
  const value = 'value' in reading ? reading.value : null;
  const wanted = value === null ? null : configLine(key, value);
  const stored = form.stored === null ? null : configLine(key, form.stored);
  const file =
    wanted === null || wanted === stored ? `${stored ?? dash}` : stored === null ? `+ ${wanted}` : `${stored} ${right} ${wanted}`;
  const running = containerOf(state, form.ct)?.init != null;
  const live = known?.live ?? null;
  const kernel =
    known === null || known.badge !== 'live' || !running
      ? `${ACTS_WHEN[known?.badge ?? 'kept']}${running || known?.badge === 'kept' ? '' : '; it does not run'}`
      : value !== null && live !== null
        ? limitText(form, live) === limitText(form, value)
          ? `${limitText(form, live)} as it is`
          : `${limitText(form, live)} ${right} ${limitText(form, value)} at once`
        : 'at once';
  return [
    line('file', file, wanted === stored ? 'dim' : 'text'),
    line('kernel', `${kernel}, ${enforcerOf(known ?? form.param)}`),
    line('vzctl', formLine(form, draftOf(state, form.ct)).replace(/^vzctl /, '') || dash, 'accent'),
  ];
}

function keyLine(state: ManagerState, form: ParameterForm, cells: number, theme: Theme): string {
  const key = (action: string): string => theme.paint('key', keyOf(state, action, theme.glyphs));
  const { up, down } = theme.glyphs;
  const items = [
    `${key('parameter-keep')} keep`,
    `${key('parameter-save')} save`,
    ...(form.suggestions.length > 0 ? [`${theme.paint('key', up === '^' ? 'Up Down' : '↑↓')} offered`] : []),
    ...(isAmount(form.param) ? [`${theme.paint('key', '+ - * /')} step`] : []),
    ...(form.inputs.length > 1 ? [`${theme.paint('key', 'Tab')} limit`] : []),
    `${theme.paint('key', 'Esc')} leave it`,
  ];
  const fits = (all: readonly string[]): boolean => width(all.join('   ')) <= cells;
  const most = [items.length, 5, 4, 3].map((n) => (n >= items.length ? items : [...items.slice(0, n - 1), ...items.slice(-1)])).find(fits);
  return (most ?? [...items.slice(0, 1), ...items.slice(-1)]).join(down === 'v' && cells < 40 ? ' ' : '   ');
}

/** At most `height` of them; what is offered gives way first, then what becomes of it. */
export function parameterDialogLines(
  state: ManagerState,
  form: ParameterForm,
  cells: number,
  height: number,
  theme: Theme,
): readonly string[] {
  const { param, ct } = form;
  const known = parameterOf(state, ct, param.key);
  const reading = readForm(form);
  const title = ends(
    `${theme.paint('title', param.key)}  ${theme.paint('dim', cut(param.help, Math.max(0, cells - param.key.length - 12), theme.glyphs.ellipsis))}`,
    theme.paint('dim', known?.badge ?? ''),
    cells,
  );
  const shown: Shown = { state, form, reading, known, cells, theme };
  const faults = faultLines(shown);
  const head = [title, '', typedLine(form, known, cells, theme), ...faults];
  const effects = ['', ...effectLines(shown)];
  const foot = ['', keyLine(state, form, cells, theme)];
  const room = height - head.length - foot.length;
  const below = room >= effects.length ? effects : [];
  const left = room - below.length - 1;
  const offered = left < 1 || form.suggestions.length === 0 ? [] : ['', ...offeredLines(form, Math.min(OFFERED, left), cells, theme)];
  return [...head, ...offered, ...below, ...foot];
}
