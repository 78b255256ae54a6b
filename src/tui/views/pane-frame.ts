// The frame of a pane as text: whose it is, how to leave, how far back its view is, what is typed into it, and why it is over.

import type { LineInput } from '../forms/line-input.ts';
import { LEAVE_CHORD } from '../screen/screen.ts';
import { cut, width } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import type { PaneInfo } from '../store/pane-info.ts';
import { inputLine } from './input-line.ts';

export interface Look {
  readonly typing: boolean;
  readonly chosen: boolean;
  /** There is no foot that would show keys and what is typed into a prompt. */
  readonly zoomed: boolean;
  /** What is typed goes to so many panes, this one among them; 0 = to one at most. */
  readonly broadcast: number;
  /** Another one lies above: a rule sets them off. */
  readonly below: boolean;
  /** What it is called. */
  readonly title: string;
  /** What is said of it while nothing else is to be said. */
  readonly said: string;
  /** The line being typed about this pane. */
  readonly prompt: { readonly sign: string; readonly input: LineInput } | null;
}

interface Lines {
  readonly corners: readonly [topLeft: string, topRight: string, bottomLeft: string, bottomRight: string];
  readonly across: string;
  readonly down: string;
}
const LINES: Readonly<Record<'single' | 'bold' | 'classic', Lines>> = {
  single: { corners: ['┌', '┐', '└', '┘'], across: '─', down: '│' },
  bold: { corners: ['┏', '┓', '┗', '┛'], across: '━', down: '┃' },
  classic: { corners: ['+', '+', '+', '+'], across: '-', down: '|' },
};
const NO_LINES: Lines = { corners: [' ', ' ', ' ', ' '], across: ' ', down: ' ' };
const KINDS: Readonly<Record<PaneInfo['kind'], string>> = { enter: 'shell', console: 'console' };

/** "101 web shell", or as somebody has called it. */
export function paneTitle(pane: PaneInfo, ctName: string): string {
  const ct = `${pane.ct}${ctName === '' ? '' : ` ${ctName}`}`;
  return pane.name === '' ? `${ct} ${KINDS[pane.kind]}` : `${pane.name} (${ct})`;
}

function copyText({ line, lines, sought, found, typed }: NonNullable<PaneInfo['copy']>, selects: boolean): string {
  const matches = found === null ? '' : found.count === 0 ? `, no "${sought}"` : `, ${found.number} of ${found.count} "${sought}"`;
  return `${selects ? 'selecting' : 'copy mode'}, line ${line} of ${lines}${matches}${typed === '' ? '' : `  ${typed}`}`;
}

function shortCopyText({ line, lines, found, typed }: NonNullable<PaneInfo['copy']>): readonly string[] {
  if (typed !== '') return [`copy mode  ${typed}`, typed];
  return [...(found === null ? [] : [found.count === 0 ? 'not found' : `${found.number} of ${found.count}`]), `line ${line} of ${lines}`];
}

/** What a person must know now, in the right half of the frame; the first part that fits is said. */
function remarks(pane: PaneInfo, { typing, zoomed, broadcast, said: otherwise }: Look, theme: Theme): readonly string[] {
  const { enter, alarm } = theme.glyphs;
  if (broadcast > 0) return [`${alarm} BROADCAST to ${broadcast} panes, ${LEAVE_CHORD} ends`, `${alarm} BROADCAST`];
  if (pane.ended !== '') return [`${pane.ended}, w closes`, pane.ended, 'ended'];
  if (pane.copy !== null) return [copyText(pane.copy, pane.copy.selects), ...shortCopyText(pane.copy), 'copy mode'];
  if (typing) return [`${pane.writable ? '' : 'somebody else types here, '}${LEAVE_CHORD} leaves`, LEAVE_CHORD];
  const parts = [
    pane.scrolled > 0 ? `${pane.scrolled} lines back` : '',
    pane.pinned ? 'pinned' : '',
    zoomed ? `${enter} type, z unzooms` : '',
  ];
  const said = parts.filter((text) => text !== '').join('   ');
  return [said === '' ? otherwise : said];
}

const roleOf = (pane: PaneInfo, { typing, broadcast }: Look): Role =>
  broadcast > 0 ? 'alarm' : pane.ended !== '' ? 'warn' : typing || pane.copy !== null ? 'accent' : 'dim';

/** Only what has the keyboard has a border. */
function bordered(pane: PaneInfo, look: Look): boolean {
  return look.typing || look.broadcast > 0 || (look.chosen && pane.copy !== null);
}

/** The upper edge, exactly so many cells. */
export function frameLine(pane: PaneInfo, cells: number, look: Look, theme: Theme): string {
  if (cells < 4) return ' '.repeat(cells);
  const { ellipsis, selected, marked } = theme.glyphs;
  const border = bordered(pane, look) ? LINES[theme.glyphs.borderFocused] : NO_LINES;
  const role = roleOf(pane, look);
  const paint = (text: string): string => theme.paint(role, text);
  const title = `${pane.marked ? `${marked} ` : ''}${look.title}`;
  const room = Math.max(0, cells - 4);
  const least = Math.min(width(title), 12);
  const said = remarks(pane, look, theme).find((text) => width(text) + 2 + least <= room) ?? '';
  const prompt = look.zoomed && look.prompt !== null ? look.prompt : null;
  const tailCells = prompt !== null ? Math.min(30, room - least) : said === '' ? 0 : width(said) + 2;
  const shown = cut(title, room - tailCells, ellipsis);
  const gap = Math.max(0, room - width(shown) - tailCells);
  const tail = prompt === null ? (said === '' ? '' : paint(` ${said} `)) : promptText(prompt, tailCells, theme);
  const [left, right] = border.corners;
  const mark = look.chosen && border === NO_LINES ? theme.paint('accent', selected) : paint(left);
  const across =
    border === NO_LINES && look.below ? theme.paint('border', theme.glyphs.rule.repeat(gap)) : paint(border.across.repeat(gap));
  return `${mark} ${theme.paint(look.chosen ? 'title' : 'dim', shown)} ${across}${tail}${paint(right)}`;
}

function promptText({ sign, input }: NonNullable<Look['prompt']>, cells: number, theme: Theme): string {
  const room = cells - width(sign) - 2;
  return room < 4 ? ' '.repeat(Math.max(0, cells)) : ` ${theme.paint('key', sign)}${inputLine(input, room, theme, true)} `;
}

/** The edges below the title, one text for each row: left and right, the whole of the lowest. `right` = there is a neighbour to be set off from. */
export function frameEdges(pane: PaneInfo, cells: number, rows: number, look: Look, right: boolean, theme: Theme): readonly string[] {
  if (cells < 2) return [];
  const has = bordered(pane, look);
  const border = has ? LINES[theme.glyphs.borderFocused] : NO_LINES;
  const paint = (text: string): string => theme.paint(has ? roleOf(pane, look) : 'border', text);
  const inner = ' '.repeat(Math.max(0, cells - 2));
  const edge = has ? border.down : right ? theme.glyphs.vertical : ' ';
  const row = paint(border.down) + inner + paint(edge);
  const [, , bottomLeft, bottomRight] = border.corners;
  const last = paint(bottomLeft + border.across.repeat(Math.max(0, cells - 2)) + (has ? bottomRight : edge));
  return Array.from({ length: Math.max(0, rows - 1) }, (_, i) => (i === rows - 2 ? last : row));
}
