// What all containers but one have, of little that is asked for.
import { describe, expect, test } from 'vitest';
import type { NetContext } from '../../../src/engine/ct/node-network.ts';
import { otherContainers } from '../../../src/engine/ct/other-containers.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';
import type { Wanted } from '../../../src/engine/store/registry.ts';

const FILES: Readonly<Record<string, string>> = {
  '/p/etc/vz/vz.conf': 'NUMPROC="5"\n',
  '/p/etc/vz/conf/101.conf': 'IP_ADDRESS="10.0.0.1"\n',
  '/p/etc/vz/conf/102.conf': 'HOSTNAME="x"\n# IP_ADDRESS="10.0.0.9"\nIP_ADDRESS="10.0.0.2"\nIP_ADDRESS="10.0.0.3"\n',
  '/p/etc/vz/conf/103.conf': 'IP\\_ADDRESS="10.0.0.4"\n',
  '/p/run/vzdeck/102/network': JSON.stringify({ namespace: '', values: { IP_ADDRESS: '10.0.0.5' }, things: [] }),
};
const LISTS: Readonly<Record<string, readonly string[]>> = {
  '/p/etc/vz/conf': ['103.conf', '102.conf', '101.conf', '0.conf'],
  '/p/run/vzdeck': ['102', 'lock'],
};

function looking(): { readonly context: NetContext; readonly read: string[] } {
  const read: string[] = [];
  const files = {
    ...linuxFiles,
    list: (path: string) => LISTS[path] ?? null,
    read(path: string) {
      read.push(path);
      return FILES[path] ?? null;
    },
  };
  return { context: { host: { files }, node: loadNodeConfig(files, '/p'), report: () => {} } as unknown as NetContext, read };
}

describe('other containers', () => {
  test('have what their configs say of it, and what of it runs', () => {
    const { context } = looking();
    expect(otherContainers(context, 101, { keys: ['IP_ADDRESS'] }).map(({ id, values }) => [id, values.get('IP_ADDRESS')])).toEqual([
      [102, '10.0.0.2 10.0.0.3'],
      [102, '10.0.0.5'],
      [103, '10.0.0.4'],
    ]);
  });

  test('are not read any further where what is looked for stands nowhere in them, which a backslash may hide', () => {
    const { context } = looking();
    const wanted = (text: string): Wanted => ({ keys: ['IP_ADDRESS'], within: (all) => all.includes(text) });
    const told = (text: string) => otherContainers(context, 101, wanted(text)).map(({ id, values }) => [id, values.get('IP_ADDRESS')]);
    expect(told('10.0.0.3')).toEqual([
      [102, '10.0.0.2 10.0.0.3'],
      [102, '10.0.0.5'],
      [103, '10.0.0.4'],
    ]);
    expect(told('10.0.0.7')).toEqual([
      [102, undefined],
      [102, '10.0.0.5'],
      [103, '10.0.0.4'],
    ]);
  });

  test('are asked for nothing else', () => {
    const { context, read } = looking();
    const [, , other] = otherContainers(context, 101, { keys: ['IP_ADDRESS'] });
    expect(other?.values.has('HOSTNAME')).toBe(false);
    expect(read.filter((path) => path.includes('/run/'))).toEqual(['/p/run/vzdeck/102/network']);
  });
});
