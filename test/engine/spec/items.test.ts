// Lists of parameters thing by thing: what is taken apart is put together again, and the line that leads from one list to another does it by its options.
import { describe, expect, test } from 'vitest';
import { changeTo, optionsOf, setLine } from '../../../src/engine/spec/params/change-to.ts';
import { sameNetif } from '../../../src/engine/spec/params/netif-items.ts';
import { PARAMS, paramOf } from '../../../src/engine/spec/params/table.ts';
import type { Change, Item, Param } from '../../../src/engine/spec/params/types.ts';
import { AROUND } from './around.ts';
import { SEED, seeded } from './seeded.ts';

const ID = 101;
const LISTS = PARAMS.filter(({ grammar }) => grammar.items !== undefined);
const itemsOf = ({ grammar }: Param) => grammar.items!;

/** All options of a change as the command line reads them, one call after the other. */
function byOptions(param: Param, before: string, change: Change): string {
  const edits = change.edit?.split(';') ?? [undefined];
  return edits.reduce<string>((value, edit, call) => {
    const part: Change = call === 0 ? { ...change, ...(edit === undefined ? {} : { edit }) } : { ...(edit === undefined ? {} : { edit }) };
    const read: Record<string, string> = {};
    for (const [name, text] of optionsOf(param.key, part)) {
      const flag = param.flags.find((one) => one.name === name)!;
      const grammar = flag.grammar ?? param.grammar;
      const reading = grammar.read(text, AROUND);
      if (!reading.ok) throw new Error(`--${name} ${text} is refused`);
      read[flag.op] = read[flag.op] === undefined ? reading.value : grammar.join!(read[flag.op]!, reading.value);
    }
    const merged = param.grammar.merge!(value, read, ID, AROUND);
    if (!merged.ok) throw new Error(merged.text);
    return merged.value ?? value;
  }, before);
}

describe.each(LISTS.map((param) => [param.key, param] as const))('%s', (_key, param) => {
  test('what is taken apart is put together again', () => {
    const items = itemsOf(param);
    for (const example of param.grammar.examples) {
      const reading = (param.grammar.readFile ?? param.grammar.read)(example, AROUND);
      if (!reading.ok) continue;
      const texts = items.split(reading.value).map((item) => items.read(item, { id: ID, around: AROUND, others: [] }));
      expect(texts.map((one) => (one.ok ? one.value : one)).join(items.separator)).toBe(reading.value);
    }
  });

  test('each thing fits its fields, and two that are alike are told apart by nothing', () => {
    const items = itemsOf(param);
    for (const item of param.grammar.examples.flatMap((example) => items.split(example)))
      for (const { name, choices, fault, open } of items.fields) {
        const text = item[name] ?? '';
        if (text === '') expect(open, name).toBe(true);
        else expect(choices?.includes(text) ?? fault?.(text) ?? null, name).toSatisfy((said) => said === null || said === true);
        expect(items.identity({ ...item })).toBe(items.identity(item));
      }
  });
});

test.each([
  ['IP_ADDRESS', { address: '10.0.0.1 10.0.0.2' }, 'Expected one address'],
  ['IP_ADDRESS', { address: 'nothing' }, ''],
  ['IP_ADDRESS', { address: '0.0.0.0' }, "0.0.0.0 is nobody's address"],
  ['IP_ADDRESS', { address: '::' }, ":: is nobody's address"],
  ['VZDECK_LINKS', { name: 'eth0', kind: 'vlan', device: 'eth1', how: '9999' }, 'a VLAN has an id from 1 to 4094'],
  ['VZDECK_LINKS', { name: 'eth0', kind: 'vlan', device: 'eth1', how: '9', mac: '02:00:00:00:00:01' }, 'vlan has no MAC of its own'],
] as const)('%s %o is refused', (key, item: Item, why) => {
  const reading = itemsOf(paramOf(key)!).read(item, { id: ID, around: AROUND, others: [] });
  expect(reading.ok).toBe(false);
  if (!reading.ok) expect(reading.remarks?.[0]?.text ?? '').toContain(why);
});

test('auto is the address that would be chosen beside those that the list has', () => {
  const free = (_family: 4 | 6, id: number, not: readonly string[]): string => `10.0.0.${id + not.length}`;
  const reading = itemsOf(paramOf('IP_ADDRESS')!).read({ address: 'auto' }, { id: ID, around: { ...AROUND, free }, others: ['10.0.0.1'] });
  expect(reading).toMatchObject({ ok: true, value: '10.0.0.102', remarks: [{ text: '10.0.0.102 is free' }] });
});

describe('bridged devices', () => {
  const NETIF = paramOf('NETIF')!;
  const items = itemsOf(NETIF);
  const text = (item: Item): string => {
    const reading = items.read(item, { id: ID, around: AROUND, others: [] });
    if (!reading.ok) throw new Error(JSON.stringify(item));
    return reading.value;
  };

  test('what is left open follows from names, and is told', () => {
    const reading = items.read({ ifname: 'eth0', bridge: 'br0' }, { id: ID, around: AROUND, others: [] });
    expect(reading).toMatchObject({
      ok: true,
      value: expect.stringMatching(/^ifname=eth0,bridge=br0,mac=00:18:51:.*,host_ifname=veth101\.0,host_mac=/),
    });
    if (reading.ok) expect(reading.remarks?.[0]?.text).toMatch(/^mac 00:18:51:\S+, host_ifname veth101\.0, host_mac /);
  });

  test('two that are changed are two calls', () => {
    const before = [text({ ifname: 'eth0' }), text({ ifname: 'eth1' })].join(';');
    const wanted = items
      .split(before)
      .map((item) => text({ ...item, mac_filter: 'off' }))
      .join(';');
    const change = changeTo(NETIF, before, wanted, ID, AROUND)!;
    expect(change).toEqual({ edit: 'ifname=eth0,mac_filter=off;ifname=eth1,mac_filter=off' });
    expect(setLine(ID, new Map([['NETIF', change]]), true)).toBe(
      'vzctl set 101 --ifname eth0 --mac_filter off --save && vzctl set 101 --ifname eth1 --mac_filter off --save',
    );
  });

  test('a bridge that is taken away has no option', () => {
    expect(changeTo(NETIF, text({ ifname: 'eth0', bridge: 'br0' }), text({ ifname: 'eth0' }), ID, AROUND)).toBeNull();
  });

  test('from any list to any other the line of vzctl leads there, or there is none', () => {
    let ways = 0;
    for (let round = 0; round < 2_000; round++) {
      const dice = seeded(SEED * 10_000 + round);
      const some = (one: string, ...others: string[]): string => dice.pick(['', '', one, ...others]);
      const list = (): string =>
        ['eth0', 'eth1', 'eth2']
          .filter(() => dice.below(5) > 1)
          .map((ifname, at) =>
            text({
              ifname,
              bridge: some('br0', 'br1'),
              mac: some(`00:18:51:00:00:0${at}`, `02:18:51:00:00:0${at}`),
              host_ifname: some(`veth101.${at}`, `x${at}`),
              host_mac: some(`00:18:51:00:01:0${at}`),
              mac_filter: some('on', 'off'),
              ip: some('10.0.0.1/24', '10.0.0.1/24 fd00::1/64'),
              gw: some('10.0.0.254'),
              configure: some('none', 'all'),
            }),
          )
          .join(';');
      const [before, wanted] = [list(), list()];
      const change = changeTo(NETIF, before, wanted, ID, AROUND);
      const where = `VZDECK_SEED=${SEED}, round ${round}: ${before} → ${wanted}`;
      if (change === null || Object.keys(change).length === 0) continue;
      ways++;
      const { edit = '' } = change;
      // one that is renamed on both sides at once has its new fields in a call that comes after
      expect(sameNetif(byOptions(NETIF, before, change), wanted), `${where} by ${JSON.stringify(change)} ${edit}`).toBe(true);
    }
    expect(ways).toBeGreaterThan(800);
  });
});
