// What is said below the beancounters of a container, as plain sentences, and how many lines that takes: one place, so that the list above gets
// what is not needed here. Pure.
import { width } from '../screen/text.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import type { ManagerState } from './state.ts';
import { type BeanRow, beanUnder } from './ubc.ts';
import { adviceLine, adviceOf, adviceText, enforcedText, loweringText, meaningText, stateText } from './ubc-text.ts';
import type { WhoPanel } from './view-state.ts';

/** Lines of a word about a row, with the blank one above it. */
const WORD = 4;
const HISTORY = 16;
const MOST = 16;
/** Lines of a note about who holds it. */
export const NOTE = 2;

/** Cells of a sentence on a screen of so many. */
export const sentenceCells = (cells: number): number => Math.min(READABLE, cells - 2);

export interface Explanation {
  /** What it is, what its limit does, and what would be enough. */
  readonly said: readonly string[];
  /** How it stands and whence that is known, where there is room. */
  readonly facts: readonly string[];
  /** The line that would help; "" where none does. */
  readonly command: string;
}

/** The row explained in so many lines: what can be spared gives way, first what raises it, then what it counts. */
export function explanation(row: BeanRow, ct: number, lines: number, cells: number): Explanation {
  const command = adviceLine(ct, row);
  const room = Math.max(0, lines - (command === '' ? 0 : 1));
  const broken = (...sentences: readonly string[]): readonly string[] => wrap(sentences.filter(Boolean).join(' '), sentenceCells(cells));
  const { counts, limit, raised } = meaningText(row);
  const wanted = [loweringText(row), adviceText(row, adviceOf(row))];
  const said = [broken(counts, limit, raised, ...wanted), broken(counts, limit, ...wanted), broken(limit, ...wanted)];
  const shown = said.find((one) => one.length <= room) ?? said.at(-1) ?? [];
  const facts = broken(stateText(row), enforcedText(row));
  return { said: shown.slice(0, room), facts: shown.length + facts.length <= room ? facts : [], command };
}

function explainNeeds(row: BeanRow, ct: number, cells: number): number {
  const { said, facts, command } = explanation(row, ct, MOST, cells);
  return Math.max(WORD, 1 + said.length + facts.length + (command === '' ? 0 : 2));
}

/** While it is looked up it takes no more than a word; afterwards what it says, whichever row the cursor is on. */
function whoNeeds({ answer }: WhoPanel, cells: number): number {
  if (answer === null) return WORD;
  const notes = answer.notes.reduce((sum, note) => sum + (width(note) > sentenceCells(cells) ? NOTE : 1), 0);
  return Math.max(WORD, 2 + answer.lines.length + notes);
}

let last: { readonly asked: readonly unknown[]; readonly lines: number } | null = null;

/** Lines that the panel takes to say all, the blank one above it included. */
export function panelNeeds(state: ManagerState): number {
  const { panel, ct } = state.ubc;
  if (panel === null) return WORD;
  if (panel.kind === 'history') return HISTORY;
  const row = panel.kind === 'explain' ? beanUnder(state) : null;
  const cells = state.size.columns;
  const asked = [panel, row, ct, cells];
  if (last?.asked.every((one, i) => one === asked[i])) return last.lines;
  const needs = panel.kind === 'who' ? whoNeeds(panel, cells) : row === null ? WORD : explainNeeds(row, ct ?? 0, cells);
  last = { asked, lines: Math.min(MOST, needs) };
  return last.lines;
}
