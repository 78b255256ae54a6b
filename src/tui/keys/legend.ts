// The key table as people read it: the footer of a mode and the lines of help. Pure.
import type { Glyphs } from '../screen/theme.ts';
import type { ManagerState } from '../store/state.ts';
import { worksIn } from './dispatch.ts';
import { type Mode, modeOf } from './mode.ts';
import { ACTION_IDS, type ActionId, KEYS, whyNot } from './table.ts';

export interface LegendItem {
  readonly action: ActionId;
  readonly key: string;
  readonly label: string;
  /** Greyed when it can't be done now. */
  readonly possible: boolean;
}

const NAMES: Readonly<Record<string, (glyphs: Glyphs) => string>> = {
  enter: (g) => g.enter,
  escape: () => 'Esc',
  tab: () => 'Tab',
  'shift-tab': () => 'Shift-Tab',
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
export function keyName(key: string, glyphs: Glyphs): string {
  const name = NAMES[key];
  if (name !== undefined) return name(glyphs);
  if (/^f\d+$/.test(key)) return key.toUpperCase();
  return key.startsWith('ctrl-') ? `Ctrl-${key.slice(5).toUpperCase()}` : key;
}

/** The footer's items of a mode, in the order of the table; what can't be done now comes last, since not all may fit. */
export function footerOf(state: ManagerState, glyphs: Glyphs, mode: Mode = modeOf(state)): readonly LegendItem[] {
  return ACTION_IDS.filter((id) => KEYS[id].footer?.[mode] !== undefined)
    .sort((a, b) => (KEYS[a].footer?.[mode] ?? 0) - (KEYS[b].footer?.[mode] ?? 0))
    .map((action) => item(state, glyphs, mode, action))
    .sort((a, b) => Number(b.possible) - Number(a.possible));
}

function item(state: ManagerState, glyphs: Glyphs, mode: Mode, action: ActionId): LegendItem {
  const { keys, label, counts } = KEYS[action];
  const number = counts?.(state) ?? 0;
  const key = keys.find((one) => worksIn(one, mode)) ?? '';
  return {
    action,
    key: keyName(key, glyphs),
    label: number > 0 ? `${label} (${number})` : label,
    possible: whyNot(KEYS[action], state) === null,
  };
}

export interface HelpLine {
  readonly keys: string;
  readonly text: string;
  readonly possible: boolean;
}

/** All actions of a mode with all their keys. `state` is the one below the help. */
export function helpOf(state: ManagerState, glyphs: Glyphs, mode: Mode): readonly HelpLine[] {
  return ACTION_IDS.filter((id) => KEYS[id].when.includes(mode)).map((id) => {
    const { keys, help } = KEYS[id];
    return {
      keys: keys
        .filter((key) => worksIn(key, mode))
        .map((key) => keyName(key, glyphs))
        .join(' '),
      text: help,
      possible: whyNot(KEYS[id], state) === null,
    };
  });
}
