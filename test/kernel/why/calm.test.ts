// Disks, states and the journal; and that a node on which nothing is wrong is told so in one line.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { whyLines } from '../../../src/cli/commands/why.ts';
import { HOME } from '../lab.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { openTrouble, saidOf, type Trouble, worst } from './trouble.ts';

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
)('why, of what is well and what stands still', () => {
  let trouble: Trouble;
  let mounted = '';
  beforeAll(async () => {
    trouble = openTrouble();
    await trouble.born(102, { NAME: 'quiet' });
  });
  afterAll(async () => {
    if (mounted !== '') {
      await trouble.lab.engine.stop(101, { fast: true });
      execFileSync('umount', [mounted]);
    }
    await trouble.down();
  });

  test('a container that is well has one line, which says what was looked at', async () => {
    const found = await trouble.lab.engine.why(102);
    expect(saidOf(found, 102)).toEqual([]);
    const calm = whyLines({ ...found, sentences: [] }, 200);
    expect(calm).toHaveLength(1);
    expect(calm[0]).toMatch(/^Nothing wrong with 102: in [\d.]+ s nothing was found in memory, beancounters, .* and /);
    expect(found.evidence.containers.find(({ id }) => id === 102)?.rows.length).toBeGreaterThan(15);
  });

  test('what is frozen is told with who froze it, and how it goes on', async () => {
    await trouble.lab.engine.freeze(102);
    const { status, stdout } = spawnSync(join(HOME, 'bin/vzdeck'), ['why', '102', '--json'], {
      encoding: 'utf8',
      env: { ...process.env, VZDECK_ROOT: trouble.lab.root },
    });
    expect(status).toBe(1);
    const told: { readonly only: number; readonly sentences: readonly { readonly rule: string; readonly id: number }[] } =
      JSON.parse(stdout);
    expect([told.only, told.sentences.some(({ rule, id }) => rule === 'frozen' && id === 102)]).toEqual([102, true]);
    const found = await trouble.lab.engine.why(102);
    expect(worst(found)).toMatchObject({ rule: 'frozen', remedy: 'vzdeck thaw 102' });
    expect(worst(found)?.text).toMatch(/^stands still: frozen by \S+ [\d.]+ (s|minutes) ago$/);
    // what stands still can still be looked into
    const held = await trouble.lab.engine.who(102, 'numproc');
    expect(held?.held).toBeGreaterThan(1);
    await trouble.lab.engine.thaw(102);
    expect(saidOf(await trouble.lab.engine.why(102), 102)).toEqual([]);
  });

  test('a disk of its own that is full is an alarm with its path and who writes', async () => {
    const { engine, root } = trouble.lab;
    const area = join(root, 'vz/private/101');
    await trouble.born(101);
    await engine.stop(101, { fast: true });
    renameSync(area, `${area}.whole`);
    mkdirSync(area);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=755', 'vzdeck-why', area]);
    mounted = area;
    execFileSync('cp', ['-a', `${area}.whole/.`, area]);
    await engine.start(101);
    await trouble.begin(101, 'fills', '/heap');
    await until(() => statfsSync(area).bavail === 0);
    const found = await trouble.lab.engine.why();
    expect(worst(found) ?? found.sentences[0]).toMatchObject({ rule: 'disk-full', id: 101, severity: 'alarm' });
    expect(worst(found)?.text).toMatch(/^the disk of \/\S+ is full: 0 B of 24 MiB free/);
    // names who fills it, the largest last
    const lines = execFileSync('sh', ['-c', worst(found)?.remedy ?? ''], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(lines.at(-1)).toMatch(/^24M\s\S+\/101$/);
    expect(lines.at(-2)).toMatch(/^2\dM\s\S+\/101\/heap$/);
    expect(saidOf(found, 102)).toEqual([]);
  });

  test('what a set changed is in the journal with the value before, and a value that was kept is not', async () => {
    const { engine } = trouble.lab;
    await engine.set(
      102,
      { NUMPROC: '150:150', HOSTNAME: 'calm' },
      { save: true },
      { command: 'vzctl set 102 --numproc 150 --hostname calm --save' },
    );
    const before = engine.journal(1, 102).entries[0]?.changed;
    expect(before?.find(({ key }) => key === 'NUMPROC')?.after).toBe('150');
    await engine.set(102, { NUMPROC: '90', HOSTNAME: 'calm' }, { save: true });
    expect(engine.journal(1, 102).entries[0]?.changed).toEqual([{ key: 'NUMPROC', before: '150', after: '90' }]);
    await engine.set(102, { NUMPROC: '80' }, { save: false });
    await engine.set(102, { NUMPROC: '70' }, { save: true });
    // what held was neither the file's nor the new one
    expect(engine.journal(1, 102).entries[0]?.changed).toEqual([{ key: 'NUMPROC', before: '80', after: '70' }]);
    await engine.editConfig(102, { set: { DESCRIPTION: 'once' } });
    expect(engine.journal(1, 102).entries[0]?.changed).toEqual([{ key: 'DESCRIPTION', before: '', after: 'once' }]);
    await engine.set(102, {}, { save: true, passwords: [{ user: 'root', password: 'swordfish' }] });
    expect(JSON.stringify(engine.journal(10, 102))).not.toContain('swordfish');
    expect(saidOf(await engine.why(102), 102)).toEqual([]);
  });

  test('one whose init died is an alarm until it is started again; one that was stopped is none', async () => {
    const { engine } = trouble.lab;
    await engine.stop(102, { fast: true });
    expect(saidOf(await engine.why(102), 102)).toEqual([]);
    await engine.start(102);
    process.kill(engine.find('102')?.init?.pid ?? 0, 'SIGKILL');
    await until(() => (engine.find('102')?.trouble ?? '') !== '');
    const found = await engine.why();
    expect(saidOf(found, 102)[0]).toMatchObject({ rule: 'ended-badly', severity: 'alarm', remedy: 'vzctl start 102' });
  });
});
