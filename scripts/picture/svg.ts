// A terminal's screen as an SVG: one text per run of cells that look the same, block characters and lines as rectangles so that no font can tear bars and frames apart.

export interface Look {
  readonly fg: string;
  readonly bg: string;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly underline: boolean;
}

export interface Cell {
  /** "" for the right half of a wide character. */
  readonly text: string;
  readonly look: Look;
}

/** Pixels of a cell, and of the frame around the screen. */
const WIDTH = 8;
const HEIGHT = 17;
const BASELINE = 13;
const FRAME = 12;
const FONT = 13.3;

/** Part of a cell that a block character fills: from the left, and from the bottom, in eighths. */
const BLOCKS: Readonly<Record<string, readonly [left: number, bottom: number]>> = {
  ...Object.fromEntries([...'▏▎▍▌▋▊▉█'].map((char, i) => [char, [i + 1, 8] as const])),
  ...Object.fromEntries([...'▁▂▃▄▅▆▇'].map((char, i) => [char, [8, i + 1] as const])),
};

/** From the middle of a cell to its sides: left, right, up, down. */
const SIDES: Readonly<Record<string, string>> = {
  ...{ '─': 'lr', '│': 'ud', '┌': 'rd', '┐': 'ld', '└': 'ru', '┘': 'lu' },
  ...{ '━': 'lr', '┃': 'ud', '┏': 'rd', '┓': 'ld', '┗': 'ru', '┛': 'lu' },
};
const HEAVY = '━┃┏┓┗┛';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const round = (n: number): number => Math.round(n * 100) / 100;

interface Run {
  readonly x: number;
  readonly columns: number;
  readonly text: string;
  readonly look: Look;
}

const sameLook = (a: Look, b: Look): boolean =>
  a.fg === b.fg && a.bg === b.bg && a.bold === b.bold && a.dim === b.dim && a.underline === b.underline;

const isBlock = (text: string): boolean => Object.hasOwn(BLOCKS, text) || Object.hasOwn(SIDES, text);

/** Neighbours of the same look; block characters only with the same block. */
function runsOf(row: readonly Cell[]): readonly Run[] {
  const runs: Run[] = [];
  for (const [x, { text, look }] of row.entries()) {
    const last = runs.at(-1);
    const joins =
      last !== undefined && sameLook(last.look, look) && (isBlock(text) || isBlock(last.text[0] ?? '') ? last.text[0] === text : true);
    if (joins) runs[runs.length - 1] = { ...last, columns: last.columns + 1, text: last.text + text };
    else runs.push({ x, columns: 1, text, look });
  }
  return runs;
}

const rect = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"/>`;

/** Blanks at both ends draw nothing. */
function trimmed(run: Run): Run {
  const start = run.text.length - run.text.trimStart().length;
  const text = run.text.trim();
  return { ...run, x: run.x + start, columns: run.columns - (run.text.length - text.length), text };
}

function textOf(run: Run, y: number): string {
  const { x, columns, text, look } = trimmed(run);
  if (text === '') return '';
  const style = `${look.bold ? ' font-weight="bold"' : ''}${look.dim ? ' opacity=".6"' : ''}${look.underline ? ' text-decoration="underline"' : ''}`;
  const length = columns > 1 ? ` textLength="${columns * WIDTH}" lengthAdjust="spacingAndGlyphs"` : '';
  return `<text x="${x * WIDTH}" y="${y * HEIGHT + BASELINE}" fill="${look.fg}"${style}${length}>${escaped(text)}</text>`;
}

function linesOf({ x, columns, text, look }: Run, y: number): string {
  const sides = SIDES[text[0] ?? ''] ?? '';
  const thick = HEAVY.includes(text[0] ?? '') ? 2 : 1;
  const [left, top, width] = [x * WIDTH, y * HEIGHT, columns * WIDTH];
  const [middleX, middleY] = [left + (WIDTH - thick) / 2, top + (HEIGHT - thick) / 2];
  if (sides === 'lr') return rect(left, middleY, width, thick, look.fg);
  const across = sides.includes('r')
    ? rect(middleX, middleY, left + WIDTH - middleX, thick, look.fg)
    : sides.includes('l')
      ? rect(left, middleY, middleX + thick - left, thick, look.fg)
      : '';
  const [from, to] = [sides.includes('u') ? top : middleY, sides.includes('d') ? top + HEIGHT : middleY + thick];
  return across + rect(middleX, from, thick, to - from, look.fg);
}

function blockOf(run: Run, y: number): string {
  if (SIDES[run.text[0] ?? ''] === 'lr') return linesOf(run, y);
  if (Object.hasOwn(SIDES, run.text[0] ?? ''))
    return Array.from(run.text, (text, i) => linesOf({ ...run, text, columns: 1, x: run.x + i }, y)).join('');
  const [left, bottom] = BLOCKS[run.text[0] ?? ''] ?? [0, 0];
  const top = y * HEIGHT + (HEIGHT * (8 - bottom)) / 8;
  const height = (HEIGHT * bottom) / 8;
  // whole and lower blocks touch their neighbours, left parts do not
  if (left === 8) return rect(run.x * WIDTH, top, run.columns * WIDTH, height, run.look.fg);
  return Array.from(run.text, (_, i) => rect((run.x + i) * WIDTH, top, (WIDTH * left) / 8, height, run.look.fg)).join('');
}

/** `title` is what people hear who cannot see it. */
export function screenSvg(rows: readonly (readonly Cell[])[], background: string, title: string): string {
  const width = (rows[0]?.length ?? 0) * WIDTH;
  const height = rows.length * HEIGHT;
  const drawn = rows.flatMap((row, y) =>
    runsOf(row).map((run) => {
      const ground = run.look.bg === background ? '' : rect(run.x * WIDTH, y * HEIGHT, run.columns * WIDTH, HEIGHT, run.look.bg);
      return ground + (isBlock(run.text[0] ?? '') ? blockOf(run, y) : textOf(run, y));
    }),
  );
  const box = `0 0 ${width + 2 * FRAME} ${height + 2 * FRAME}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="${FONT}" xml:space="preserve">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${background}"/>`,
    `<g transform="translate(${FRAME} ${FRAME})">`,
    ...drawn.filter((part) => part !== ''),
    '</g></svg>\n',
  ].join('\n');
}
