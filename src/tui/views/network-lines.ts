// A container's network: what goes over each link, what was dropped of it and why, and below that its connections by port, the busiest first.
import type { CtSample, LinkNow } from '../../engine/index.ts';
import { bytes, count, heldBytes } from '../screen/figures.ts';
import { sparkline } from '../screen/gauge.ts';
import { cut, fit as exactly, pad } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import { runs } from '../store/columns.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import { linksSeen, paceOf, portText, type TalkerRow, talkerRows } from '../store/network.ts';
import type { ManagerState } from '../store/state.ts';

/** The longest name that a link can have; with few columns so much of it. */
const LINK = 15;
const SHORT_LINK = 9;
const RATE = 8;
const SUM = 8;
const LONG_SPARK = 10;
const SHORT_SPARK = 6;
/** With fewer columns there are no sparklines. */
const SPARKED = 76;
const ROOMY = 100;
const sparkIn = (cells: number): number => (cells >= ROOMY ? LONG_SPARK : cells >= SPARKED ? SHORT_SPARK : 0);

/** "1.20K/s"; blank before the second look. */
export const rateText = (n: number | null | undefined): string => (n == null ? '' : `${heldBytes(n)}/s`);

/** Up and down, each with how it was lately where there is room. */
function paceText(theme: Theme, { up, down }: { readonly up: readonly number[]; readonly down: readonly number[] }, cells: number): string {
  const known = up.length > 0;
  const spark = sparkIn(cells);
  const top = Math.max(...up.slice(-spark), ...down.slice(-spark), 1);
  const one = (values: readonly number[]): string => {
    const text = known
      ? theme.paint((values.at(-1) ?? 0) >= 1 ? 'text' : 'dim', pad(rateText(values.at(-1)), RATE, 'right'))
      : pad('', RATE);
    return spark > 0 ? `${text} ${sparkline(theme, values, spark, top)}` : text;
  };
  return `${one(up)} ${one(down)}`;
}

/** Cells of both. */
const paceWidth = (cells: number): number => 2 * (RATE + (sparkIn(cells) > 0 ? sparkIn(cells) + 1 : 0)) + 1;
const SUMS = 2 * SUM + 1;

/** Cells in which a reason can be read. */
const DROPS = 7;

/** What else there is room for: sums give way to what was dropped. `used`: cells before it. */
function roomIn(used: number, cells: number): { readonly sums: boolean; readonly drops: number } {
  const left = cells - used - paceWidth(cells) - 3;
  const sums = left - SUMS - 1 >= DROPS;
  const drops = sums ? left - SUMS - 1 : left;
  return { sums, drops: drops < DROPS ? 0 : drops };
}

/** What stands behind a name: pace, sums and drops. */
export function carriedText(
  theme: Theme,
  pace: Parameters<typeof paceText>[1],
  counted: Parameters<typeof sumText>[0],
  links: readonly LinkNow[],
  used: number,
  cells: number,
): string {
  const { sums, drops } = roomIn(used, cells);
  return `${paceText(theme, pace, cells)}${sums ? ` ${sumText(counted)}` : ''}${drops > 0 ? `  ${droppedText(links, theme, drops)}` : ''}`;
}

export function carriedTitle(used: number, cells: number): string {
  const { sums, drops } = roomIn(used, cells);
  return `${paceTitle(cells)}${sums ? ` ${sumTitle()}` : ''}${drops > 0 ? '  DROPPED' : ''}`;
}

function paceTitle(cells: number): string {
  const gap = sparkIn(cells) > 0 ? ' '.repeat(sparkIn(cells) + 1) : '';
  return `${pad('UP', RATE, 'right')}${gap} ${pad('DOWN', RATE, 'right')}${gap}`;
}

const sumTitle = (): string => `${pad('ALL UP', SUM, 'right')} ${pad('ALL DOWN', SUM, 'right')}`;
const sumText = ({ up, down }: { readonly up: number; readonly down: number }): string =>
  `${pad(bytes(up), SUM, 'right')} ${pad(bytes(down), SUM, 'right')}`;

/** "3 guard, 12 rate"; a dash where nobody tells. */
function droppedText(links: readonly LinkNow[], theme: Theme, cells: number): string {
  const told = links.flatMap(({ dropped }) => (dropped === null ? [] : [dropped]));
  if (told.length === 0) return theme.paint('dim', theme.glyphs.dash);
  const said = (['guard', 'rate', 'queue'] as const).flatMap((reason) => {
    const sum = told.reduce((all, one) => all + (one[reason] ?? 0), 0);
    return sum > 0 ? [`${count(sum)} ${reason}`] : [];
  });
  return said.length === 0 ? theme.paint('dim', 'none') : theme.paint('warn', cut(said.join(', '), cells, theme.glyphs.ellipsis));
}

const linkWidth = (cells: number): number => (cells >= ROOMY ? LINK : SHORT_LINK);

function linkLines(state: ManagerState, ct: number, link: LinkNow, cells: number, theme: Theme): readonly string[] {
  const { name, hostName, mac, addresses, kind, shared } = link;
  const wide = linkWidth(cells);
  const carried = carriedText(theme, paceOf(state.net, `${ct} ${name}`), link.counted, [link], wide + 2, cells);
  const about =
    kind === 'inside'
      ? 'inside as a whole, as root there calls it'
      : [hostName, shared === '' ? '' : `shared on ${shared}, without mac_filter`, mac, ...addresses]
          .filter((text) => text !== '')
          .join('  ');
  return [
    ` ${exactly(name, wide, 'left', theme.glyphs.ellipsis)} ${carried}`,
    `   ${theme.paint('dim', cut(about, cells - 4, theme.glyphs.ellipsis))}`,
  ];
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly left?: true;
  /** Columns of the screen from which on it is shown. */
  readonly from: number;
  readonly text: (row: TalkerRow['talker']) => string;
}

const COLUMNS: readonly Column[] = [
  { title: 'PORT', width: 10, left: true, from: 0, text: portText },
  { title: 'ASKED BY', width: 8, left: true, from: 0, text: ({ serves }) => (serves ? 'others' : 'it') },
  { title: 'CONNS', width: 5, from: 0, text: ({ connections }) => count(connections) },
  { title: 'PEERS', width: 5, from: 72, text: ({ peers }) => count(peers) },
  { title: 'UP', width: RATE, from: 0, text: ({ rate }) => rateText(rate?.up) },
  { title: 'DOWN', width: RATE, from: 0, text: ({ rate }) => rateText(rate?.down) },
  { title: 'ALL UP', width: SUM, from: 90, text: ({ up }) => bytes(up) },
  { title: 'ALL DOWN', width: SUM, from: 90, text: ({ down }) => bytes(down) },
];

const columnsIn = (cells: number): readonly Column[] => COLUMNS.filter(({ from }) => cells >= from);

/** Of a socket of UDP without a peer, where no table of connections has seen its datagrams either. */
const NOBODY_TELLS = '(nobody keeps with whom)';

function talkerLine({ talker }: TalkerRow, cells: number, theme: Theme): string {
  const columns = columnsIn(cells);
  const head = columns
    .map(({ text, width, left }) => exactly(text(talker), width, left ? 'left' : 'right', theme.glyphs.ellipsis))
    .join(' ');
  const used = columns.reduce((sum, { width }) => sum + width + 1, 3);
  return `${head}  ${theme.paint('dim', cut(talker.peer === '' ? NOBODY_TELLS : talker.peer, Math.max(0, cells - used - 1), theme.glyphs.ellipsis))}`;
}

const titleLine = (cells: number, theme: Theme): string =>
  ` ${theme.paint(
    'dim',
    `${columnsIn(cells)
      .map(({ title, width, left }) => pad(title, width, left ? 'left' : 'right'))
      .join(' ')}  MOST WITH`,
  )}`;

function statesLine({ net }: ManagerState, cells: number, theme: Theme): string {
  const { connections, trouble } = net;
  const glyph = theme.glyphs.ellipsis;
  if (trouble !== '') return theme.paint('alarm', ` ${theme.glyphs.alarm} ${cut(trouble, cells - 4, glyph)}`);
  if (connections === null) return theme.paint('dim', ' Asking for its connections');
  const said = connections.states.map(({ state, count: n }) => `${count(n)} ${state}`).join(', ');
  const { rate } = connections.datagrams;
  const datagrams =
    rate === null || rate.up + rate.down < 1
      ? ''
      : `; datagrams: ${count(Math.round(rate.up))}/s up, ${count(Math.round(rate.down))}/s down`;
  const more = connections.cut ? theme.paint('warn', ', and more than are looked at') : '';
  return said === ''
    ? theme.paint('dim', ' No sockets')
    : ` ${cut(`${said}${datagrams}`, cells - (connections.cut ? 34 : 2), glyph)}${more}`;
}

const indented = (text: string, cells: number, theme: Theme): readonly string[] =>
  wrap(text, Math.min(READABLE, cells - 5)).map((line) => `   ${theme.paint('dim', line)}`);

/** What stands instead of everything; null where there is something to show. */
function emptyText({ net }: ManagerState, row: CtSample): string | null {
  if (!runs(row)) return 'It does not run: its links come with its start';
  if (net.of !== row.id || net.traffic === null) return 'Looking at its links';
  const seen = net.traffic.find(({ id }) => id === row.id);
  if (seen?.elsewhere) return 'It was started in another network namespace than this manager: nothing can be told of its links from here';
  if (seen === undefined || seen.links.length === 0)
    return `It has no interface: vzctl set ${row.id} --ipadd auto --save gives it an address of the pool`;
  return null;
}

export function networkLines(state: ManagerState, row: CtSample, cells: number, height: number, theme: Theme): readonly string[] {
  const wide = Math.min(cells, READABLE);
  const empty = emptyText(state, row);
  if (empty !== null) return indented(empty, cells, theme).slice(0, height);
  const { titles, about, list } = viewLayout(state);
  const links = linksSeen(state, row.id) ?? [];
  const more = state.net.traffic?.find(({ id }) => id === row.id)?.more ?? 0;
  const title = ` ${theme.paint('dim', `${pad('LINK', linkWidth(wide))} ${carriedTitle(linkWidth(wide) + 2, wide)}`)}`;
  const room = Math.max(0, about - 4);
  const all = links.flatMap((link) => linkLines(state, row.id, link, wide, theme));
  const shown =
    all.length <= room && more === 0
      ? all
      : [...all.slice(0, Math.max(0, room - 1)), ` ${theme.paint('dim', `and ${links.length + more} links in all`)}`];
  const top = [title, ...shown, '', statesLine(state, wide, theme), ''].slice(0, about);
  const rows = talkerRows(state);
  const heads = titles === 1 ? [titleLine(wide, theme)] : [];
  if (rows.length === 0) return [...top, ...heads, theme.paint('dim', `   ${noTalkers(state)}`)].slice(0, height);
  const { index, top: from } = placed(
    listingOf(state),
    rows.map(({ key }) => key),
    list,
  );
  const lines = rows.slice(from, from + list).map((one, i) => {
    const text = talkerLine(one, wide, theme);
    return from + i === index ? theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + text, cells)) : ` ${text}`;
  });
  return [...top, ...heads, ...lines];
}

function noTalkers(state: ManagerState): string {
  if (listingOf(state).find.text !== '') return 'Nothing here has all these words; Esc shows all';
  return state.net.connections === null ? '' : 'No connection is open at this moment';
}
