// What goes wrong and who is to blame: the worst first, and below all that the one under the cursor is told by.
import type { Severity } from '../../engine/index.ts';
import { duration } from '../screen/figures.ts';
import { cut, pad } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import { ctLabel } from '../store/notices.ts';
import type { ManagerState } from '../store/state.ts';
import { type WhyRow, whyRows } from '../store/why.ts';
import { ends } from './words.ts';

const ROLES: Readonly<Record<Severity, Role>> = { alarm: 'alarm', warning: 'warn', note: 'dim' };
const WIDE = 140;

function titleLine({ why, sample, now }: ManagerState, ct: number | null, cells: number, theme: Theme): string {
  const row = ct === null ? null : ((sample?.containers ?? []).find(({ id }) => id === ct) ?? null);
  const what = ct === null ? `${sample?.hostname ?? 'the node'} and its containers` : row === null ? String(ct) : ctLabel(row);
  const said = why.asking ? 'being found out' : why.answer === null ? '' : `as of ${duration((now - why.at) / 1000)} ago`;
  return ends(
    ` ${theme.paint('title', cut(`What is wrong with ${what}`, cells - 22, theme.glyphs.ellipsis))}`,
    theme.paint('dim', `${said} `),
    cells,
  );
}

function rowLine({ severity, subject, text }: WhyRow, cells: number, theme: Theme): string {
  const sign = severity === 'note' ? ' ' : theme.glyphs.alarm;
  return theme.paint(ROLES[severity], `${sign} ${cut(`${subject}: ${text}`, cells - 4, theme.glyphs.ellipsis)}`);
}

function wholeLines({ severity, subject, text, evidence, remedy }: WhyRow, lines: number, cells: number, theme: Theme): readonly string[] {
  const room = Math.min(READABLE, cells - 4);
  const said = wrap(`${subject}: ${text}.`, room).map((line) => ` ${theme.paint(ROLES[severity], line)}`);
  const foot = remedy === '' ? [] : [theme.paint('accent', `   ${cut(remedy, cells - 4, theme.glyphs.ellipsis)}`)];
  const told = evidence.flatMap((one) => wrap(one, room - 4).map((line, i) => `   ${i === 0 ? theme.glyphs.dash : ' '} ${line}`));
  const left = Math.max(0, lines - 1 - said.length - foot.length);
  return ['', ...said, ...told.slice(0, left), ...foot].slice(0, lines);
}

function emptyLines({ why }: ManagerState, cells: number, theme: Theme): readonly string[] {
  const indented = (text: string, role: Role): readonly string[] =>
    wrap(text, Math.min(READABLE, cells - 5)).map((line) => `   ${theme.paint(role, line)}`);
  if (why.trouble !== '') return indented(`${theme.glyphs.alarm} ${why.trouble}`, 'alarm');
  if (why.answer === null) return indented('Looking at it twice, a second apart', 'dim');
  return [...indented('Nothing wrong was found', 'good'), '', ...indented(`What was looked at: ${why.answer.looked.join(', ')}.`, 'dim')];
}

export function whyLines(state: ManagerState, ct: number | null, cells: number, height: number, theme: Theme): readonly string[] {
  const { head, list, about } = viewLayout(state, height);
  const wide = Math.min(cells, WIDE);
  const top = [titleLine(state, ct, Math.min(cells, READABLE), theme), ''].slice(0, head);
  const rows = whyRows(state);
  if (rows.length === 0 || state.why.trouble !== '') return [...top, ...emptyLines(state, cells, theme)].slice(0, height);
  const { index, top: first } = placed(
    listingOf(state),
    rows.map(({ key }) => key),
    list,
  );
  const shown = rows.slice(first, first + list).map((row, i) => {
    const text = rowLine(row, wide, theme);
    if (first + i !== index) return ` ${text}`;
    return theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + text, cells));
  });
  const row = rows[index];
  const said = row === undefined || about < 2 ? [] : wholeLines(row, about, cells, theme);
  const gap = Array.from({ length: said.length === 0 ? 0 : Math.max(0, list - shown.length) }, () => '');
  return [...top, ...shown, ...gap, ...said];
}
