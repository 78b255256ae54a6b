// Container 0 is the node: its CPU units weigh it against all containers together, now and after the next boot; nothing of the node's own is touched.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { placeOf } from './control-file.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('the node as container 0', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = openLab();
    lab.engine.bootstrap();
  });
  afterAll(() => lab.down());

  const weight = (): string => {
    const { version, dir } = placeOf(lab, 0, ['cpu'])!;
    return readFileSync(`${dir.slice(0, -'/0'.length)}/${version === 1 ? 'cpu.shares' : 'cpu.weight'}`, 'utf8').trim();
  };
  const kept = (): string => readFileSync(`${lab.root}/etc/vz/conf/0.conf`, 'utf8');

  test('before any container has run its units can only be kept, and the first start acts on them', async () => {
    await expect(lab.engine.set(0, { CPUUNITS: '500' }, { save: false })).rejects.toMatchObject({ code: 'node-idle', exit: 31 });
    await lab.engine.set(0, { CPUUNITS: '500' }, { save: true }, lab.run);
    expect(lab.said().slice(-2)).toEqual(['Setting CPU units: 500', `CT configuration saved to ${lab.root}/etc/vz/conf/0.conf`]);
    expect(kept()).toBe('CPUUNITS="500"\n');
    await lab.born(101);
    expect(['2048', '200']).toContain(weight());
  });

  test('more units for the node are fewer for all containers, at once', async () => {
    lab.said();
    await lab.engine.set(0, { CPUUNITS: '2000' }, { save: false }, lab.run);
    expect(['512', '50']).toContain(weight());
    expect(lab.said()[0]).toBe('Setting CPU units: 2000');
    await lab.engine.set(0, { CPUUNITS: '1000' }, { save: true }, lab.run);
    expect(['1024', '100']).toContain(weight());
  });

  test('its other limits are refused by name, or kept and told as that', async () => {
    await expect(lab.engine.set(0, { NUMPROC: '1000' }, { save: false })).rejects.toThrow(
      'NUMPROC of the node cannot be set: its own processes are in no control group of ours',
    );
    lab.said();
    await lab.engine.set(0, { NUMPROC: '1000' }, { save: true }, lab.run);
    expect(lab.said().join('\n')).toContain('NUMPROC of the node is kept, and nothing acts on it');
    expect(kept()).toContain('NUMPROC="1000"');
  });
});
