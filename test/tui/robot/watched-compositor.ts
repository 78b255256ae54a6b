// The compositor with its mouth watched: what Ink and each surface gave it for the frame that it has just made, where surfaces and covers
// lay then, and what the screen must look like by that, worked out cell by cell.
import { Compositor } from '../../../src/tui/screen/compositor.ts';
import type { Measure } from '../../../src/tui/screen/screen.ts';
import type { Point, Rect, SurfaceSource } from '../../../src/tui/screen/surface-source.ts';
import type { CellRow, LineReader } from './cell-rows.ts';

interface Layer {
  readonly source: SurfaceSource;
  rect: Rect;
  lines: readonly string[];
}

const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 };
const copyOf = (rect: Rect | null): Rect => (rect === null ? NOWHERE : { x: rect.x, y: rect.y, width: rect.width, height: rect.height });

export class WatchedCompositor extends Compositor {
  #background: readonly string[] = [];
  #layers: readonly Layer[] = [];
  readonly #covers = new Set<{ rect: Rect }>();
  readonly #watched = new Map<SurfaceSource, SurfaceSource>();
  #owner: SurfaceSource | null = null;

  override addSurface(source: SurfaceSource, measure: Measure): () => void {
    const layer: Layer = { source: this.#watch(source, () => layer), rect: NOWHERE, lines: [] };
    this.#layers = [...this.#layers, layer];
    const remove = super.addSurface(layer.source, () => {
      layer.rect = copyOf(measure());
      return layer.rect;
    });
    return () => {
      this.#layers = this.#layers.filter((other) => other !== layer);
      remove();
    };
  }

  /** The same, writing down what it answers. The compositor knows surfaces by their source. */
  #watch(source: SurfaceSource, layer: () => Layer): SurfaceSource {
    const watched: SurfaceSource = {
      lines: (width, height) => {
        layer().lines = source.lines(width, height);
        return layer().lines;
      },
      subscribe: (listener) => source.subscribe(listener),
      cursor: () => source.cursor?.() ?? null,
      placed: (rect) => source.placed?.(rect),
      flooding: () => source.flooding?.() ?? false,
    };
    this.#watched.set(source, watched);
    return watched;
  }

  override addCover(measure: Measure): () => void {
    const cover = { rect: NOWHERE };
    this.#covers.add(cover);
    const remove = super.addCover(() => {
      cover.rect = copyOf(measure());
      return cover.rect;
    });
    return () => {
      this.#covers.delete(cover);
      remove();
    };
  }

  override setCursorOwner(source: SurfaceSource | null): void {
    this.#owner = source === null ? null : (this.#watched.get(source) ?? null);
    super.setCursorOwner(this.#owner);
  }

  override _write(chunk: string | Buffer, encoding: BufferEncoding, done: () => void): void {
    const text = chunk.toString();
    // All else are modes, which are not Ink's.
    if (!/^(?:\x1b\[[?<>=]?[\d;]*[hlu])*$/.test(text)) this.#background = text.split('\n');
    super._write(chunk, encoding, done);
  }

  /** What the frame that was just made is made of; to be asked before anything else happens. */
  frame(): Frame {
    const layers = this.#layers.map(({ rect, lines }) => ({ rect: copyOf(rect), lines }));
    const covers = [...this.#covers].map(({ rect }) => copyOf(rect));
    const { columns, rows } = this;
    return { columns, rows, background: this.#background, layers, covers, cursor: this.#cursor() };
  }

  #cursor(): Point | null {
    const layer = this.#layers.findLast(({ source }) => source === this.#owner);
    const at = layer?.source.cursor?.() ?? null;
    if (layer === undefined || at === null) return null;
    const { rect } = layer;
    const point = { x: rect.x + at.x, y: rect.y + at.y };
    const inside = at.x >= 0 && at.y >= 0 && at.x < rect.width && at.y < rect.height && point.x < this.columns && point.y < this.rows;
    const covered = [...this.#covers].some(({ rect: { x, y, width, height } }) => {
      return point.x >= x && point.x < x + width && point.y >= y && point.y < y + height;
    });
    return inside && !covered ? point : null;
  }
}

export interface Frame {
  readonly columns: number;
  readonly rows: number;
  /** Ink's. */
  readonly background: readonly string[];
  /** Surfaces, from below. */
  readonly layers: readonly { readonly rect: Rect; readonly lines: readonly string[] }[];
  readonly covers: readonly Rect[];
  /** Null: not to be seen. */
  readonly cursor: Point | null;
}

/** Who owns each cell of a row: 0 = Ink, else the layer's place from below, from 1. */
function ownersOf({ columns, layers, covers }: Frame, y: number): readonly number[] {
  const owners = new Array<number>(columns).fill(0);
  const claim = (rect: Rect, who: number): void => {
    if (y >= rect.y && y < rect.y + rect.height) owners.fill(who, Math.max(0, rect.x), Math.max(0, rect.x + rect.width));
  };
  for (const [i, { rect }] of layers.entries()) claim(rect, i + 1);
  for (const cover of covers) claim(cover, 0);
  return owners;
}

/** What the terminal must show. */
export async function cellsOf(frame: Frame, reader: LineReader): Promise<readonly CellRow[]> {
  const { rows, background, layers } = frame;
  const read = await reader.read([...background, ...layers.flatMap(({ lines }) => lines), '']);
  return Array.from({ length: rows }, (_, y) =>
    merged(ownersOf(frame, y), [
      { row: read(background[y] ?? ''), at: 0 },
      ...layers.map(({ rect, lines }) => ({ row: read((y >= rect.y && lines[y - rect.y]) || ''), at: rect.x })),
    ]),
  );
}

/** A wide character of which not both cells are its layer's leaves blanks in its colours. */
function merged(owners: readonly number[], rows: readonly { readonly row: CellRow; readonly at: number }[]): CellRow {
  const out: CellRow = { text: [], width: [], fg: [], bg: [] };
  for (const [x, owner] of owners.entries()) {
    const { row, at } = rows[owner]!;
    const i = x - at;
    const width = row.width[i] ?? 1;
    const broken = width === 2 ? owners[x + 1] !== owner : width === 0 && (x === 0 || owners[x - 1] !== owner);
    out.text.push(broken ? ' ' : (row.text[i] ?? ' '));
    out.width.push(broken ? 1 : width);
    out.fg.push(row.fg[i] ?? 0);
    out.bg.push(row.bg[i] ?? 0);
  }
  return out;
}

/** "" or where the first wrong cell is. */
export function wrongCell(want: readonly CellRow[], is: readonly CellRow[]): string {
  for (const [y, row] of want.entries()) {
    const shown = is[y]!;
    for (let x = 0; x < row.text.length; x++) {
      const same =
        row.text[x] === shown.text[x] && row.width[x] === shown.width[x] && row.fg[x] === shown.fg[x] && row.bg[x] === shown.bg[x];
      if (!same) return `cell ${x},${y} must be ${cellText(row, x)}, is ${cellText(shown, x)}`;
    }
  }
  return '';
}

const cellText = ({ text, width, fg, bg }: CellRow, x: number): string =>
  `${JSON.stringify(text[x])} of width ${width[x]} in ${fg[x]?.toString(16)}/${bg[x]?.toString(16)}`;
