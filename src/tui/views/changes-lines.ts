// What saving the changed parameters of a container would do: the lines of its file, the files of the kernel, what only a start acts on, what does
// not fit together, and the line of vzctl that does the same.
import { type BrokenRule, configLine, findingsIn, type PlanLine, paramOf, setLine } from '../../engine/index.ts';
import { keyOf } from '../keys/legend.ts';
import { containerOf } from '../keys/subject.ts';
import { clean, cut, pad, width } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import { changesIn, draftOf } from '../store/drafts.ts';
import { layoutOf } from '../store/layout.ts';
import { ctLabel } from '../store/notices.ts';
import { parameterOf } from '../store/parameters.ts';
import type { ManagerState, View } from '../store/state.ts';
import type { Draft } from '../store/view-state.ts';
import { ends } from './words.ts';

type ChangesView = Extract<View, { readonly name: 'changes' }>;

const LABEL = 9;

/** A label in front of the first line of a part, and blanks in front of the others. */
function part(label: string, lines: readonly string[], theme: Theme): readonly string[] {
  return lines.map((line, i) => ` ${theme.paint('dim', pad(i === 0 ? label : '', LABEL))}${line}`);
}

function fileLines(state: ManagerState, ct: number, draft: Draft, cells: number, theme: Theme): readonly string[] {
  const short = (text: string): string => cut(clean(text, 400), cells - LABEL - 4, theme.glyphs.ellipsis);
  return [...draft].flatMap(([key, { value }]) => {
    const own = parameterOf(state, ct, key)?.own ?? null;
    const now = configLine(key, value);
    if (own !== null && configLine(key, own) === now) return [`  ${theme.paint('dim', short(now))}`];
    return [...(own === null ? [] : [theme.paint('warn', `- ${short(configLine(key, own))}`)]), theme.paint('good', `+ ${short(now)}`)];
  });
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Of what the kernel is told of a network; what it comes to stands in the file. */
const MOST_NETWORK = 5;

/** Links, addresses, routes and rates first, then sets; ports of all containers are told anew with each change of one. */
function networkLines(lines: readonly PlanLine[], cells: number, theme: Theme): readonly string[] {
  const told = (pattern: RegExp): readonly string[] =>
    lines.flatMap(({ what, detail }) => (what === 'node' && pattern.test(detail) ? [detail] : []));
  const all = [...told(/^(?:ip|tc) /), ...told(/^nft (?:add|delete) element (?!\S+ \S+ forward[46] )/)];
  const more = all.length - MOST_NETWORK;
  return [
    ...all.slice(0, MOST_NETWORK).map((text) => cut(clean(text, 400), cells - LABEL - 2, theme.glyphs.ellipsis)),
    ...(more > 0 ? [theme.paint('dim', `and ${more} more such lines`)] : []),
  ];
}

/** Files that will say something else; those that are only written again are no news. */
function kernelLines(lines: readonly PlanLine[], theme: Theme): readonly string[] {
  const changed = lines.flatMap(({ control }) => (control !== undefined && control.before !== control.after ? [control] : []));
  const names = Math.max(0, ...changed.map(({ path }) => nameOf(path).length));
  return changed.map(
    ({ path, before, after }) =>
      `${pad(nameOf(path), names)}  ${theme.paint('warn', before ?? theme.glyphs.dash)} ${theme.glyphs.right} ${theme.paint('good', after)}`,
  );
}

/** Rules of vzcfgvalidate that the values break, of those that have to do with what is changed. */
export function brokenRules(state: ManagerState, ct: number, draft: Draft): readonly BrokenRule[] {
  const { looked, nodeSize } = state;
  if (looked.ct !== ct || looked.parameters === null || nodeSize === null) return [];
  const values = new Map(looked.parameters.flatMap(({ key, file }) => (file === null ? [] : [[key, file] as const])));
  for (const [key, { value }] of draft) values.set(key, value);
  return findingsIn(values, nodeSize).filter(({ names }) => names.some((name) => draft.has(name.toUpperCase())));
}

const SEVERITY: Readonly<Record<BrokenRule['severity'], Role>> = { Error: 'alarm', Warning: 'warn', Recommendation: 'dim' };

const runs = (state: ManagerState, ct: number): boolean => containerOf(state, ct)?.init != null;

function actingLines(state: ManagerState, ct: number, draft: Draft): readonly string[] {
  const keys = (effect: 'start' | 'none'): string => [...draft.keys()].filter((key) => paramOf(key)?.effect === effect).join(', ');
  const [start, none] = [keys('start'), keys('none')];
  return [
    ...(start === '' ? [] : [`Only the next start acts on ${start}.`]),
    ...(none === '' ? [] : [`Nothing of this version acts on ${none}: it is kept.`]),
    ...(runs(state, ct) ? [] : ['It does not run: all of it holds from the next start on.']),
  ];
}

function allLines(state: ManagerState, { ct }: ChangesView, cells: number, theme: Theme): readonly string[] {
  const draft = draftOf(state, ct);
  const { review } = state;
  const failure = review?.failure ?? null;
  const planned = review?.lines ?? [];
  const kernel = [
    ...kernelLines(planned, theme),
    ...networkLines(planned, cells, theme),
    ...(draft.has('VZDECK_FORWARD') && planned.some(({ detail }) => detail.startsWith('nft ')) ? ['nft: forwarded ports'] : []),
  ];
  const reading = review?.lines === null ? [theme.paint('dim', 'finding out')] : [theme.paint('dim', 'nothing changes at once')];
  const broken = brokenRules(state, ct, draft).flatMap(({ severity, text }) =>
    wrap(`${theme.glyphs.alarm} ${severity}: ${text}`, cells - LABEL - 3).map((line) => theme.paint(SEVERITY[severity], line)),
  );
  const acting = actingLines(state, ct, draft).flatMap((text) => wrap(text, cells - LABEL - 3));
  const command = wrap(clean(setLine(ct, changesIn(draft), true), 2000), cells - 4);
  const sections = [
    ...(failure === null
      ? []
      : [
          [
            ...wrap(`${theme.glyphs.alarm} ${failure.message}`, cells - 3).map((line) => ` ${theme.paint('alarm', line)}`),
            ...(failure.remedy === '' ? [] : wrap(failure.remedy, cells - 5).map((line) => `   ${line}`)),
          ],
        ]),
    part('file', fileLines(state, ct, draft, cells, theme), theme),
    ...(failure === null ? [part('kernel', kernel.length === 0 ? reading : kernel, theme)] : []),
    ...(acting.length === 0 ? [] : [part('then', acting, theme)]),
    ...(broken.length === 0 ? [] : [part('rules', broken, theme)]),
    command.map((line, i) => ` ${theme.paint('accent', (i === 0 ? '' : '  ') + line + (i < command.length - 1 ? ' \\' : ''))}`),
  ];
  return sections.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

/** Lines below the title. */
const roomOf = (height: number): number => Math.max(1, height - 2);

/** Lines that can be scrolled away before the last one is on the screen. */
export const changesMost = (state: ManagerState, view: ChangesView, theme: Theme): number =>
  Math.max(0, allLines(state, view, Math.min(state.size.columns, READABLE), theme).length - roomOf(layoutOf(state).body));

export function changesLines(state: ManagerState, view: ChangesView, screen: number, height: number, theme: Theme): readonly string[] {
  const cells = Math.min(screen, READABLE);
  const ct = containerOf(state, view.ct);
  const draft = draftOf(state, view.ct);
  if (ct === null || draft.size === 0) {
    const key = theme.paint('key', keyOf(state, 'back', theme.glyphs));
    return [
      ` ${theme.paint('title', `${view.ct} ${ct === null ? 'is gone' : 'has nothing to be saved any more'}`)}`,
      '',
      `   ${key} ${theme.paint('dim', 'goes back')}`,
    ];
  }
  const failed = state.review?.failure != null;
  const all = allLines(state, view, cells, theme);
  const room = roomOf(height);
  const top = Math.max(0, Math.min(view.top, all.length - room));
  const marked = state.marks.size > 0 ? `  ${theme.paint('mark', `${state.marks.size} marked`)}` : '';
  const seen = all.length > room ? `${top + 1}-${Math.min(all.length, top + room)} of ${all.length}` : '';
  const right = `${theme.paint('dim', seen)}${marked} `;
  const said = failed ? 'cannot be saved so' : `${draft.size === 1 ? 'one change' : `${draft.size} changes`} to be saved`;
  const label = cut(`${ctLabel(ct)}`, cells - width(said) - width(right) - 5, theme.glyphs.ellipsis);
  const title = ends(` ${theme.paint('title', label)}  ${theme.paint(failed ? 'alarm' : 'text', said)}`, right, cells);
  return [title, '', ...all.slice(top, top + room)].slice(0, height);
}
