// The fields of vzlist that the next look at the node has to bring along: what is shown, sorted or filtered by, and nothing else.
import { fieldsOf } from './columns.ts';
import { filterOf } from './filter.ts';
import type { ManagerState } from './state.ts';

export function wantedFields({ columns, sort, filter }: Pick<ManagerState, 'columns' | 'sort' | 'filter'>): readonly string[] {
  return fieldsOf([...(columns ?? []), sort.column, ...filterOf(filter.text).columns]);
}
