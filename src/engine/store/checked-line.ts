// JSON in files of a few lines that a power cut may tear: each line stands behind its checksum, and below it the line that stood there before.
//
//   8 hexadecimal digits, CRC-32 of the rest of the line · blank · JSON · newline
import { crc32 } from 'node:zlib';
import type { Files } from '../host/port.ts';
import { jsonOf } from './segments.ts';

/** What stands before it. */
const sumOf = (json: string): string => `${crc32(json).toString(16).padStart(8, '0')} `;

function valueIn<T>(line: string, parse: (json: unknown) => T | null): T | null {
  const json = line.slice(9);
  return line.slice(0, 9) === sumOf(json) ? parse(jsonOf(json)) : null;
}

/** Null: there is no such file. `whole`: what it says is what was written last; false with what was before that, or with nothing. */
export function readChecked<T>(
  files: Pick<Files, 'read'>,
  path: string,
  parse: (json: unknown) => T | null,
): { readonly value: T | null; readonly whole: boolean } | null {
  const text = files.read(path);
  if (text === null) return null;
  const [first = '', second = ''] = text.split('\n');
  const newest = valueIn(first, parse);
  return { value: newest ?? valueIn(second, parse), whole: newest !== null };
}

/** By rename, the directory made if it is missing. */
export function writeChecked<T>(files: Files, path: string, value: object, parse: (json: unknown) => T | null): void {
  const [before = ''] = (files.read(path) ?? '').split('\n');
  files.mkdir(path.slice(0, path.lastIndexOf('/')), 0o700);
  const json = JSON.stringify(value);
  files.write(path, `${sumOf(json)}${json}\n${valueIn(before, parse) === null ? '' : `${before}\n`}`, 0o600);
}
