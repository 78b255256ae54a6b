// How one beancounter was, as a picture of columns: what was held of its bound, and below it when it was refused.
import { growthOf, type HistoryPoint, type HistorySpan } from '../../engine/index.ts';
import { count, duration } from '../screen/figures.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import type { BeanRow } from '../store/ubc.ts';
import { heldText } from '../store/ubc-text.ts';
import type { HistoryPanel } from '../store/view-state.ts';
import { ends } from './words.ts';

/** Milliseconds back; and so long a point may stand for what follows: where nothing changes none is written. */
const SPANS: Readonly<Record<HistorySpan, { readonly title: string; readonly reach: number; readonly rest: number }>> = {
  seconds: { title: '15 minutes', reach: 900_000, rest: 15_000 },
  minutes: { title: '24 hours', reach: 86_400_000, rest: 150_000 },
  hours: { title: '90 days', reach: 90 * 86_400_000, rest: 9_000_000 },
};

/** Figures at the left of the picture. */
const AXIS = 7;
/** A picture is looked at as a whole. */
const WIDEST = 140;

interface Column {
  /** The most that was held; null where nobody looked. */
  readonly held: number | null;
  readonly refused: number;
}

/** Points by the columns that their times fall into; what a column was refused is counted from the point before it. A point holds for `rest` at most. */
export function columnsOf(points: readonly HistoryPoint[], from: number, to: number, rest: number, cells: number): readonly Column[] {
  const columns: Column[] = Array.from({ length: cells }, () => ({ held: null, refused: 0 }));
  const placeOf = (at: number): number => Math.max(0, Math.min(cells - 1, Math.floor(((at - from) / Math.max(1, to - from)) * cells)));
  for (const [i, { at, held, failcnt }] of points.entries()) {
    const next = points[i + 1]?.at ?? to;
    const until = Math.min(next, at + rest, to);
    if (until < from) continue;
    const before = points[i - 1];
    const refused = before === undefined || at < from ? 0 : growthOf(before.failcnt, failcnt);
    for (let x = placeOf(at); x <= placeOf(until); x++) {
      const known = columns[x];
      if (known !== undefined)
        columns[x] = { held: Math.max(known.held ?? 0, held), refused: known.refused + (x === placeOf(at) ? refused : 0) };
    }
  }
  return columns;
}

/** One line of the picture: `line` counts from the bottom. */
function pictureLine(columns: readonly Column[], line: number, height: number, top: number, theme: Theme): string {
  const { spark } = theme.glyphs;
  let text = '';
  for (const { held, refused } of columns) {
    const filled = held === null || top <= 0 ? 0 : Math.min(1, held / top) * height * spark.length;
    const level = Math.min(spark.length, Math.max(line === 0 && held !== null ? 1 : 0, Math.round(filled - line * spark.length)));
    text += level <= 0 ? ' ' : theme.paint(refused > 0 ? 'alarm' : 'bar', spark[level - 1] ?? ' ');
  }
  return text;
}

export function historyLines(
  { span, of, points, damaged }: HistoryPanel,
  row: BeanRow,
  now: number,
  wanted: string,
  lines: number,
  cells: number,
  theme: Theme,
): readonly string[] {
  const { title, reach, rest } = SPANS[span];
  const wide = Math.min(cells, WIDEST);
  const about = ` ${row.name}, the last ${title}`;
  if (of !== wanted) return ['', theme.paint('dim', `${about}: being read`)];
  if (points.length < 2)
    return [
      '',
      theme.paint(
        'dim',
        cut(`${about}: nobody has looked long enough; the manager does while it is open`, wide - 1, theme.glyphs.ellipsis),
      ),
    ];
  const height = lines - 4;
  // what began a moment ago fills the picture as well
  const from = Math.max(now - reach, points[0]?.at ?? 0);
  const columns = columnsOf(points, from, now, rest, Math.max(1, wide - AXIS - 3));
  const most = Math.max(...columns.map(({ held }) => held ?? 0));
  const refused = columns.reduce((sum, one) => sum + one.refused, 0);
  const top = row.bound !== null && row.bound > 0 ? Math.max(row.bound, most) : most;
  const lost = damaged === 0 ? '' : theme.paint('warn', `; ${damaged} damaged ${damaged === 1 ? 'sample is' : 'samples are'} left out`);
  const said = `${about}: ${heldText(most, row.unit)} at most, ${refused === 0 ? 'nothing refused' : theme.paint('alarm', `${count(refused)} refused`)}${lost}`;
  if (height < 1) return ['', said].slice(0, lines);
  const axis = (text: string): string => theme.paint('dim', pad(text, AXIS, 'right'));
  const picture = Array.from({ length: height }, (_, i) => {
    const figure = i === 0 ? heldText(top, row.unit) : i === height - 1 ? '0' : '';
    return ` ${axis(figure)} ${pictureLine(columns, height - 1 - i, height, top, theme)}`;
  });
  const marks = columns.map((one) => (one.refused > 0 ? theme.paint('alarm', theme.glyphs.alarm) : ' ')).join('');
  const times = ends(
    theme.paint('dim', `${' '.repeat(AXIS + 2)}${duration((now - from) / 1000)} ago`),
    theme.paint('dim', 'now'),
    AXIS + 2 + columns.length,
  );
  return ['', said, ...picture, ` ${axis(width(marks.trim()) > 0 ? 'refused' : '')} ${marks}`, times].slice(0, lines);
}
