// Parameters of a running container seen whole: what files, kernel and start say of each, and how a difference is told and goes.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CtParameter } from '../../src/engine/engine.ts';
import { paramOf } from '../../src/engine/spec/params/table.ts';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('the parameters of a container', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = openLab();
  });
  afterEach(() => lab.down());

  const one = async (key: string, id = 101): Promise<CtParameter | undefined> =>
    (await lab.engine.parameters(id)).find((parameter) => parameter.key === key);
  const drifting = async (): Promise<readonly string[]> =>
    (await lab.engine.parameters(101)).filter(({ drift }) => drift).map(({ key }) => key);

  test('files and kernel agree after a start, and what is in use is told', async () => {
    await lab.born(101, { NUMPROC: '200', PHYSPAGES: '0:64M', SWAPPAGES: '0:0', CPUUNITS: '3333', CPULIMIT: '50' });
    expect(await drifting()).toEqual([]);
    expect(await one('NUMPROC')).toMatchObject({ own: '200', file: '200', live: '200', badge: 'live', section: 'beancounters' });
    expect((await one('NUMPROC'))?.held?.held).toBeGreaterThan(0);
    expect(await one('PHYSPAGES')).toMatchObject({ file: '0:16384', live: '0:16384' });
    expect(await one('CPUUNITS')).toMatchObject({ file: '3333', live: '3333' });
    expect(await one('KMEMSIZE')).toMatchObject({ file: null, live: null, badge: 'kept' });
    // nothing in its own file, something in the node's
    expect(await one('VE_PRIVATE')).toMatchObject({ badge: 'restart', live: '/vz/private/$VEID' });
  });

  test('nobody holds it to what nothing of this node acts on, whatever the table says of others', async () => {
    await lab.born(101);
    const rows = lab.engine.ubc([101]).flatMap((account) => account.rows);
    const idle = rows.filter(({ enforced, name }) => enforced === 'accounting-only' && paramOf(name.toUpperCase())?.effect === 'live');
    for (const { name } of idle) {
      const shown = await one(name.toUpperCase());
      expect(shown, name).toMatchObject({ badge: 'kept', enforcer: { by: 'nobody' } });
      expect(shown?.enforcer.how, name).toMatch(/.{10}/);
    }
    const held = rows.filter(({ enforced }) => enforced === 'kernel' || enforced === 'bpf');
    expect(held.length).toBeGreaterThan(3);
    for (const { name } of held) expect((await one(name.toUpperCase()))?.enforcer.by, name).not.toBe('nobody');
  });

  test('a change of one side only is a difference, until the other one follows', async () => {
    await lab.born(101, { NUMPROC: '200', VZDECK_TTYS: '3' });
    await lab.engine.set(101, { NUMPROC: '150' }, { save: false }, lab.run);
    expect(await one('NUMPROC')).toMatchObject({ file: '200', live: '150', drift: true });
    await lab.engine.editConfig(101, { set: { NUMPROC: '150', CPUUNITS: '2000', VZDECK_TTYS: '4' } }, lab.run);
    expect(await drifting()).toEqual(['CPUUNITS', 'VZDECK_TTYS']);
    await lab.engine.set(101, { CPUUNITS: '2000' }, { save: true }, lab.run);
    expect(await one('VZDECK_TTYS')).toMatchObject({ file: '4', live: '3', drift: true, badge: 'restart' });
    await lab.engine.restart(101, { fast: true }, lab.run);
    expect(await drifting()).toEqual([]);
    expect(await one('VZDECK_TTYS')).toMatchObject({ live: '4' });
  });

  test('what no file says has a default that is told; what does not run has nothing', async () => {
    await lab.born(101);
    await lab.engine.editConfig(101, { unset: ['NUMPROC'] }, lab.run);
    const numproc = await one('NUMPROC');
    expect(numproc).toMatchObject({ own: null, file: null, drift: true });
    expect(Number(numproc?.derived)).toBeGreaterThan(0);
    await lab.engine.stop(101, { fast: true }, lab.run);
    expect(await one('NUMPROC')).toMatchObject({ live: null, held: null, drift: false, derived: numproc?.derived });
  });

  test('a config of the days before RAM and swap loads, starts with what it can mean, says so, and stays as it was', async () => {
    lab.engine.bootstrap();
    await lab.engine.create(101, { ostemplate: 'busybox', values: {} }, lab.run);
    const classic = [
      '# Primary parameters',
      'AVNUMPROC="40:40"',
      'NUMPROC=65 # bare, and so not read',
      'NUMPROC="65:65"',
      'VMGUARPAGES="6144:2147483647"',
      '',
      '# Secondary parameters',
      'KMEMSIZE="2752512:2936012"',
      'PRIVVMPAGES="22528:24576"',
      '# Auxiliary parameters',
      'NUMPTY="16:16"',
      'IPTENTRIES="128"',
      'DISKSPACE="1048576:1153434"',
      '#UUID: 1',
      'CPUUNITS="1000"',
      'VE_ROOT="/vz/root/$VEID"',
      `VE_PRIVATE=/vz/private/$\{VEID}`,
      'OSTEMPLATE="busybox"',
      'ORIGIN_SAMPLE="basic"',
      'VZDECK_IDBASE="1885339648"',
    ].join('\n');
    const file = `${lab.root}/etc/vz/conf/101.conf`;
    writeFileSync(file, classic);
    lab.said();
    await lab.engine.start(101, {}, lab.run);
    expect(lab.said()).toContain(
      '! Warning: Its config has no PHYSPAGES: the barrier of PRIVVMPAGES, 88 MiB, is taken for its RAM, and there is no swap',
    );
    expect(await one('PHYSPAGES')).toMatchObject({ file: null, derived: '0:22528', live: '0:22528', drift: false });
    expect(await one('NUMPROC')).toMatchObject({ file: '65', live: '65' });
    expect(await one('NUMIPTENT')).toMatchObject({ file: '128' });
    expect(readFileSync(file, 'utf8')).toBe(classic);
    await lab.engine.set(101, { DESCRIPTION: 'old' }, { save: true }, lab.run);
    expect(readFileSync(file, 'utf8')).toBe(`${classic}\nDESCRIPTION="old"\n`);
  });

  test('where it lies is not changed under what runs', async () => {
    await lab.born(101);
    await expect(lab.engine.editConfig(101, { set: { VE_ROOT: '/elsewhere' } }, lab.run)).rejects.toMatchObject({ code: 'path-running' });
    await expect(lab.engine.editConfig(101, { unset: ['VE_PRIVATE'] }, lab.run)).rejects.toMatchObject({ code: 'path-running' });
    await lab.engine.editConfig(101, { set: { NAME: 'web' } }, lab.run);
    expect(lab.engine.find('web')?.id).toBe(101);
    await lab.engine.editConfig(101, { unset: ['NAME'] }, lab.run);
    expect(lab.engine.find('web')).toBeNull();
  });
});
