import { expect, test } from 'vitest';
import { DetachKeys } from '../../src/cli/commands/detach-keys.ts';

function type(...chunks: string[]): string {
  const keys = new DetachKeys();
  let passed = '';
  for (const chunk of chunks) {
    const { pass, detach } = keys.take(Buffer.from(chunk, 'latin1'));
    passed += Buffer.from(pass).toString('latin1');
    if (detach) return `${passed}|`;
  }
  return passed;
}

test.each<[string, string[], string]>([
  ['at the very beginning', ['\x1b.'], '|'],
  ['after Enter', ['ls\r\x1b.'], 'ls\r|'],
  ['in two chunks', ['\r\x1b', '.rest'], '\r|'],
  ['not within a line', ['ls\x1b.'], 'ls\x1b.'],
  ['an arrow at the start of a line goes through', ['\r\x1b[A'], '\r\x1b[A'],
  ['an ESC of its own goes through with the next key', ['\r\x1b', 'x\x1b.'], '\rx'.replace('x', '\x1bx\x1b.')],
])('%s', (_, chunks, result) => expect(type(...chunks)).toBe(result));
