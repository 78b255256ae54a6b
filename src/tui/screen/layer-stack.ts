// What lies where: Ink's frame below, surfaces over it, covers (where Ink wins again) on top. Makes rows of cells; knows no terminal.

import { type Cells, mergeCells, type PlacedCells, parseCells } from './cells.ts';
import type { Measure } from './screen.ts';
import type { Point, Rect, SurfaceSource } from './surface-source.ts';

const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 };
const NO_LINES: readonly string[] = [];
/** Milliseconds. */
const FLOOD_REST = 95;
/** Screens of any height have fewer rows; a pane that floods fills it in a second. */
const MOST_WHOLE = 512;

class Placed {
  readonly measure: Measure;
  rect: Rect = NOWHERE;
  constructor(measure: Measure) {
    this.measure = measure;
  }

  /** Measures again; true when it moved. */
  place(): boolean {
    const now = this.measure() ?? NOWHERE;
    const { x, y, width, height } = this.rect;
    if (now.x === x && now.y === y && now.width === width && now.height === height) return false;
    this.rect = { x: now.x, y: now.y, width: now.width, height: now.height };
    return true;
  }

  has(y: number): boolean {
    return y >= this.rect.y && y < this.rect.y + this.rect.height && this.rect.width > 0;
  }
}

export class PlacedSurface extends Placed {
  readonly source: SurfaceSource;
  lines: readonly string[] = NO_LINES;
  #asked = Number.NEGATIVE_INFINITY;
  constructor(source: SurfaceSource, measure: Measure) {
    super(measure);
    this.source = source;
  }

  override place(): boolean {
    if (!super.place()) return false;
    this.#asked = Number.NEGATIVE_INFINITY;
    this.source.placed?.(this.#shown() ? this.rect : null);
    return true;
  }

  #shown(): boolean {
    return this.rect.width > 0 && this.rect.height > 0;
  }

  /** What floods is asked ten times a second, however many frames others need. */
  isEarly(now: number): boolean {
    return now - this.#asked < FLOOD_REST && (this.source.flooding?.() ?? false);
  }

  /** Asks the source; returns the lines it had before. */
  refresh(now: number): readonly string[] {
    const before = this.lines;
    this.#asked = now;
    this.lines = this.#shown() ? this.source.lines(this.rect.width, this.rect.height) : NO_LINES;
    return before;
  }
}

export class LayerStack {
  #background: readonly string[] = [];
  #surfaces: readonly PlacedSurface[] = [];
  readonly #covers = new Set<Placed>();
  /** Rows as composed last; null = to be composed anew. */
  #rows: (Cells | null)[] = [];
  #width = 0;
  /** Rows that one line fills, by that line: a list that scrolls shows most of its lines again. */
  readonly #whole = new Map<string, Cells>();
  /** Something that floods is not shown as it is now. */
  behind = false;

  resize(width: number, height: number): void {
    this.#width = width;
    this.#whole.clear();
    this.#rows = new Array<Cells | null>(height).fill(null);
    this.#place();
  }

  /** Ink has drawn: its rows, and a layout in which everything may have moved. */
  setBackground(lines: readonly string[]): void {
    for (let y = 0; y < this.#rows.length; y++) if (lines[y] !== this.#background[y]) this.#rows[y] = null;
    this.#background = lines;
    this.#place();
  }

  addSurface(surface: PlacedSurface): void {
    this.#surfaces = [...this.#surfaces, surface];
    this.#place();
  }

  removeSurface(surface: PlacedSurface): void {
    this.#surfaces = this.#surfaces.filter((other) => other !== surface);
    surface.source.placed?.(null);
    this.#rows.fill(null);
  }

  addCover(measure: Measure): () => void {
    const cover = new Placed(measure);
    this.#covers.add(cover);
    this.#place();
    return () => {
      this.#covers.delete(cover);
      this.#rows.fill(null);
    };
  }

  #place(): void {
    let moved = false;
    for (const placed of [...this.#surfaces, ...this.#covers]) moved = placed.place() || moved;
    if (moved) this.#rows.fill(null);
  }

  /** All rows as they are to be shown now, `first` in any case. A row in which nothing changed is the same object as last time. */
  compose(first: SurfaceSource | null = null): readonly Cells[] {
    const now = performance.now();
    this.behind = false;
    for (const surface of this.#surfaces) {
      if (surface.source !== first && surface.isEarly(now)) {
        this.behind = true;
        continue;
      }
      const before = surface.refresh(now);
      if (surface.lines === before) continue;
      for (let i = 0; i < surface.rect.height; i++) if (surface.lines[i] !== before[i]) this.#forget(surface.rect.y + i);
    }
    for (let y = 0; y < this.#rows.length; y++) this.#rows[y] ??= this.#composeRow(y);
    return this.#rows as readonly Cells[];
  }

  #forget(y: number): void {
    if (y >= 0 && y < this.#rows.length) this.#rows[y] = null;
  }

  /** The line of a surface that has this row of the screen to itself; null where there is none. */
  #wholeLine(y: number): string | null {
    const above = this.#surfaces.findLast((surface) => surface.has(y));
    if (above === undefined || above.rect.x > 0 || above.rect.x + above.rect.width < this.#width) return null;
    for (const cover of this.#covers) if (cover.has(y)) return null;
    return above.rect.x === 0 ? (above.lines[y - above.rect.y] ?? '') : null;
  }

  #composeRow(y: number): Cells {
    const line = this.#wholeLine(y);
    if (line === null) return this.#mergedRow(y);
    const known = this.#whole.get(line);
    if (known !== undefined) return known;
    const row = mergeCells([{ cells: parseCells(line), x: 0 }], new Uint8Array(this.#width));
    if (this.#whole.size >= MOST_WHOLE) this.#whole.clear();
    this.#whole.set(line, row);
    return row;
  }

  #mergedRow(y: number): Cells {
    const owners = new Uint8Array(this.#width);
    const layers: PlacedCells[] = [{ cells: parseCells(this.#background[y] ?? ''), x: 0 }];
    for (const { rect, lines } of this.#surfaces.filter((surface) => surface.has(y))) {
      owners.fill(layers.length, Math.max(0, rect.x), Math.max(0, rect.x + rect.width));
      layers.push({ cells: parseCells(lines[y - rect.y] ?? ''), x: rect.x });
    }
    for (const { rect } of [...this.#covers].filter((cover) => cover.has(y)))
      owners.fill(0, Math.max(0, rect.x), Math.max(0, rect.x + rect.width));
    return mergeCells(layers, owners);
  }

  /** Screen cell of a source's cursor; null when it has none, is not on the screen, or something lies over it. */
  cursorOf(source: SurfaceSource): Point | null {
    const surface = this.#surfaces.findLast((s) => s.source === source);
    const at = source.cursor?.();
    if (surface === undefined || at === undefined || at === null) return null;
    const { rect } = surface;
    if (at.x < 0 || at.y < 0 || at.x >= rect.width || at.y >= rect.height) return null;
    const point = { x: rect.x + at.x, y: rect.y + at.y };
    const covered = [...this.#covers].some(
      ({ rect: c }) => point.x >= c.x && point.x < c.x + c.width && point.y >= c.y && point.y < c.y + c.height,
    );
    return covered || point.x >= this.#width || point.y >= this.#rows.length ? null : point;
  }
}
