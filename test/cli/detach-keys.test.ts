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
  ['an answer of the terminal is not typed', ['ls\r', '\x1b[24;7R', '\x1b.'], 'ls\r\x1b[24;7R|'],
  ['nor in pieces', ['\x1b', '[', '2', ';3R\x1b', '.'], '\x1b[2;3R|'],
  ['nor who it is', ['\x1b[?64;1;22c\x1b[>41;354;0c\x1b.'], '\x1b[?64;1;22c\x1b[>41;354;0c|'],
  ['nor its colours and settings', ['\x1b]11;rgb:0/0/0\x07\x1bP1+r5463\x1b\\\x1b.'], '\x1b]11;rgb:0/0/0\x07\x1bP1+r5463\x1b\\|'],
  ['nor focus and mouse', ['\x1b[I\x1b[O\x1b[<0;3;4M\x1b[<0;3;4m\x1b.'], '\x1b[I\x1b[O\x1b[<0;3;4M\x1b[<0;3;4m|'],
  ['an answer within a line does not begin one', ['ls\x1b[2;3R\x1b.'], 'ls\x1b[2;3R\x1b.'],
  ['what only begins like an answer is typed', ['\x1bPab\x1b.', '\x1b.'], '\x1bPab\x1b.\x1b.'],
  ['an arrow is typed', ['\x1b[A\x1b.'], '\x1b[A\x1b.'],
])('%s', (_, chunks, result) => expect(type(...chunks)).toBe(result));
