// What a call is to take out of a list that does not have it: said by name, with what there is. The rest is done.
import { words } from '../spec/params/grammar.ts';
import { paramOf } from '../spec/params/table.ts';
import type { CtConfig } from '../store/registry.ts';
import { networkValues } from './network.ts';
import type { SetRequest } from './set-request.ts';
import type { VerbContext } from './verb.ts';

/** The original says nothing of these but when it is to tell all. */
const QUIET: ReadonlySet<string> = new Set(['IP_ADDRESS', 'NETDEV', 'NETIF']);
/** Things that are told by name. */
const MOST = 8;

const list = (names: readonly string[]): string =>
  [...names.slice(0, MOST), ...(names.length > MOST ? [`${names.length - MOST} more`] : [])].join(', ').replace(/, ([^,]*)$/, ' and $1');

/** Beside what the config says, and beside what runs, which may have more. */
export function sayAbsent(context: VerbContext, { id, own }: CtConfig, { changes, mix }: SetRequest): void {
  const live = networkValues(context, id);
  for (const [key, { del = 'all' }] of changes) {
    const { merge, items } = paramOf(key)?.grammar ?? {};
    if (merge === undefined || items === undefined || words(del)[0] === 'all') continue;
    const lists = [own.get(key) ?? '', live.get(key) ?? ''].filter((value) => value !== '');
    const takes = (word: string): boolean =>
      lists.some((value) => {
        const left = merge(value, { del: word }, id, context.node.around);
        return left.ok && left.value !== null && left.value !== value;
      });
    const absent = words(del).filter((word) => !takes(word));
    if (absent.length === 0) continue;
    // as it would be written to take it away
    const there = lists.flatMap((value) =>
      items.split(value).flatMap((item, at) => [items.identity(item), value.split(items.separator)[at] ?? ''].find(takes) ?? []),
    );
    const has = there.length === 0 ? 'it has none' : `it has ${list([...new Set(there)])}`;
    context.report({
      level: mix === 'refused' || !QUIET.has(key) ? -1 : 1,
      text: `Warning: container ${id} has no ${items.one} ${list(absent)} that could be taken away: ${has}`,
    });
  }
}
