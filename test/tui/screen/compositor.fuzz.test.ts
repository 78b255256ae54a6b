// Whatever changes in whatever order, after each flush the terminal must show exactly what the model says. Three terminals: one that
// measures characters as we do, one that draws emoji narrow (Unicode 6), one that draws symbols wide; nothing but those may differ.

import xterm, { type IBufferCell, type IUnicodeVersionProvider, type Terminal } from '@xterm/headless';
import { expect, test } from 'vitest';
import { CELL_WIDTHS } from '../../../src/tui/panes/cell-width.ts';
import { Compositor } from '../../../src/tui/screen/compositor.ts';
import type { Rect, SurfaceSource } from '../../../src/tui/screen/surface-source.ts';
import { type Look, type ModelCell, modelScreen, PLAIN, type Row, randomRow, rowSource } from './compositor-model.ts';
import { freshSeed, type Random, random } from './random.ts';

const ROUNDS = 130;
const STEPS = 30;

test('the terminal shows what the layers say, after every flush', { timeout: 300_000 }, async () => {
  const first = freshSeed();
  let flushes = 0;
  let bytes = 0;
  let scrolls = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const lab = new Lab(random(first + round), TERMINALS[round % TERMINALS.length]!);
    for (let step = 0; step < STEPS; step++) {
      const what = lab.change();
      await lab.flush();
      flushes++;
      const wrong = lab.compare();
      if (wrong !== '') expect.fail(`VZDECK_SEED=${first} round ${round} (seed ${first + round}) step ${step} after "${what}": ${wrong}`);
    }
    bytes += lab.bytes;
    scrolls += lab.scrolls;
    lab.close();
  }
  console.info(
    `compositor fuzz: seeds ${first}…${first + ROUNDS - 1}, ${flushes} flushes, ${scrolls} scrolls, ${Math.round(bytes / flushes)} bytes per flush`,
  );
  expect(flushes).toBeGreaterThanOrEqual(3_600);
});

type WidthTable = IUnicodeVersionProvider | null;
const WIDE_SYMBOLS = [...'✔☁ש'].map((c) => c.codePointAt(0));
const WIDE: IUnicodeVersionProvider = {
  ...CELL_WIDTHS,
  version: 'wide symbols',
  wcwidth: (codePoint) => (WIDE_SYMBOLS.includes(codePoint) ? 2 : CELL_WIDTHS.wcwidth(codePoint)),
  charProperties: (codePoint, before) => (WIDE_SYMBOLS.includes(codePoint) ? 2 << 1 : CELL_WIDTHS.charProperties(codePoint, before)),
};
const TERMINALS: readonly WidthTable[] = [CELL_WIDTHS, null, WIDE];

interface LabSurface {
  rect: Rect;
  rows: Row[];
  lines: string[];
  changed: () => void;
  readonly remove: () => void;
}

class Lab {
  readonly #random: Random;
  readonly #term: Terminal;
  /** Characters that their right neighbour may cover. */
  readonly #mayVanish: readonly string[];
  readonly #compositor: Compositor;
  readonly #onResize = new Set<() => void>();
  #columns: number;
  #rows: number;
  #background: Row[] = [];
  #surfaces: LabSurface[] = [];
  #covers: { readonly rect: Rect; readonly remove: () => void }[] = [];
  #sent = '';
  #stalled: (() => void) | null = null;
  bytes = 0;
  scrolls = 0;

  constructor(random: Random, widths: WidthTable) {
    this.#random = random;
    this.#columns = 12 + random.below(70);
    this.#rows = 5 + random.below(25);
    this.#term = new xterm.Terminal({ cols: this.#columns, rows: this.#rows, allowProposedApi: true, logLevel: 'off' });
    if (widths !== null) {
      this.#term.unicode.register(widths);
      this.#term.unicode.activeVersion = widths.version;
    }
    this.#mayVanish = widths === WIDE ? [...'✔☁ש'] : [];
    const lab = this;
    this.#compositor = new Compositor({
      get columns() {
        return lab.#columns;
      },
      get rows() {
        return lab.#rows;
      },
      write(text, taken) {
        lab.#sent += text;
        if (lab.#random.chance(0.1)) lab.#stalled = taken;
        else taken();
      },
      on: (_, listener) => this.#onResize.add(listener),
      off: (_, listener) => this.#onResize.delete(listener),
    });
    this.#compositor.open('');
    this.#background = this.#newRows(this.#columns, this.#rows);
    this.#addSurface(random.chance(0.6));
    this.#drawInk();
  }

  #newRows(width: number, height: number): Row[] {
    return Array.from({ length: height }, () => randomRow(this.#random, width));
  }

  #rect(): Rect {
    const x = this.#random.below(this.#columns);
    const y = this.#random.below(this.#rows);
    return { x, y, width: 1 + this.#random.below(this.#columns - x), height: 1 + this.#random.below(this.#rows - y) };
  }

  #addSurface(whole: boolean): void {
    const rect = whole ? { x: 0, y: 1, width: this.#columns, height: this.#rows - 2 } : this.#rect();
    const surface: LabSurface = {
      rect,
      rows: this.#newRows(rect.width, rect.height),
      lines: [],
      changed: () => {},
      remove: () => remove(),
    };
    const source: SurfaceSource = {
      lines: () => surface.lines,
      subscribe: (listener) => {
        surface.changed = listener;
        return () => {};
      },
    };
    const remove = this.#compositor.addSurface(source, () => surface.rect);
    this.#write(surface);
    this.#surfaces = [...this.#surfaces, surface];
  }

  #write(surface: LabSurface): void {
    surface.lines = surface.rows.map((row) => rowSource(this.#random, row));
    surface.changed();
  }

  /** As Ink does: all rows at once, each right-trimmed. */
  #drawInk(): void {
    this.#compositor.write(this.#background.map((row) => rowSource(this.#random, row)).join('\n'));
  }

  change(): string {
    const changes = {
      'one row of Ink': () => this.#changeInk(1),
      'several rows of Ink': () => this.#changeInk(4),
      'rows of a surface': () => this.#changeRows(),
      'scrolled up': () => this.#shift(1),
      'scrolled down': () => this.#shift(-1),
      'part of a row': () => this.#changePart(),
      moved: () => this.#move(),
      'surface added': () => this.#surfaces.length < 4 && this.#addSurface(false),
      'surface removed': () => this.#removeSurface(),
      'cover added': () => this.#addCover(),
      'cover removed': () => this.#covers.pop()?.remove(),
      repaint: () => this.#compositor.repaint(),
      nothing: () => {},
    };
    const often = ['rows of a surface', 'scrolled up', 'scrolled down', 'part of a row', 'part of a row', 'one row of Ink'] as const;
    const what = this.#random.chance(0.6) ? this.#random.pick(often) : (this.#random.pick(Object.keys(changes)) as keyof typeof changes);
    changes[what]();
    return what;
  }

  #changeInk(count: number): void {
    for (let i = 0; i < count; i++) this.#background[this.#random.below(this.#rows)] = randomRow(this.#random, this.#columns);
    this.#drawInk();
  }

  #changeRows(): void {
    if (this.#surfaces.length === 0) return;
    const surface = this.#random.pick(this.#surfaces);
    for (let i = 0; i <= this.#random.below(3); i++)
      surface.rows[this.#random.below(surface.rect.height)] = randomRow(this.#random, surface.rect.width);
    this.#write(surface);
  }

  #shift(sign: 1 | -1): void {
    if (this.#surfaces.length === 0) return;
    const surface = this.#random.pick(this.#surfaces);
    const by = Math.min(1 + this.#random.below(4), surface.rect.height);
    // Lists have rows that look the same, and a row that has just been pushed out may come again.
    const fresh = Array.from({ length: by }, () =>
      this.#random.chance(0.4) ? this.#random.pick(surface.rows) : randomRow(this.#random, surface.rect.width),
    );
    surface.rows = sign > 0 ? [...surface.rows.slice(by), ...fresh] : [...fresh, ...surface.rows.slice(0, -by)];
    this.#write(surface);
  }

  /** A letter here or there, as clocks and counters do. */
  #changePart(): void {
    if (this.#surfaces.length === 0) return;
    const surface = this.#random.pick(this.#surfaces);
    const y = this.#random.below(surface.rect.height);
    const row = surface.rows[y]!.slice();
    const at = this.#random.below(row.length + 1);
    const other = randomRow(this.#random, surface.rect.width).find((piece) => piece.width === (row[at]?.width ?? 0));
    if (other !== undefined && row[at] !== undefined) row[at] = { ...other, look: this.#random.chance(0.5) ? row[at].look : other.look };
    else row.splice(at);
    surface.rows[y] = row;
    this.#write(surface);
  }

  #move(): void {
    if (this.#surfaces.length === 0) return;
    const surface = this.#random.pick(this.#surfaces);
    surface.rect = this.#rect();
    surface.rows = this.#newRows(surface.rect.width, surface.rect.height);
    this.#write(surface);
    this.#drawInk();
  }

  #removeSurface(): void {
    const gone = this.#surfaces.pop();
    gone?.remove();
  }

  #addCover(): void {
    const rect = this.#rect();
    this.#covers.push({ rect, remove: this.#compositor.addCover(() => rect) });
  }

  async flush(): Promise<void> {
    this.#compositor.flush();
    // A line that was stalled takes the rest now; what was missed meanwhile is drawn by the next frame.
    while (this.#stalled !== null) {
      const taken = this.#stalled;
      this.#stalled = null;
      taken();
      this.#compositor.flush();
    }
    this.bytes += this.#sent.length;
    if (/\x1b\[\d+;\d+r\x1b\[\d+[ST]/.test(this.#sent)) this.scrolls++;
    const sent = this.#sent;
    this.#sent = '';
    await new Promise<void>((resolve) => this.#term.write(sent, resolve));
  }

  /** "" or where the first wrong cell is. */
  compare(): string {
    const ink = { rect: { x: 0, y: 0, width: this.#columns, height: this.#rows }, rows: this.#background };
    const covers = this.#covers.map(({ rect }) => rect);
    const want = modelScreen(this.#columns, this.#rows, [ink, ...this.#surfaces], covers);
    const scratch = this.#term.buffer.active.getNullCell();
    for (const [y, line] of want.entries()) {
      const shown = this.#term.buffer.active.getLine(this.#term.buffer.active.baseY + y)!;
      for (const [x, cell] of line.entries()) {
        const difference = differs(cell, shown.getCell(x, scratch)!, this.#mayVanish);
        if (difference !== '') return `cell ${x},${y} of ${this.#columns}x${this.#rows}: ${difference}`;
      }
    }
    return '';
  }

  close(): void {
    this.#compositor.close();
    this.#term.dispose();
  }
}

function differs(want: ModelCell, is: IBufferCell, mayVanish: readonly string[]): string {
  const text = is.getChars();
  if (text.trim() === '' && mayVanish.includes(want.text)) return '';
  // Where a terminal draws a wide character narrow, the rest of its place is blank.
  const same = want.text.trim() === '' ? text.trim() === '' : text === want.text;
  if (!same) return `want ${JSON.stringify(want.text)}, is ${JSON.stringify(text)}`;
  return sameLook(want.look, is) ? '' : `${JSON.stringify(want.text)} wants ${JSON.stringify(want.look)}, is ${JSON.stringify(lookOf(is))}`;
}

function sameLook(want: Look, is: IBufferCell): boolean {
  if (is.isAttributeDefault()) return want === PLAIN || JSON.stringify(want) === JSON.stringify(PLAIN);
  const look = lookOf(is);
  return (Object.keys(look) as (keyof Look)[]).every((key) => look[key] === want[key]);
}

function lookOf(cell: IBufferCell): Look {
  return {
    bold: cell.isBold() !== 0,
    inverse: cell.isInverse() !== 0,
    underline: cell.isUnderline() !== 0,
    fg: cell.isFgDefault() ? '' : color(cell.getFgColor(), cell.isFgRGB(), 30),
    bg: cell.isBgDefault() ? '' : color(cell.getBgColor(), cell.isBgRGB(), 40),
  };
}

function color(value: number, rgb: boolean, base: number): string {
  if (rgb) return `${base + 8};2;${value >> 16};${(value >> 8) & 255};${value & 255}`;
  return value < 8 ? String(base + value) : value < 16 ? String(base + 52 + value) : `${base + 8};5;${value}`;
}
