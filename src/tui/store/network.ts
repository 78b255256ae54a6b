// Networks as they were looked at last: links of the container that is looked at, or of all, how fast they were lately, and the rows that the two screens
// list. Names of links inside are root's there, and are made harmless here. Pure.
import type { CtSample, CtTraffic, LinkNow, Talk, Talker } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { finder, listingOf, placed } from './listing.ts';
import { ctLabel } from './notices.ts';
import type { ManagerState } from './state.ts';
import { NO_NET, type Pace, type SeenNet } from './view-state.ts';

/** Looks that are drawn, and those by which the busiest are found: a row is not to jump with each of them. */
const LOOKS = 60;
const LATELY = 5;

const IDLE: Pace = { up: [], down: [] };
const NAME = 15;

const cleanLink = (link: LinkNow): LinkNow => (link.kind === 'inside' ? { ...link, name: clean(link.name, NAME) } : link);

const rateOf = (links: readonly LinkNow[], part: 'up' | 'down'): number => links.reduce((sum, { rate }) => sum + (rate?.[part] ?? 0), 0);
/** What the node has no end of may be counted twice: a link upon a link. */
export const outer = (links: readonly LinkNow[]): readonly LinkNow[] => links.filter(({ kind }) => kind !== 'inside');

/** With a look. `of`: what was looked at; something else than before begins anew. */
export function withNetLook(before: SeenNet, of: number | 'all', seen: readonly CtTraffic[]): SeenNet {
  const known = before.of === of ? before : { ...NO_NET, of };
  const traffic = seen.map((ct) => ({ ...ct, links: ct.links.map(cleanLink) }));
  const next = (key: string, links: readonly LinkNow[]): readonly [string, Pace] => {
    if (links.every(({ rate }) => rate === null)) return [key, known.pace.get(key) ?? IDLE];
    const { up, down } = known.pace.get(key) ?? IDLE;
    return [key, { up: [...up, rateOf(links, 'up')].slice(-LOOKS), down: [...down, rateOf(links, 'down')].slice(-LOOKS) }];
  };
  const pace = traffic.flatMap(({ id, links }) => [
    next(String(id), outer(links)),
    ...(of === 'all' ? [] : links.map((link) => next(`${id} ${link.name}`, [link]))),
  ]);
  return { ...known, traffic, pace: new Map(pace) };
}

export const paceOf = ({ pace }: SeenNet, key: string): Pace => pace.get(key) ?? IDLE;

/** Of the container that is looked at; null before the first look. */
export const linksSeen = ({ net }: ManagerState, ct: number): readonly LinkNow[] | null =>
  net.of === ct ? (net.traffic?.find(({ id }) => id === ct)?.links ?? null) : null;

export interface TalkerRow {
  readonly key: string;
  readonly talker: Talker;
}

const portText = ({ protocol, port }: { readonly protocol: string; readonly port: number }): string =>
  port === 0 ? protocol : `${protocol}/${port}`;

export { portText };

export function talkerRows(state: ManagerState): readonly TalkerRow[] {
  const view = state.views[state.views.length - 1];
  if (view?.name !== 'container' || state.net.of !== view.ct) return [];
  const matches = finder(listingOf(state).find.text);
  return (state.net.connections?.talkers ?? []).flatMap((talker) => {
    const text = `${portText(talker)} ${talker.peer} ${talker.serves ? 'others' : 'it'}`;
    return matches(text) ? [{ key: `${portText(talker)} ${talker.serves}`, talker }] : [];
  });
}

export interface NetRow {
  readonly key: string;
  readonly ct: CtSample;
  readonly links: readonly LinkNow[];
  readonly elsewhere: boolean;
  /** Bytes a second, both ways, lately. */
  readonly lately: number;
}

const mean = (of: readonly number[]): number => of.slice(-LATELY).reduce((sum, n) => sum + n, 0) / Math.max(1, Math.min(LATELY, of.length));

/** Containers with links, the busiest first. */
export function netRows(state: ManagerState): readonly NetRow[] {
  const { net, sample } = state;
  if (net.of !== 'all' || net.traffic === null) return [];
  const matches = finder(listingOf(state).find.text);
  const containers = new Map((sample?.containers ?? []).map((ct) => [ct.id, ct]));
  return net.traffic
    .flatMap(({ id, links, elsewhere }): NetRow[] => {
      const ct = containers.get(id);
      if (ct === undefined || (links.length === 0 && !elsewhere) || !matches(`${ctLabel(ct)} ${ct.ips.join(' ')}`)) return [];
      const { up, down } = paceOf(net, String(id));
      return [{ key: String(id), ct, links, elsewhere, lately: Math.round(mean(up) + mean(down)) }];
    })
    .sort((a, b) => b.lately - a.lately || a.ct.id - b.ct.id);
}

/** The container under the cursor; null where there is none. */
export function netRowUnder(state: ManagerState): NetRow | null {
  const rows = netRows(state);
  const keys = rows.map(({ key }) => key);
  return rows[placed(listingOf(state), keys, 1).index] ?? null;
}

/** Those that a container takes part in. */
export const talksWith = ({ net }: ManagerState, ct: number): readonly Talk[] =>
  (net.talks?.talks ?? []).filter(({ from, to }) => from === ct || to === ct);

/** Lines of titles, two for each link, and the states with the gaps around them. */
const MOST_LINKS = 6;
export function networkHead(state: ManagerState): number {
  const view = state.views[state.views.length - 1];
  const links = view?.name === 'container' ? (linksSeen(state, view.ct)?.length ?? 0) : 0;
  return 1 + 2 * Math.max(1, Math.min(MOST_LINKS, links)) + 3;
}
