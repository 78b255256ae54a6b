// Each screen over one fixed node at four sizes in its three forms, beside the texts that somebody has looked at: in ASCII without colours at each
// size, and at 80x24 (some at 200x50, too) in UTF-8 with the role of each cell. That the forms are one screen is computed at each size. Only UPDATE_GOLDEN=1 writes
// these texts anew; whoever does so looks at what has changed.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { width } from '../../../src/tui/screen/text.ts';
import { TOUR } from '../../../src/tui/store/tour-steps.ts';
import { tourLines } from '../../../src/tui/views/tour-lines.ts';
import { ManagerRig, testTheme } from '../manager-rig.tsx';
import { legendOf, paintedByRole, ROLE_LETTERS } from './roles.ts';
import { SCREENS } from './screens.ts';
import type { Way } from './way.ts';

// Times on the screen are the reader's, and so is the home that is offered.
process.env['TZ'] = 'UTC';
process.env['HOME'] = '/root';

const SIZES = [
  [60, 20],
  [80, 24],
  [120, 40],
  [200, 50],
] as const;
const USUAL = 80;
/** These are arranged otherwise where there is room. */
const WIDE = 200;
const ARRANGED = ['table', 'container', 'panes-split'];
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';
const FOLDER = new URL('./screens/', import.meta.url);
const MOST_BYTES = 1024 * 1024;

const FORMS = { 'utf-8': testTheme('default', 'mono'), roles: ROLE_LETTERS };

let rig: ManagerRig | null = null;
function close(): void {
  rig?.manager.panes.closeAll();
  rig?.close();
  rig = null;
}
afterEach(close);

async function shown({ engine, go, ...options }: Way, columns: number, rows: number): Promise<ManagerRig> {
  close();
  rig = new ManagerRig(engine(), { ...options, columns, rows, ascii: true, themes: FORMS });
  await go(rig);
  await still(rig);
  return rig;
}

/** Terminals take the size of their place, and say what they show there, one after the other. */
async function still(there: ManagerRig): Promise<readonly string[]> {
  for (let last = '', lines = await there.painted(); ; lines = await there.painted()) {
    if (lines.join('\n') === last) return lines;
    last = lines.join('\n');
    await new Promise((drawn) => setImmediate(drawn));
  }
}

/** The same moment in another form. */
async function drawnIn(there: ManagerRig, theme: keyof typeof FORMS): Promise<readonly string[]> {
  there.manager.store.setState({ theme });
  return still(there);
}

const plain = (line: string): string => line.replace(/\x1b\[[\d;]*m/g, '').trimEnd();

function kept(name: string, text: string): void {
  const file = new URL(`${name}.txt`, FOLDER);
  if (UPDATE) writeFileSync(file, text);
  expect(existsSync(file), `${name}.txt is missing: UPDATE_GOLDEN=1 writes it`).toBe(true);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

/** Many of the same, as in an empty pane, are kept as their number. */
function folded(texts: readonly string[]): string {
  const runs: { text: string; times: number }[] = [];
  for (const text of texts) {
    const last = runs.at(-1);
    if (last?.text === text) last.times++;
    else runs.push({ text, times: 1 });
  }
  return runs
    .map(({ text, times }) => (times < 4 ? Array(times).fill(text).join('\n') : `${text}\n^^ ${times - 1} more of these`))
    .join('\n');
}

/** Names of keys that UTF-8 has signs for, which leave room for more on their line. */
const KEY_NAMES = /\b(Enter|Up|Down|Left|Right)\b/;
/** One letter may be a glyph. */
const wordsOf = (line: string): string => (line.replace(/(?<=[A-Z])v\b/, '').match(/[\p{L}\p{M}\p{N}]{2,}|\p{N}/gu) ?? []).join(' ');

/** Glyphs differ and bars are finer; what is said is not. */
function expectSameWords(ascii: readonly string[], utf8: readonly string[]): void {
  expect(utf8.length).toBe(ascii.length);
  for (const [y, line] of ascii.entries()) if (!KEY_NAMES.test(line)) expect(wordsOf(utf8[y] ?? '')).toBe(wordsOf(line));
}

test.each(Object.keys(SCREENS))('%s looks as it was looked at', async (name) => {
  const parts: string[] = [];
  for (const [columns, rows] of SIZES) {
    const there = await shown(SCREENS[name]!, columns, rows);
    const ascii = await there.screen();
    expect(ascii.length).toBeLessThanOrEqual(rows);
    for (const line of ascii) {
      expect(width(line), line).toBeLessThanOrEqual(columns);
      // What does not fit is cut by whoever writes it, with the glyph of the theme; this one is the terminal's.
      expect(line).not.toContain('…');
      expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
    }
    parts.push(`${`== ${columns}x${rows} `.padEnd(columns, '=')}\n${folded(ascii).trimEnd()}\n`);
    const utf8 = (await drawnIn(there, 'utf-8')).map(plain);
    const painted = await drawnIn(there, 'roles');
    expect(painted.map(plain)).toEqual(utf8);
    expectSameWords(ascii, utf8);
    if (columns !== USUAL && !(columns === WIDE && ARRANGED.includes(name))) continue;
    const texts = painted.map(paintedByRole);
    kept(`${name}.roles${columns === USUAL ? '' : columns}`, `${legendOf(texts)}\n\n${folded(texts).trimEnd()}\n`);
  }
  kept(name, parts.join(''));
});

test('each step of the tour says what it has to say at each width', async () => {
  const parts: string[] = [];
  for (const [columns, rows] of SIZES) {
    const { state, manager } = await shown(SCREENS['tour']!, columns, rows);
    parts.push(`== ${columns}x${rows}`);
    for (const step of TOUR.keys()) {
      const lines = tourLines({ ...state, tour: { step, since: state } }, 3, columns, manager.theme('default')).map(plain);
      for (const line of lines) expect(line).not.toMatch(/~$/);
      parts.push(...lines);
    }
  }
  kept('tour-steps', `${parts.join('\n')}\n`);
});

describe('what a container is called moves no column', () => {
  /** The cells of a line: a wide character is followed by an empty one. */
  const cellsOf = (line: string): readonly string[] =>
    [...new Intl.Segmenter().segment(line)].flatMap(({ segment }) => [segment, ...Array(Math.max(0, width(segment) - 1)).fill('')]);

  test.each(SIZES)('of the table at %ix%i', async (columns, rows) => {
    const lines = await (await shown(SCREENS['table']!, columns, rows)).screen();
    const titles = lines.findIndex((line) => line.includes('STATUS'));
    const at = (lines[titles] ?? '').indexOf('STATUS');
    const states = lines.slice(titles + 1, titles + 10).map((line) =>
      cellsOf(line)
        .slice(at, at + 3)
        .join(''),
    );
    expect(states).toEqual(['run', 'run', 'run', 'run', 'fai', 'fro', 'run', 'sto', 'run']);
  });
});

test('the folder has no text of a screen that is no more, and stays small', () => {
  const texts = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
  const known = new Set([...Object.keys(SCREENS), 'tour-steps']);
  expect(texts.filter((name) => !known.has(name.replace(/(\.roles\d*)?\.txt$/, '')))).toEqual([]);
  expect(texts.reduce((sum, name) => sum + readFileSync(new URL(name, FOLDER)).length, 0)).toBeLessThan(MOST_BYTES);
});
