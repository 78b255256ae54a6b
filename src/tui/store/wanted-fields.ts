// The fields of vzlist that the next look at the node has to bring along: what is shown, sorted or filtered by, and nothing else.
import { type ColumnId, fieldsOf } from './columns.ts';
import type { ManagerState } from './state.ts';

export function wantedFields({ columns, sort }: Pick<ManagerState, 'columns' | 'sort'>): readonly string[] {
  const ids: readonly ColumnId[] = [...(columns ?? []), sort.column];
  return fieldsOf(ids);
}
