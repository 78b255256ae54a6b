// Rows of cells as the reference emulator has them: read from its screen, and lines of SGR text interpreted by a second one of its kind.
// Shares no code with what draws.
import xterm, { type IBufferCell, type IBufferLine, type Terminal } from '@xterm/headless';
import { CELL_WIDTHS } from '../../../src/tui/panes/cell-width.ts';

/** A wide character's second cell has width 0 and no text. Colours and attributes are the emulator's two packed words. */
export interface CellRow {
  readonly text: string[];
  readonly width: number[];
  readonly fg: number[];
  readonly bg: number[];
}

/** An emulator that measures as today's terminals do. */
export function newTerminal(columns: number, rows: number, scrollback = 0): Terminal {
  const term = new xterm.Terminal({ cols: columns, rows, scrollback, allowProposedApi: true, logLevel: 'off' });
  term.unicode.register(CELL_WIDTHS);
  term.unicode.activeVersion = CELL_WIDTHS.version;
  return term;
}

/** Resolves when the emulator has taken it all. */
export const taken = (term: Terminal, text: string): Promise<void> => new Promise((resolve) => term.write(text, resolve));

/** What the emulator's cells hold behind their public face. */
type Packed = IBufferCell & { readonly fg: number; readonly bg: number };

export function readRow(line: IBufferLine, columns: number, scratch: IBufferCell): CellRow {
  const row: CellRow = { text: [], width: [], fg: [], bg: [] };
  for (let x = 0; x < columns; x++) {
    const cell = line.getCell(x, scratch) as Packed | undefined;
    row.text.push(cell?.getChars() || (cell?.getWidth() === 0 ? '' : ' '));
    row.width.push(cell?.getWidth() ?? 1);
    row.fg.push(cell?.fg ?? 0);
    row.bg.push(cell?.bg ?? 0);
  }
  return row;
}

/** Rows of the visible screen. */
export function readScreen(term: Terminal): readonly CellRow[] {
  const { active } = term.buffer;
  const scratch = active.getNullCell();
  return Array.from({ length: term.rows }, (_, y) => readRow(active.getLine(active.baseY + y)!, term.cols, scratch));
}

/** Wider than any screen of these tests. */
const COLUMNS = 320;
const ROWS = 100;
const REMEMBERED = 5000;
/** All but SGR, and what only tells how other characters are to be shown: nothing of it may become part of a cell. */
const NO_SGR = /\x1b(?!\[[\d;:]*m)|[\x00-\x1a\x1c-\x1f\x7f-\x9f]|\p{Cf}/gu;

/** Lines of SGR text, each beginning with default attributes, as cells. */
export class LineReader {
  readonly #term = newTerminal(COLUMNS, ROWS);
  readonly #known = new Map<string, CellRow>();

  async read(lines: readonly string[]): Promise<(line: string) => CellRow> {
    const fresh = [...new Set(lines)].filter((line) => !this.#known.has(line));
    if (this.#known.size + fresh.length > REMEMBERED) {
      this.#known.clear();
      if (fresh.length < lines.length) return this.read(lines);
    }
    for (let from = 0; from < fresh.length; from += ROWS) await this.#readSome(fresh.slice(from, from + ROWS));
    return (line) => this.#known.get(line)!;
  }

  async #readSome(lines: readonly string[]): Promise<void> {
    const rows = lines.map((line, y) => `\x1b[${y + 1};1H${line.replace(NO_SGR, '')}\x1b[0m`);
    await taken(this.#term, `\x1b[?7l\x1b[0m\x1b[H\x1b[2J${rows.join('')}`);
    const { active } = this.#term.buffer;
    const scratch = active.getNullCell();
    for (const [y, line] of lines.entries()) this.#known.set(line, readRow(active.getLine(y)!, COLUMNS, scratch));
  }

  dispose(): void {
    this.#term.dispose();
  }
}
