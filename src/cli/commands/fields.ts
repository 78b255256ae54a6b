// vzdeck fields: what vzlist can show, all of it or what words find.
import { findListFields, listHelp } from '../../engine/index.ts';
import { CliExit } from '../command.ts';

/** Throws CliExit 21 where the words find nothing. */
export function fields(words: readonly string[], json: boolean): void {
  const found = findListFields(words);
  if (found.length === 0) throw new CliExit(21, `No field of vzlist has ${words.join(' ')} in its name or help`);
  if (json) {
    const rows = found.map((field) => ({
      name: field.name,
      head: field.head,
      unit: field.unit ?? null,
      help: listHelp(field),
      json: field.json !== null,
      sorts: field.sort !== null,
      own: field.own === true,
    }));
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    return;
  }
  for (const field of found)
    process.stdout.write(
      `${field.name.padEnd(16)} ${field.head.padEnd(14)} ${(field.unit ?? 'text').padEnd(7)} ${listHelp(field)}${field.own ? '; not in vzlist -L' : ''}\n`,
    );
}
