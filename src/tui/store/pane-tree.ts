// How the shown panes share a rectangle: a tree of splits whose leaves are panes. Knows ids and cells, not what is in a pane. Pure.

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
/** columns: side by side. rows: stacked. */
export type Split = 'columns' | 'rows';
export type Edge = 'left' | 'right' | 'up' | 'down';

export type PaneTree =
  | { readonly pane: number }
  /** `share` of the room is the first's, 0…1. */
  | { readonly split: Split; readonly share: number; readonly first: PaneTree; readonly second: PaneTree };

export interface Place {
  readonly pane: number;
  readonly area: Area;
}

/** The least that a frame with something in it takes; where a split leaves less, only one of its sides is shown. */
const LEAST: Readonly<Record<Split, number>> = { columns: 12, rows: 3 };
const AXIS: Readonly<Record<Edge, Split>> = { left: 'columns', right: 'columns', up: 'rows', down: 'rows' };

export const leaf = (pane: number): PaneTree => ({ pane });

export const panesIn = (tree: PaneTree | null): readonly number[] =>
  tree === null ? [] : 'pane' in tree ? [tree.pane] : [...panesIn(tree.first), ...panesIn(tree.second)];

const has = (tree: PaneTree, pane: number): boolean => panesIn(tree).includes(pane);

/** The tree with something else where a pane was. */
function grown(tree: PaneTree, at: number, make: (leaf: PaneTree) => PaneTree): PaneTree {
  if ('pane' in tree) return tree.pane === at ? make(tree) : tree;
  return { ...tree, first: grown(tree.first, at, make), second: grown(tree.second, at, make) };
}

/** Half of a pane's room for another. */
export const withBeside = (tree: PaneTree, at: number, pane: number, split: Split): PaneTree =>
  grown(tree, at, (first) => ({ split, share: 0.5, first, second: leaf(pane) }));

/** Another pane in the place of one. */
export const withInstead = (tree: PaneTree, at: number, pane: number): PaneTree => grown(tree, at, () => leaf(pane));

/** The tree with only these panes; who loses its neighbour gets the neighbour's room. */
export function only(tree: PaneTree | null, keep: ReadonlySet<number>): PaneTree | null {
  if (tree === null || 'pane' in tree) return tree !== null && keep.has(tree.pane) ? tree : null;
  const first = only(tree.first, keep);
  const second = only(tree.second, keep);
  if (first === null || second === null) return first ?? second;
  return first === tree.first && second === tree.second ? tree : { ...tree, first, second };
}

/** The same tree with other numbers for its panes; null: without that one. */
export function renamed(tree: PaneTree | null, name: (pane: number) => number | null): PaneTree | null {
  if (tree === null) return null;
  if ('pane' in tree) {
    const pane = name(tree.pane);
    return pane === null ? null : leaf(pane);
  }
  const [first, second] = [renamed(tree.first, name), renamed(tree.second, name)];
  return first === null || second === null ? (first ?? second) : { ...tree, first, second };
}

/** All in the same split with the same room. */
function even(split: Split, trees: readonly PaneTree[]): PaneTree {
  const [first, ...others] = trees as readonly [PaneTree, ...PaneTree[]];
  return others.length === 0 ? first : { split, share: 1 / trees.length, first, second: even(split, others) };
}

/** How near so many columns come to 80×24 for each pane. */
function comfort(columns: number, count: number, { width, height }: Area): number {
  return Math.min(width / columns / 80, height / Math.ceil(count / columns) / 24);
}

/** Panes in rows of the same height; null without panes. */
export function gridOf(panes: readonly number[], area: Area): PaneTree | null {
  if (panes.length === 0) return null;
  const counts = panes.map((_, i) => i + 1);
  const columns = counts.reduce((best, n) => (comfort(n, panes.length, area) > comfort(best, panes.length, area) ? n : best), 1);
  const rows = Math.ceil(panes.length / columns);
  const lines = Array.from({ length: rows }, (_, row) => panes.slice(row * columns, (row + 1) * columns).map(leaf));
  return even(
    'rows',
    lines.map((line) => even('columns', line)),
  );
}

/** The cells that a tree can't do without in a direction. */
function least(tree: PaneTree, split: Split): number {
  if ('pane' in tree) return LEAST[split];
  const [first, second] = [least(tree.first, split), least(tree.second, split)];
  return tree.split === split ? first + second : Math.max(first, second);
}

const lengthOf = (area: Area, split: Split): number => (split === 'columns' ? area.width : area.height);

function halves(area: Area, split: Split, length: number): readonly [Area, Area] {
  const { x, y, width, height } = area;
  return split === 'columns'
    ? [
        { ...area, width: length },
        { ...area, x: x + length, width: width - length },
      ]
    : [
        { ...area, height: length },
        { ...area, y: y + length, height: height - length },
      ];
}

/** The two areas of a split; null: there is no room for both. */
function divided(tree: Exclude<PaneTree, { pane: number }>, area: Area): readonly [Area, Area] | null {
  const { split, share, first, second } = tree;
  const whole = lengthOf(area, split);
  const [one, two] = [least(first, split), least(second, split)];
  if (one + two > whole) return null;
  return halves(area, split, Math.min(whole - two, Math.max(one, Math.round(whole * share))));
}

/** Where each pane is that there is room for; of two that do not fit, the one that is chosen is shown. */
export function placesIn(tree: PaneTree | null, area: Area, chosen: number | null): readonly Place[] {
  if (tree === null) return [];
  if ('pane' in tree) return [{ pane: tree.pane, area }];
  const areas = divided(tree, area);
  if (areas === null) return placesIn(chosen !== null && has(tree.second, chosen) ? tree.second : tree.first, area, chosen);
  return [...placesIn(tree.first, areas[0], chosen), ...placesIn(tree.second, areas[1], chosen)];
}

/** Moves the border of a pane that is nearest in the tree, by cells, towards an edge. The same tree where there is none to move. */
export function resized(tree: PaneTree, pane: number, edge: Edge, cells: number, area: Area): PaneTree {
  if ('pane' in tree || !has(tree, pane)) return tree;
  const areas = divided(tree, area);
  if (areas === null) return tree;
  const inFirst = has(tree.first, pane);
  const [side, room] = inFirst ? (['first', areas[0]] as const) : (['second', areas[1]] as const);
  const inner = resized(tree[side], pane, edge, cells, room);
  if (inner !== tree[side]) return { ...tree, [side]: inner };
  if (tree.split !== AXIS[edge]) return tree;
  const whole = lengthOf(area, tree.split);
  const now = lengthOf(areas[0], tree.split);
  const wanted = now + (edge === 'right' || edge === 'down' ? cells : -cells);
  const length = Math.min(whole - least(tree.second, tree.split), Math.max(least(tree.first, tree.split), wanted));
  return length === now ? tree : { ...tree, share: length / whole };
}

/** The pane on the other side of an edge; of several, the one opposite the middle. Null at the rim. */
export function neighbourOf(places: readonly Place[], pane: number, edge: Edge): number | null {
  const own = places.find((place) => place.pane === pane)?.area;
  if (own === undefined) return null;
  const across = edge === 'left' || edge === 'right';
  const [low, high] = across ? (['y', 'height'] as const) : (['x', 'width'] as const);
  const middle = own[low] + own[high] / 2;
  const touches = ({ x, y, width, height }: Area): boolean =>
    ({ left: x + width === own.x, right: x === own.x + own.width, up: y + height === own.y, down: y === own.y + own.height })[edge];
  return places.find(({ area }) => touches(area) && area[low] <= middle && middle < area[low] + area[high])?.pane ?? null;
}
