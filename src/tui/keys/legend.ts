// The key table as people read it: the footer of a mode and the lines of help. Pure.
import type { Glyphs } from '../screen/theme.ts';
import type { ManagerState } from '../store/state.ts';
import { type Action, keysFor } from './action.ts';
import { worksIn } from './dispatch.ts';
import { type Mode, modeOf } from './mode.ts';
import { actionOf, type KeyTable, tableOf, whyNot } from './table.ts';

export interface LegendItem {
  /** A name in the table of keys. */
  readonly action: string;
  readonly key: string;
  readonly label: string;
  /** Greyed when it can't be done now. */
  readonly possible: boolean;
}

const NAMES: Readonly<Record<string, (glyphs: Glyphs) => string>> = {
  enter: (g) => g.enter,
  escape: () => 'Esc',
  tab: () => 'Tab',
  space: () => 'Space',
  backspace: () => 'Backspace',
  delete: () => 'Del',
  insert: () => 'Ins',
  pageup: () => 'PgUp',
  pagedown: () => 'PgDn',
  home: () => 'Home',
  end: () => 'End',
  up: (g) => (g.up === '^' ? 'Up' : '↑'),
  down: (g) => (g.down === 'v' ? 'Down' : '↓'),
  left: (g) => (g.left === '<' ? 'Left' : g.left),
  right: (g) => (g.right === '>' ? 'Right' : g.right),
};

/** A key as it is written on screens: "↵", "Esc", "Ctrl-L", "F10", "x". */
function keyName(key: string, glyphs: Glyphs): string {
  const name = NAMES[key];
  if (name !== undefined) return name(glyphs);
  if (/^f\d+$/.test(key)) return key.toUpperCase();
  const [, modifier, other] = /^(ctrl|alt|shift)-(.+)$/.exec(key) ?? [];
  if (modifier === undefined || other === undefined) return key;
  return `${modifier[0]?.toUpperCase()}${modifier.slice(1)}-${other.length === 1 ? other.toUpperCase() : keyName(other, glyphs)}`;
}

const firstKey = (row: Action, mode: Mode): string => keysFor(row, mode).find((one) => worksIn(one, mode)) ?? '';

/** The first key of an action that works in a mode, as it is written on screens; "" without one. */
export function keyOf(state: ManagerState, action: string, glyphs: Glyphs, mode: Mode = modeOf(state)): string {
  const row = actionOf(state, action);
  return row === null ? '' : keyName(firstKey(row, mode), glyphs);
}

interface FooterRow {
  readonly action: string;
  readonly row: Action;
  readonly key: string;
}

/** The footer is drawn with each key: which rows are in it does not change with the state. */
const FOOTERS = new WeakMap<KeyTable, Map<Mode, readonly FooterRow[]>>();

function footerRows(table: KeyTable, mode: Mode): readonly FooterRow[] {
  const footers = FOOTERS.get(table) ?? new Map<Mode, readonly FooterRow[]>();
  FOOTERS.set(table, footers);
  const known = footers.get(mode);
  if (known !== undefined) return known;
  const rows = Object.entries(table.rows)
    .filter(([, { footer }]) => footer?.[mode] !== undefined)
    .sort(([, a], [, b]) => (a.footer?.[mode] ?? 0) - (b.footer?.[mode] ?? 0))
    .map(([action, row]) => ({ action, row, key: firstKey(row, mode) }))
    .filter(({ key }) => key !== '');
  footers.set(mode, rows);
  return rows;
}

/** The footer's items of a mode, in the order of the table; what can't be done now comes last, since not all may fit. */
export function footerOf(state: ManagerState, glyphs: Glyphs, mode: Mode = modeOf(state)): readonly LegendItem[] {
  const items = footerRows(tableOf(state), mode).map(({ action, row, key }): LegendItem => {
    const number = row.counts?.(state) ?? 0;
    return {
      action,
      key: keyName(key, glyphs),
      label: number > 0 ? `${row.label} (${number})` : row.label,
      possible: whyNot(row, state) === null,
    };
  });
  return [...items.filter(({ possible }) => possible), ...items.filter(({ possible }) => !possible)];
}

export interface HelpLine {
  readonly keys: string;
  readonly text: string;
  readonly possible: boolean;
}

/** All actions of a mode with all their keys. `state` is the one below the help. */
export function helpOf(state: ManagerState, glyphs: Glyphs, mode: Mode): readonly HelpLine[] {
  return Object.values(tableOf(state).rows)
    .filter(({ when }) => when.includes(mode))
    .map((row) => ({
      keys: keysFor(row, mode)
        .filter((key) => worksIn(key, mode))
        .map((key) => keyName(key, glyphs))
        .join(' '),
      text: row.help,
      possible: whyNot(row, state) === null,
    }));
}
