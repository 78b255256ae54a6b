// getopt_long's habits, which scripts lean on, and its texts.
import { describe, expect, test } from 'vitest';
import { GetoptFault, type OptionSpec, scanOptions } from '../../src/cli/args.ts';

const SPECS: readonly OptionSpec[] = [
  { name: 'save', value: false },
  { name: 'shmpages', value: true },
  { name: 'shots', value: true, ours: true },
  { name: 'name', value: true },
  { name: 'nameserver', value: true },
  { name: 'ipadd', value: true, target: 'ip' },
  { name: 'ip', value: true, target: 'ip' },
  { name: 'offline-resize', value: false, target: 'offline' },
  { name: 'offline', value: false, target: 'offline' },
  { name: 'all', short: 'a', value: false },
  { name: 'output', short: 'o', value: true },
  { name: '', short: '1', value: false },
];

function scan(...words: string[]): { given: string[]; operands: readonly string[] } {
  const given: string[] = [];
  const operands = scanOptions(words, SPECS, ({ spec, value, byLetter }) => {
    given.push(`${byLetter ? '-' : '--'}${byLetter ? spec.short : spec.name}${spec.value ? `=${value}` : ''}`);
  });
  return { given, operands };
}

describe('what is understood', () => {
  test.each<[string[], string[], string[]]>([
    [['--name', 'x', '--save'], ['--name=x', '--save'], []],
    [['--name=x=y'], ['--name=x=y'], []],
    [['--name='], ['--name='], []],
    [['--names', 'x'], ['--nameserver=x'], []],
    [['--sa'], ['--save'], []],
    [['--sh', 'x'], ['--shmpages=x'], []],
    [['--sho', 'x'], ['--shots=x'], []],
    [['--off'], ['--offline-resize'], []],
    [['--ip', 'x'], ['--ip=x'], []],
    [['one', '--save', 'two'], ['--save'], ['one', 'two']],
    [['--name', '--save'], ['--name=--save'], []],
    [['--', '--save', 'x'], [], ['--save', 'x']],
    [['-'], [], ['-']],
    [['-ao', 'list'], ['-a', '-o=list'], []],
    [['-olist'], ['-o=list'], []],
    [['-a1'], ['-a', '-1'], []],
  ])('%j', (words, given, operands) => expect(scan(...words)).toEqual({ given, operands }));
});

describe('what is refused', () => {
  test.each([
    [['--bogus'], "unrecognized option '--bogus'"],
    [['--bogus=1'], "unrecognized option '--bogus=1'"],
    [['--NAME', 'x'], "unrecognized option '--NAME'"],
    [['--name'], "option '--name' requires an argument"],
    [['--save=1'], "option '--save' doesn't allow an argument"],
    [['--s'], "option '--s' is ambiguous; possibilities: '--save' '--shmpages'"],
    [['--nam', 'x'], "option '--nam' is ambiguous; possibilities: '--name' '--nameserver'"],
    [['-x'], "invalid option -- 'x'"],
    [['-o'], "option requires an argument -- 'o'"],
    [['-ax'], "invalid option -- 'x'"],
  ])('%j', (words, text) => {
    expect(() => scan(...words)).toThrow(GetoptFault);
    expect(() => scan(...words)).toThrow(text);
  });
});

test('options before a bad one have been taken: their own faults are told first', () => {
  const seen: string[] = [];
  expect(() => scanOptions(['--save', '--bogus'], SPECS, ({ spec }) => seen.push(spec.name))).toThrow();
  expect(seen).toEqual(['save']);
});
