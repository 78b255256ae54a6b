// What stands where containers would: what is missing, and the key or command that is the next step.

import type { Obstacle } from '../../engine/index.ts';
import { keyOf } from '../keys/legend.ts';
import type { ActionId } from '../keys/table.ts';
import { clean, cut, pad } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { wrap } from '../screen/wrap.ts';
import type { ManagerState } from '../store/state.ts';

const INDENT = '   ';
/** Below this every cell is needed. */
const NARROW = 16;
/** Cells of a key before what it does. */
const KEY = 6;
const MAX_PATH = 4096;

interface Page {
  readonly title: string;
  readonly body: readonly string[];
  readonly keys: readonly (readonly [ActionId, string])[];
  readonly below: readonly string[];
  /** What is missing without being in the way of the next step. */
  readonly lacks?: readonly Obstacle[];
}

const obstacleLines = (obstacles: readonly Obstacle[]): readonly string[] =>
  obstacles.flatMap(({ what, remedy }) => [`! ${what}`, `  ${remedy}`, '']);

function pageOf(state: ManagerState): Page {
  if (typeof state.engine === 'object') {
    const { message, remedy } = state.engine.failed;
    return { title: 'The engine could not be loaded', body: [message, remedy], keys: [['quit', 'leave']], below: [] };
  }
  if (state.sample === null) {
    const title = state.sampleTrouble === '' ? 'Looking at the node' : "The node can't be looked at";
    return { title, body: [state.sampleTrouble], keys: [], below: [] };
  }
  if (state.filter.text !== '')
    return {
      title: 'No container matches',
      body: [`${state.sample.containers.length} are there; none is what "${state.filter.text}" asks for.`],
      keys: [
        [state.filtering ? 'filter-clear' : 'clear', 'show all again'],
        ['help', 'what a filter can be'],
      ],
      below: [],
    };
  const { fatal = [], rest: lacks = [] } = Object.groupBy(state.obstacles, (one) => (one.fatal ? 'fatal' : 'rest'));
  if (fatal.length > 0)
    return {
      title: "Containers can't run here yet",
      body: obstacleLines(state.obstacles),
      keys: [['quit', 'leave, mend it and come back']],
      below: [],
    };
  if (state.templates.length === 0)
    return {
      title: 'No template yet.',
      body: ['A container is made from a template: the root file system of a distribution in an archive.'],
      keys: [['template-build', 'build one: a Debian release takes about a minute']],
      below: ['An archive NAME.tar.gz, .xz or .zst in the cache directory is a template, too:', clean(state.templateCache, MAX_PATH)],
      lacks,
    };
  const names = state.templates.map((template) => clean(template.name));
  const only = names.length === 1 && names[0] === 'busybox';
  return {
    title: 'No containers yet.',
    body: [],
    keys: [
      ['create', `make one from ${names.join(' or ')}${only ? ': ready in a second, nothing to download' : ''}`],
      ['template-build', only ? 'build a Debian template first (about a minute)' : 'build another template (about a minute)'],
      ['demo', 'fill a place of its own with a demo and look around; it cleans up after itself'],
      ['help', 'all keys'],
    ],
    below: ['Your old habits work too:', 'vzctl create 101 && vzctl start 101'],
    lacks,
  };
}

export function emptyLines(state: ManagerState, width: number, height: number, theme: Theme): readonly string[] {
  const page = pageOf(state);
  const indent = width < NARROW ? '' : INDENT;
  const room = Math.max(1, width - indent.length - 1);
  const marked = (lines: readonly string[], role: 'alarm' | 'warn'): readonly string[] =>
    lines
      .flatMap((line) => (line === '' ? [''] : wrapKeepingIndent(line, room)))
      .map((line) => (line.startsWith('!') ? theme.paint(role, line) : line));
  const keys = page.keys.flatMap(([action, text]) =>
    wrap(text, room - KEY).map((line, i) => theme.paint('key', pad(i === 0 ? keyOf(state, action, theme.glyphs) : '', KEY)) + line),
  );
  const below = page.below.flatMap((line) => wrap(line, room)).map((line) => theme.paint('dim', line));
  const lines = [
    theme.paint('title', cut(page.title, room, theme.glyphs.ellipsis)),
    ...section(marked(page.body, 'alarm')),
    ...section(keys),
    ...section(below),
    ...section(marked(obstacleLines(page.lacks ?? []), 'warn')),
  ];
  const above = height > lines.length + 4 ? 2 : height > lines.length + 1 ? 1 : 0;
  return [...Array.from({ length: above }, () => ''), ...lines.map((line) => (line === '' ? '' : indent + line))].slice(0, height);
}

const section = (lines: readonly string[]): readonly string[] => {
  const kept = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  return kept.some((line) => line !== '') ? ['', ...kept] : [];
};

function wrapKeepingIndent(line: string, room: number): readonly string[] {
  const indent = /^[! ]* */.exec(line)?.[0] ?? '';
  const blank = ' '.repeat(indent.length);
  return wrap(line.slice(indent.length), room - indent.length).map((part, i) => (i === 0 ? indent : blank) + part);
}
