// Errors as plain data for the screen, cleaned: what they say may carry names from inside a container.
import type { Outcome } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import type { Failure } from './task.ts';

const MAX_TEXT = 1000;

interface Explained {
  readonly code: string;
  readonly remedy: string;
  readonly fields: Failure['fields'];
}

const isExplained = (error: Error): error is Error & Explained => error.name === 'VzError';

/** The engine writes CTID where a remedy's command wants one; `ct` is whose failure it is. */
export function failureOf(error: unknown, ct: number | null = null): Failure {
  if (!(error instanceof Error)) return { code: 'unknown', message: clean(String(error), MAX_TEXT), remedy: '', fields: {} };
  const message = clean(error.message, MAX_TEXT);
  if (!isExplained(error)) return { code: 'unknown', message, remedy: '', fields: {} };
  const remedy = clean(error.remedy, MAX_TEXT).replaceAll('CTID', String(ct ?? 'CTID'));
  return { code: error.code, message, remedy, fields: cleanFields(error.fields) };
}

/** A failure's sentence without what stands beside it anyway: whose it is, and which operation of the launcher it was. */
export function headline(text: string, ct: number | null): string {
  return text.replace(` of container ${ct}`, '').replace(/^[^:]+ failed at \S+ operation \d+ \([^)]*\): /, '');
}

/** How a container ended, from the note that its last start or its keeper left. */
export function endedFailure(trouble: string, outcome: Outcome | null): Failure {
  const fields = { ...cleanFields(outcome?.failure?.fields ?? {}), lines: cleanLines((outcome?.lines ?? []).join('\n')) };
  return { code: outcome?.failure?.code ?? 'ended', message: clean(trouble, MAX_TEXT), remedy: '', fields };
}

function cleanFields(fields: Failure['fields']): Failure['fields'] {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? cleanLines(value) : value]));
}

/** Fields may hold several lines (the last ones of a console); each is made harmless. */
function cleanLines(text: string): string {
  return text
    .slice(0, 16 * MAX_TEXT)
    .split(/\r?\n/)
    .map((line) => clean(line, MAX_TEXT))
    .join('\n');
}
