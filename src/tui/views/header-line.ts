// The top line: the node. What does not fit is left out, the least important first.
import { bytes, heldBytes, percent } from '../screen/figures.ts';
import { sparkline } from '../screen/gauge.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { runs } from '../store/columns.ts';
import { layoutOf } from '../store/layout.ts';
import { USUAL_PERIOD } from '../store/settings.ts';
import type { ManagerState } from '../store/state.ts';
import { clockTime, seconds } from './words.ts';

/** Older figures are shown as such. */
const FRESH = 3_000;
const freshFor = (period: number): number => Math.max(FRESH, 2 * period);
const GAP = '   ';

interface Item {
  readonly text: string;
  /** The highest rank goes first. */
  readonly rank: number;
}

const levelRole = (part: number): Role => (part >= 0.95 ? 'alarm' : part >= 0.8 ? 'warn' : 'text');

function items(state: ManagerState, theme: Theme, now: number): readonly Item[] {
  const { sample } = state;
  if (sample === null) return [{ text: theme.paint('dim', loadingText(state)), rank: 1 }];
  const label = (name: string): string => theme.paint('dim', `${name} `);
  const { held, limit } = sample.memory;
  const up = sample.containers.filter(runs).length;
  const alarms = sample.containers.filter((ct) => ct.trouble !== '' && !runs(ct)).length;
  const age = now - sample.at;
  return [
    {
      text:
        label('cpu') +
        sparkline(theme, state.cpuHistory, 5, 100) +
        theme.paint(levelRole((sample.cpu ?? 0) / 100), pad(sample.cpu === null ? '' : percent(sample.cpu), 5, 'right')),
      rank: 2,
    },
    { text: label('mem') + theme.paint(levelRole(limit > 0 ? held / limit : 0), `${heldBytes(held)}/${bytes(limit)}`), rank: 3 },
    { text: label('load') + sample.load[0].toFixed(2), rank: 4 },
    {
      text: `${sample.containers.length} ${sample.containers.length === 1 ? 'CT' : 'CTs'}, ${up} up${alarms > 0 ? `, ${theme.paint('alarm', `${alarms} failed`)}` : ''}`,
      rank: 1,
    },
    ...(state.period === USUAL_PERIOD ? [] : [{ text: theme.paint('accent', `every ${state.period / 1000} s`), rank: 0.5 }]),
    ...(state.held === null || layoutOf(state).rule ? [] : [{ text: theme.paint('warn', 'rows held'), rank: 0 }]),
    ...(age > freshFor(state.period) || state.sampleTrouble !== '' ? [{ text: theme.paint('warn', `${seconds(age)} old`), rank: 0 }] : []),
    ...(state.readOnly ? [{ text: theme.paint('warn', 'read-only'), rank: 0 }] : []),
  ];
}

function loadingText(state: ManagerState): string {
  if (typeof state.engine === 'object') return 'the engine could not be loaded';
  return state.sampleTrouble || 'looking at the node';
}

export function headerLine(state: ManagerState, cells: number, theme: Theme): string {
  const clock = theme.paint('dim', clockTime(state.now).slice(0, 5));
  const host = theme.paint('title', cut(state.sample?.hostname ?? 'vzdeck', 20, theme.glyphs.ellipsis));
  let shown = items(state, theme, state.now);
  const line = (): string => ` ${[host, ...shown.map((item) => item.text)].join(GAP)}`;
  const room = cells - 8;
  while (shown.length > 0 && width(line()) > room) {
    const last = Math.max(...shown.map((item) => item.rank));
    shown = shown.filter((item) => item.rank !== last);
  }
  return `${pad(line(), cells - 6)}${clock} `;
}
