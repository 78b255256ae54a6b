// What a container's network namespace says of itself, which root inside can make as long as he likes.
import { describe, expect, test } from 'vitest';
import { addressesInside, insideNow, type ReadInside } from '../../../src/engine/net/inside-now.ts';

const DEV = 'Inter-|   Receive\n face |bytes\n    lo:       0\nvenet0:       0\n';
const ROUTE = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\nvenet0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\n';
const TRIE = 'Main:\n  +-- 0.0.0.0/0 2 0 2\n     |-- 10.0.0.1\n        /32 host LOCAL\n';
const SIX = '20010db8000000000000000000000001 02 80 00 82   venet0\n';

/** Files of that text, over and over where it is too short; no more than is asked for of any. */
const reading =
  (texts: Readonly<Record<string, string>>, long: readonly string[] = []): ReadInside =>
  (name, most) => {
    const text = texts[name] ?? '';
    return (long.includes(name) ? text.padEnd(most * 2, text) : text).slice(0, most);
  };
const TEXTS = { dev: DEV, route: ROUTE, fib_trie: TRIE, if_inet6: SIX };

describe('a network inside', () => {
  test('has links, default routes and addresses', () => {
    expect(insideNow(reading(TEXTS))).toEqual({
      links: new Set(['lo', 'venet0']),
      led: { byVenet: new Set([4]), elsewhere: new Set() },
    });
    expect(addressesInside(reading(TEXTS))).toEqual(new Set(['10.0.0.1', '2001:db8::1']));
  });

  test('is gone with its process', () => {
    expect(insideNow(reading({}))).toBeNull();
  });

  test('of more routes than anybody reads is led as root inside has chosen', () => {
    expect(insideNow(reading(TEXTS, ['route']))?.led.elsewhere).toEqual(new Set([4]));
  });

  test.each(['fib_trie', 'if_inet6'])('of more addresses than anybody reads (%s) tells none that is lacking', (name) => {
    expect(addressesInside(reading(TEXTS, [name]))).toBeNull();
  });
});
