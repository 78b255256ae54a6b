// What differs from container to container: patterns, and the lines of shadow that a password goes into.
import { describe, expect, test } from 'vitest';
import { fillPattern, isPatterned } from '../../../src/engine/spec/pattern.ts';
import { withPassword } from '../../../src/engine/spec/shadow.ts';

describe('a pattern', () => {
  test.each([
    ['seat-{nn}', 'seat-07'],
    ['seat-{n}', 'seat-7'],
    ['{nnn}.{id}', '007.107'],
    ['10.0.0.{id}', '10.0.0.107'],
    ['plain', 'plain'],
    ['{x}{N}{}%02d$VEID', '{x}{N}{}%02d$VEID'],
  ])('%s is %s for the seventh, which is 107', (pattern, filled) => {
    expect(fillPattern(pattern, { id: 107, n: 7 })).toBe(filled);
  });

  test('a number that needs more digits has them', () => {
    expect(fillPattern('{nn}', { id: 1, n: 123 })).toBe('123');
  });

  test('only what differs is one', () => {
    expect(['a{n}', '{id}', '{nnnn}'].every(isPatterned)).toBe(true);
    expect(['a', '{m}', '{ n }', '{i}'].some(isPatterned)).toBe(false);
  });
});

describe('a password in passwd and shadow', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/sh\nuser::1000:1000:Jos\xe9:/home:/bin/sh\n';
  const shadow = 'root:*:19723:0:99999:7:::\nuser:!:1:2:3:4:5:6:7\n';
  const at = 20_000 * 86_400_000 + 5;

  test('takes the place of the old one, with its day, and nothing else changes', () => {
    expect(withPassword({ passwd, shadow }, 'user', '$6$h', at)).toEqual({
      passwd: passwd.replace('user::', 'user:x:'),
      shadow: 'root:*:19723:0:99999:7:::\nuser:$6$h:20000:2:3:4:5:6:7\n',
    });
  });

  test('is a line of its own where shadow has none, and a shadow of its own where there is none', () => {
    expect(withPassword({ passwd, shadow: 'bin:*:1::::::' }, 'root', '$6$h', at)?.shadow).toBe(
      'bin:*:1::::::\nroot:$6$h:20000:0:99999:7:::\n',
    );
    expect(withPassword({ passwd, shadow: null }, 'root', '$6$h', at)?.shadow).toBe('root:$6$h:20000:0:99999:7:::\n');
  });

  test('is given to the first of that name only, and to nobody whose name only begins so', () => {
    const twice = withPassword({ passwd, shadow: 'rooty:1:\nroot:a:1:\nroot:b:1:\n' }, 'root', 'H', at);
    expect(twice?.shadow).toBe('rooty:1:\nroot:H:20000:\nroot:b:1:\n');
    expect(withPassword({ passwd, shadow }, 'roo', 'H', at)).toBeNull();
  });
});
