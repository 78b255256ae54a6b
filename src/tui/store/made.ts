// The containers of one order for many, as a list: what became of each, and the password that is shown here and nowhere else. Pure.
import type { SeatOutcome } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { failureOf, headline } from './failure.ts';
import type { MadeList, MadeRow, ManagerState } from './state.ts';

type Change = Partial<ManagerState>;

export const madeOf = (state: ManagerState, task: number): MadeList | null => state.made.find((list) => list.task === task) ?? null;

const changed = ({ made }: ManagerState, task: number, change: (list: MadeList) => MadeList): Change => ({
  made: made.map((list) => (list.task === task ? change(list) : list)),
});

/** What was said of a container while it is being made. */
export const withSaid = (state: ManagerState, task: number, id: number, text: string): Change =>
  changed(state, task, (list) => ({
    ...list,
    rows: list.rows.map((row) => (row.id === id && row.end === 'waits' ? { ...row, text: clean(text) } : row)),
  }));

const WORDS = { created: 'made', started: 'made and started', left: 'left alone', refused: '', failed: '' } as const;

function endedRow(row: MadeRow, { end, made, error }: SeatOutcome): MadeRow {
  const failure = error === null ? null : failureOf(error, row.id);
  const text = failure === null ? WORDS[end] : headline(failure.message, row.id);
  return { ...row, end, made, text: made && failure !== null ? `made, but: ${text}` : text };
}

export const withEnd = (state: ManagerState, task: number, outcome: SeatOutcome): Change =>
  changed(state, task, (list) => ({ ...list, rows: list.rows.map((row) => (row.id === outcome.id ? endedRow(row, outcome) : row)) }));

/** The order has come to its end: for those without one nothing was done. */
export const withRestLeft = (state: ManagerState, task: number): Change =>
  changed(state, task, (list) => ({
    ...list,
    rows: list.rows.map((row) => (row.end === 'waits' ? { ...row, end: 'left', text: WORDS.left } : row)),
  }));

export const withKept = (state: ManagerState, task: number, kept: string): Change => changed(state, task, (list) => ({ ...list, kept }));

/** Passwords that nobody has copied or saved yet: with the list they would be gone. */
export const unkept = (list: MadeList): number =>
  list.kept !== '' ? 0 : list.rows.filter(({ password, made }) => password !== '' && made).length;

export const isOver = (list: MadeList): boolean => list.rows.every((row) => row.end !== 'waits');

/** Lines with tabs between the fields, as spreadsheets and scripts take them; what was not made is left out. */
export function madeText({ rows }: MadeList): string {
  const fields = rows
    .filter(({ made }) => made)
    .map(({ id, name, hostname, password }) => [id, name, hostname, 'root', password].join('\t'));
  return [['CTID', 'NAME', 'HOSTNAME', 'USER', 'PASSWORD'].join('\t'), ...fields].map((line) => `${line}\n`).join('');
}
