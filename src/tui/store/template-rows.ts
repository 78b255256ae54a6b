// Templates as their list shows them: texts of others cleaned once, faults that a check has found kept as long as the archive is the same.
// Which containers use one is asked of the newest sample. Pure.
import type { TemplateDetail } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import type { ManagerState, TemplateRow } from './state.ts';

const MAX_PATH = 4096;

function fromText({ origin }: TemplateDetail): string {
  if (origin.kind === 'embedded') return 'came with vzdeck';
  if (origin.kind === 'archive') return 'an archive that was put there';
  return clean(`built by ${[origin.recipe, ...origin.include].join(' + ')}`);
}

export function templateRows(details: readonly TemplateDetail[], known: readonly TemplateRow[]): readonly TemplateRow[] {
  return details.map((detail) => {
    const { name, file, size, made, origin, fault, shared } = detail;
    const before = known.find((row) => row.name === name && row.size === size && row.made === made);
    const label = clean(name);
    return {
      ...{ name, label, size, made, shared },
      file: clean(file, MAX_PATH),
      embedded: origin.kind === 'embedded',
      from: fromText(detail),
      sources: origin.kind === 'built' ? origin.sources.map((line) => clean(line)) : [],
      fault: clean(fault) || (before?.checked === 'broken' ? before.fault : ''),
      checked: before?.checked ?? 'not',
    };
  });
}

/** The row with what a look at all of its bytes has found; "" for nothing. */
export const withCheck = (rows: readonly TemplateRow[], name: string, fault: string): readonly TemplateRow[] =>
  rows.map((row) => (row.name === name ? { ...row, fault, checked: fault === '' ? 'whole' : 'broken' } : row));

export interface TemplateUse {
  /** CTIDs of containers that were made from it, and of those that stand on its tree. */
  readonly users: readonly number[];
  readonly overlays: readonly number[];
}

export function usedBy({ sample }: ManagerState, { label }: TemplateRow): TemplateUse {
  const users = (sample?.containers ?? []).filter((ct) => ct.ostemplate.slice(ct.ostemplate.lastIndexOf('/') + 1) === label);
  return { users: users.map((ct) => ct.id), overlays: users.filter((ct) => ct.layout === 'overlay').map((ct) => ct.id) };
}
