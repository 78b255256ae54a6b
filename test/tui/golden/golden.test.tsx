// Each screen over one fixed node at four sizes, in ASCII and without colours, beside the text of it that somebody has looked at. Only
// UPDATE_GOLDEN=1 writes these texts anew; whoever does so looks at what has changed.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { width } from '../../../src/tui/screen/text.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';
import { paintedByRole, ROLE_LETTERS } from './roles.ts';
import { SCREENS, type Way } from './screens.ts';

// Times on the screen are the reader's.
process.env['TZ'] = 'UTC';

const SIZES = [
  [60, 20],
  [80, 24],
  [120, 40],
  [200, 50],
] as const;
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';
const FOLDER = new URL('./screens/', import.meta.url);
const MOST_BYTES = 300 * 1024;

let rig: ManagerRig | null = null;
afterEach(() => {
  rig?.manager.panes.closeAll();
  rig?.close();
  rig = null;
});

async function shown({ engine, blind, go }: Way, options: RigOptions): Promise<ManagerRig> {
  rig?.manager.panes.closeAll();
  rig?.close();
  rig = new ManagerRig(engine(), { ...options, ...(blind ? { blind } : {}) });
  await go(rig);
  return rig;
}

function kept(name: string, text: string): void {
  const file = new URL(`${name}.txt`, FOLDER);
  if (UPDATE) writeFileSync(file, text);
  expect(existsSync(file), `${name}.txt is missing: UPDATE_GOLDEN=1 writes it`).toBe(true);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

test.each(Object.keys(SCREENS))('%s looks as it was looked at', async (name) => {
  const parts: string[] = [];
  for (const [columns, rows] of SIZES) {
    const lines = await (await shown(SCREENS[name]!, { columns, rows, ascii: true })).screen();
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) {
      expect(width(line), line).toBeLessThanOrEqual(columns);
      // What does not fit is cut by whoever writes it, with the glyph of the theme; this one is the terminal's.
      expect(line).not.toContain('…');
      expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
    }
    parts.push(`${`== ${columns}x${rows} `.padEnd(columns, '=')}\n${lines.join('\n').trimEnd()}\n`);
  }
  kept(name, parts.join(''));
});

describe('what a container is called moves no column', () => {
  /** The cells of a line: a wide character is followed by an empty one. */
  const cellsOf = (line: string): readonly string[] =>
    [...new Intl.Segmenter().segment(line)].flatMap(({ segment }) => [segment, ...Array(Math.max(0, width(segment) - 1)).fill('')]);

  test.each(SIZES)('of the table at %ix%i', async (columns, rows) => {
    const lines = await (await shown(SCREENS['table']!, { columns, rows, ascii: true })).screen();
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

test.each(['table', 'container', 'failed-start', 'question'])('%s is painted in the roles that it was looked at in', async (name) => {
  const lines = await (await shown(SCREENS[name]!, { columns: 80, rows: 24, ascii: true, theme: ROLE_LETTERS })).painted();
  kept(`${name}.roles`, `${lines.map(paintedByRole).join('\n').trimEnd()}\n`);
});

test('the folder has no text of a screen that is no more, and stays small', () => {
  const texts = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
  const known = new Set(Object.keys(SCREENS));
  expect(texts.filter((name) => !known.has(name.replace(/(\.roles)?\.txt$/, '')))).toEqual([]);
  expect(texts.reduce((sum, name) => sum + readFileSync(new URL(name, FOLDER)).length, 0)).toBeLessThan(MOST_BYTES);
});
