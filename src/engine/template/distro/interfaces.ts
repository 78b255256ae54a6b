// Links that the node sets up in a container's own network files: which of them change, by what keeps its network. Lines and files of ours are marked,
// and nobody else's are touched.
import type { TreeOp } from '../../spec/op.ts';
import { lookAt, mkdirsAbove, remove, type Seen, type TreeAsk, write } from '../seen.ts';
import { type GuestLink, KEEPERS, type Keeper } from './interface-keepers.ts';

/** Our part of a file that is the container's own. */
const [BEGIN, END] = ['# Addresses of the node begin here. They are written anew with each change.', '# Addresses of the node end here.'];
/** First line of a file that is ours. */
const OURS = '# Addresses of the node: this file is written anew with each change.\n';

/** What somebody may be told of: a name that no file can hold without meaning something else stays out of them. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

export interface InterfaceChanges {
  readonly ops: readonly TreeOp[];
  /** What stays as it is, and why: sentences without a period. */
  readonly notes: readonly string[];
}

/** What it takes to say what changes. */
export const lookAtInterfaces = (ask: TreeAsk): Promise<Seen> =>
  lookAt(ask, [
    {
      reads: KEEPERS.flatMap(({ part }) => part?.file ?? []),
      looks: KEEPERS.flatMap(({ active, part }) => [...active, ...(part === undefined ? [] : [part.file])]),
      within: KEEPERS.flatMap(({ within = [] }) => within),
    },
  ]);

/** Without our part; a line end that it came with goes with it. */
export function withoutPart(text: string): string {
  const to = text.indexOf(END);
  const from = text.lastIndexOf(BEGIN, to);
  if (to < 0 || from < 0) return text;
  const after = text.slice(to + END.length);
  const before = text.slice(0, from);
  return after.startsWith('\n') ? before + after.slice(1) : before.replace(/\n$/, '') + after;
}

/** At the end; a text whose last line does not end keeps that. */
function withPart(own: string, part: string): string {
  if (part === '') return own;
  const whole = own === '' || own.endsWith('\n');
  return `${own}${whole ? '' : '\n'}${BEGIN}\n${part}${END}${whole ? '\n' : ''}`;
}

const NONE: InterfaceChanges = { ops: [], notes: [] };

function partChanges(seen: Seen, { part, foreign, within = [] }: Keeper, links: readonly GuestLink[]): InterfaceChanges {
  if (part === undefined) return NONE;
  const { file } = part;
  const before = seen.text(file);
  if (before === null && seen.there(file)) return links.length === 0 ? NONE : { ops: [], notes: [`${file} is no file that can be read`] };
  const own = withoutPart(before ?? '');
  const after = withPart(own, links.length === 0 ? '' : part.text(links));
  const others = within.flatMap(({ dir }) => seen.names(dir).map((name) => `${dir}/${name}`));
  const notes = links.flatMap(({ name }) => {
    const by = [file, ...others].find((path) => foreign?.(name).test(path === file ? own : (seen.text(path) ?? '')));
    return by === undefined ? [] : [`${by} has lines of its own for ${name}, which stay`];
  });
  return { ops: after === (before ?? '') ? [] : [...(before === null ? mkdirsAbove(file) : []), write(file, after)], notes };
}

function wholeChanges(seen: Seen, { whole, within = [] }: Keeper, links: readonly GuestLink[]): InterfaceChanges {
  if (whole === undefined) return NONE;
  const ours = (path: string): boolean => seen.text(path)?.startsWith(OURS) ?? false;
  const wanted = new Map((links.length === 0 ? [] : whole(links)).map(([path, text]) => [path, OURS + text]));
  const there = within.flatMap(({ dir, names }) => seen.names(dir).flatMap((name) => (names.test(name) ? [`${dir}/${name}`] : [])));
  const [free, taken] = [[...wanted.keys()].filter((path) => !seen.there(path) || ours(path)), [...wanted.keys()]];
  return {
    ops: [
      ...there.filter((path) => !wanted.has(path) && ours(path)).map(remove),
      ...free.flatMap((path) => (seen.text(path) === wanted.get(path) ? [] : [...mkdirsAbove(path), write(path, wanted.get(path) ?? '')])),
    ],
    notes: taken.filter((path) => !free.includes(path)).map((path) => `${path} is somebody else's, and stays`),
  };
}

/** Files that only repeat what is there are not touched; a tree that keeps no network has none. `links`: all that the container has. */
export function interfaceChanges(seen: Seen, links: readonly GuestLink[]): InterfaceChanges {
  const plain = links.filter(({ name }) => PLAIN.test(name));
  const here = KEEPERS.filter(({ active }) => active.some((path) => seen.there(path)));
  const changes = here.flatMap((keeper) => [partChanges(seen, keeper, plain), wholeChanges(seen, keeper, plain)]);
  const odd = here.length === 0 ? [] : links.filter((link) => !plain.includes(link));
  return {
    ops: changes.flatMap(({ ops }) => ops),
    notes: [...changes.flatMap(({ notes }) => notes), ...odd.map(({ name }) => `"${name}" is no name that they could all hold`)],
  };
}

/** What a running container has to be told after a change. */
export const interfaceTells = (seen: Seen): readonly (readonly string[])[] =>
  KEEPERS.flatMap(({ active, tell }) => (tell !== undefined && active.some((path) => seen.there(path)) ? [tell] : []));
