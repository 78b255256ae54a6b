// Networks of all containers, the busiest first, and who the one under the cursor talks to.
import type { End, Talk, Talks } from '../../engine/index.ts';
import { bytes, count } from '../screen/figures.ts';
import { cut, fit as exactly, pad } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import { type NetRow, netRows, outer, paceOf, portText, talksWith } from '../store/network.ts';
import { ctLabel } from '../store/notices.ts';
import type { ManagerState } from '../store/state.ts';
import { carriedText, carriedTitle, rateText } from './network-lines.ts';
import { findLine } from './tab-lines.ts';
import { ends } from './words.ts';

const CTID = 8;
const NAME = 12;
/** With fewer columns there are no names. */
const NAMED = 66;

const who = (cells: number): number => CTID + (cells >= NAMED ? NAME + 1 : 0);

function rowLine(state: ManagerState, { key, ct, links, elsewhere }: NetRow, cells: number, theme: Theme): string {
  const name = cells >= NAMED ? ` ${exactly(ct.name || theme.glyphs.dash, NAME, 'left', theme.glyphs.ellipsis)}` : '';
  const head = `${exactly(String(ct.id), CTID, 'left', theme.glyphs.ellipsis)}${name}`;
  if (elsewhere) return `${head} ${theme.paint('dim', cut('in another network namespace', cells - who(cells) - 3, theme.glyphs.ellipsis))}`;
  const own = outer(links);
  const sum = { up: own.reduce((all, one) => all + one.counted.up, 0), down: own.reduce((all, one) => all + one.counted.down, 0) };
  return `${head} ${carriedText(theme, paceOf(state.net, key), sum, own, who(cells) + 2, cells)}`;
}

const titles = (cells: number, theme: Theme): string =>
  ` ${theme.paint('dim', `${pad('CTID', CTID)}${cells >= NAMED ? ` ${pad('NAME', NAME)}` : ''} ${carriedTitle(who(cells) + 2, cells)}`)}`;

function talkLine(
  state: ManagerState,
  ct: number,
  { from, to, protocol, port, connections, peers, bytes: n }: Talk,
  cells: number,
  theme: Theme,
): string {
  const label = (end: End): string => {
    if (end === 'node') return 'the node';
    if (end === 'outside') return peers === 1 ? '1 address outside' : `${count(peers)} addresses outside`;
    const row = state.sample?.containers.find(({ id }) => id === end);
    return row === undefined ? String(end) : ctLabel(row);
  };
  const [way, other] = from === ct ? ['asks', to] : ['is asked by', from];
  const said = `${pad(way, 11)}  ${pad(portText({ protocol, port }), 9)}  ${label(other)}`;
  const right = `${count(connections)} ${connections === 1 ? 'connection' : 'connections'}${n === null ? '' : `, ${bytes(n)}`} `;
  return ends(`   ${cut(said, Math.max(0, cells - right.length - 6), theme.glyphs.ellipsis)}`, theme.paint('dim', right), cells);
}

/** The short way between containers is seen by no table of the node. */
const SOURCES: Readonly<Record<Talks['source'], string>> = {
  conntrack: 'connections of the node',
  both: 'of the node, and short way',
  sockets: 'open connections',
};

function talkLines(state: ManagerState, row: NetRow | undefined, lines: number, cells: number, theme: Theme): readonly string[] {
  if (lines < 3 || row === undefined) return [];
  const { talks, trouble } = state.net;
  const source = talks === null ? '' : SOURCES[talks.source];
  const more = talks?.cut ? ', more than are looked at' : '';
  const head = ends(
    ` ${theme.paint('title', cut(`${ctLabel(row.ct)} talks`, cells - 30, theme.glyphs.ellipsis))}`,
    theme.paint('dim', `${source}${more} `),
    cells,
  );
  const said = (text: string): readonly string[] => ['', head, theme.paint('dim', `   ${cut(text, cells - 4, theme.glyphs.ellipsis)}`)];
  if (trouble !== '') return ['', head, theme.paint('alarm', `   ${theme.glyphs.alarm} ${cut(trouble, cells - 6, theme.glyphs.ellipsis)}`)];
  if (talks === null) return said('Asking who talks to whom');
  const all = talksWith(state, row.ct.id);
  if (all.length === 0) return said('to nobody just now');
  return ['', head, ...all.map((talk) => talkLine(state, row.ct.id, talk, cells, theme))].slice(0, lines);
}

function emptyText({ net, sample }: ManagerState, find: string): string {
  if (find !== '') return 'No container has all these words; Esc shows all';
  if (net.traffic === null) return net.trouble === '' ? 'Looking at the links of all containers' : net.trouble;
  if (!sample?.containers.some(({ init }) => init !== null)) return 'No container runs: nothing goes over any link';
  return 'No container that runs has an interface: vzctl set CTID --ipadd auto --save gives it one';
}

export function nodeNetworkLines(state: ManagerState, cells: number, height: number, theme: Theme): readonly string[] {
  const { head, find, titles: titled, list, about } = viewLayout(state, height);
  const wide = Math.min(cells, READABLE);
  const rows = netRows(state);
  const sum = (part: 'up' | 'down'): number => rows.reduce((all, { key }) => all + (paceOf(state.net, key)[part].at(-1) ?? 0), 0);
  const total = rows.length === 0 ? '' : `up ${rateText(sum('up'))}, down ${rateText(sum('down'))} `;
  const top = [ends(` ${theme.paint('title', 'Networks of the node')}`, theme.paint('dim', total), wide), ''].slice(0, head);
  const search = find === 1 ? [findLine(state, rows.length, cells, theme)] : [];
  const heads = titled === 1 ? [titles(wide, theme)] : [];
  if (rows.length === 0) {
    const text = wrap(emptyText(state, listingOf(state).find.text), Math.min(READABLE, cells - 5));
    return [...top, ...search, ...heads, ...text.map((line) => `   ${theme.paint('dim', line)}`)].slice(0, height);
  }
  const { index, top: from } = placed(
    listingOf(state),
    rows.map(({ key }) => key),
    list,
  );
  const lines = rows.slice(from, from + list).map((row, i) => {
    const text = rowLine(state, row, wide, theme);
    return from + i === index ? theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + text, cells)) : ` ${text}`;
  });
  const gap = Array.from({ length: about === 0 ? 0 : Math.max(0, list - lines.length) }, () => '');
  return [...top, ...search, ...heads, ...lines, ...gap, ...talkLines(state, rows[index], about, wide, theme)];
}
