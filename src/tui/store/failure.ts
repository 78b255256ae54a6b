// Errors as plain data for the screen, cleaned: what they say may carry names from inside a container.
import { clean } from '../screen/text.ts';
import type { Failure } from './state.ts';

const MAX_TEXT = 1000;

interface Explained {
  readonly code: string;
  readonly remedy: string;
  readonly fields: Failure['fields'];
}

const isExplained = (error: Error): error is Error & Explained => error.name === 'VzError';

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'unknown', message: clean(String(error), MAX_TEXT), remedy: '', fields: {} };
  const message = clean(error.message, MAX_TEXT);
  if (!isExplained(error)) return { code: 'unknown', message, remedy: '', fields: {} };
  const fields = Object.fromEntries(
    Object.entries(error.fields).map(([key, value]) => [key, typeof value === 'string' ? cleanLines(value) : value]),
  );
  return { code: error.code, message, remedy: clean(error.remedy, MAX_TEXT), fields };
}

/** Fields may hold several lines (the last ones of a console); each is made harmless. */
function cleanLines(text: string): string {
  return text
    .slice(0, 16 * MAX_TEXT)
    .split(/\r?\n/)
    .map((line) => clean(line, MAX_TEXT))
    .join('\n');
}
