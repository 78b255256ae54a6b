// The frame of a pane as text: whose it is, how to leave, how far back its view is, and why it is over.
import { LEAVE_CHORD } from '../screen/screen.ts';
import { cut, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import type { PaneInfo } from '../store/state.ts';

interface Corners {
  readonly left: string;
  readonly right: string;
  readonly line: string;
}
const CORNERS: Readonly<Record<'single' | 'bold' | 'classic', Corners>> = {
  single: { left: '┌', right: '┐', line: '─' },
  bold: { left: '┏', right: '┓', line: '━' },
  classic: { left: '+', right: '+', line: '-' },
};
const KINDS: Readonly<Record<PaneInfo['kind'], string>> = { enter: 'shell', console: 'console' };

interface Look {
  readonly typing: boolean;
  readonly chosen: boolean;
  /** There is no foot that would show the keys. */
  readonly zoomed: boolean;
}

/** What a person must know now, in the right half of the frame. */
function remark(pane: PaneInfo, { typing, zoomed }: Look, theme: Theme): string {
  if (pane.ended !== '') return `${pane.ended}, w closes`;
  if (typing) return `${pane.writable ? '' : 'somebody else types here, '}${LEAVE_CHORD} leaves`;
  const keys = zoomed ? `${theme.glyphs.enter} type, z unzooms` : '';
  return [pane.scrolled > 0 ? `${pane.scrolled} lines back` : '', keys].filter((text) => text !== '').join('   ');
}

/** The upper edge: only the pane that has the keyboard has a border. */
export function frameLine(pane: PaneInfo, name: string, cells: number, look: Look, theme: Theme): string {
  const { typing, chosen } = look;
  const { left, right, line } = typing ? CORNERS[theme.glyphs.borderFocused] : { left: ' ', right: ' ', line: ' ' };
  const said = remark(pane, look, theme);
  const room = cells - 8 - (said === '' ? 0 : width(said) + 2);
  const title = cut(`${pane.ct}${name === '' ? '' : ` ${name}`} ${KINDS[pane.kind]}`, room, theme.glyphs.ellipsis);
  const tail = said === '' ? '' : ` ${cut(said, Math.max(0, cells - 8), theme.glyphs.ellipsis)} `;
  const gap = Math.max(0, cells - 4 - width(title) - width(tail) - 1);
  const border = (text: string): string => theme.paint(typing ? 'accent' : 'border', text);
  const mark = chosen && !typing ? theme.paint('accent', theme.glyphs.selected) : border(left + (typing ? line : ''));
  const role = pane.ended !== '' ? 'warn' : typing ? 'accent' : 'dim';
  return `${mark} ${theme.paint(chosen ? 'title' : 'dim', title)} ${border(line.repeat(gap))}${theme.paint(role, tail)}${border(right)}`;
}
