// What becomes of a verb on many containers: one line for each, what failed and why, and what to do about it.
import { bulkUnder } from '../keys/subject.ts';
import { bar } from '../screen/gauge.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import { bulkSummary, countOf, shownItems } from '../store/bulk.ts';
import { headline } from '../store/failure.ts';
import type { ManagerState } from '../store/state.ts';
import type { Bulk, BulkItem } from '../store/task.ts';
import { ends, seconds } from './words.ts';

const BAR = 20;
const LABEL = 24;

const LOOKS: Readonly<Record<BulkItem['state'], { readonly role: Role; readonly word: string }>> = {
  waiting: { role: 'dim', word: 'waits' },
  running: { role: 'accent', word: 'at work' },
  done: { role: 'good', word: 'done' },
  failed: { role: 'alarm', word: 'failed' },
  cancelled: { role: 'warn', word: 'not done' },
};

function sign({ state }: BulkItem, { glyphs }: Theme): string {
  if (state === 'done') return glyphs.done;
  return state === 'failed' ? glyphs.failed : ' ';
}

function itemLine(state: ManagerState, item: BulkItem, cells: number, theme: Theme): string {
  const { role, word } = LOOKS[item.state];
  const task = state.tasks.find((one) => one.id === item.task);
  const took = task === undefined ? '' : seconds((task.endedAt ?? state.now) - task.startedAt);
  const said =
    item.failure === null ? (item.state === 'running' ? (task?.lines.at(-1)?.text ?? '') : '') : headline(item.failure.message, item.ct);
  const left = `${theme.paint(role, sign(item, theme))} ${pad(cut(item.label, LABEL, theme.glyphs.ellipsis), LABEL)} ${theme.paint(role, pad(word, 9))}`;
  const right = theme.paint('dim', `${took} `);
  const room = cells - width(left) - width(right) - 4;
  return ends(
    `${left} ${theme.paint(item.failure === null ? 'dim' : 'alarm', cut(said, Math.max(0, room), theme.glyphs.ellipsis))}`,
    right,
    cells - 1,
  );
}

function titleLine(bulk: Bulk, now: number, cells: number, theme: Theme): string {
  const over = bulk.items.length - countOf(bulk, 'waiting') - countOf(bulk, 'running');
  const name = theme.paint('title', `${bulk.title} ${bulk.items.length === 1 ? '1 container' : `${bulk.items.length} containers`}`);
  const gauge = bar(theme, over / bulk.items.length, Math.min(BAR, Math.max(4, cells - 60)), 'bar');
  const role = countOf(bulk, 'failed') > 0 ? 'alarm' : bulk.endedAt === null ? 'accent' : 'good';
  const took = theme.paint('dim', `${seconds((bulk.endedAt ?? now) - bulk.startedAt)} `);
  return ends(` ${name}  ${gauge}  ${theme.paint(role, bulkSummary(bulk))}`, took, cells);
}

const NOTHING =
  'Nothing has been done to marked containers yet. Space marks in the table; then s, x, r and the like are done to all of them.';

export function bulkLines(state: ManagerState, chosen: number, screen: number, height: number, theme: Theme): readonly string[] {
  const cells = Math.min(screen, READABLE);
  const { bulk } = state;
  if (bulk === null) return wrap(NOTHING, cells - 4).map((line) => `   ${line}`);
  const remedy = bulkUnder(state)?.failure?.remedy ?? '';
  const foot = remedy === '' ? [] : ['', ...wrap(remedy, cells - 6).map((line) => `   ${line}`)];
  const room = Math.max(1, height - 2 - foot.length);
  const items = shownItems(bulk);
  const top = Math.max(0, Math.min(chosen - Math.floor(room / 2), items.length - room));
  const rows = items.slice(top, top + room).map((item, i) => {
    const line = itemLine(state, item, cells, theme);
    if (top + i !== chosen) return ` ${line}`;
    return theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + line, screen));
  });
  return [titleLine(bulk, state.now, cells, theme), '', ...rows, ...foot].slice(0, height);
}
