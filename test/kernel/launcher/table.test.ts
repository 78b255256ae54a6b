import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { OPS } from '../../../src/engine/spec/op.ts';
import { LAUNCHER, requires } from '../requires.ts';

requires('root', 'launcher')('operations', () => {
  test('are the same on both sides of the wire: code, name, places, arguments', () => {
    const ours = Object.entries(OPS).map(([name, { code, at, args }]) =>
      [code, name, ...at.map((place) => `@${place}`), ...Object.entries(args).map(([arg, kind]) => `${arg}:${kind}`)].join(' '),
    );
    const theirs = execFileSync(LAUNCHER, ['ops'], { encoding: 'utf8' }).trim().split('\n');
    expect(theirs).toEqual(ours);
  });

  test('have codes and names of their own', () => {
    const codes = Object.values(OPS).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
